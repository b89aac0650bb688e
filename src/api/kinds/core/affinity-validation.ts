import type { FieldError } from '../../errors.ts';
import type { Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm, Toleration, TopologySpreadConstraint } from '../../types/core.v1.ts';
import { duplicate, each, forbidden, invalid, invalidEach, oneOf, required } from '../../validation/field.ts';
import { dns1123Label, dns1123Subdomain, labelValueFormat } from '../../validation/formats.ts';
import { validateLabelName, validateLabelSelector } from '../../validation/metadata.ts';

/** Where a pod may go: affinity, tolerations, spreading (pkg/apis/core/validation/validation.go). */

export function validateAffinity(affinity: Affinity | undefined, at: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return [
    ...(required ? validateNodeSelector(required, `${at}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`) : []),
    ...each(nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution, `${at}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution`, (term, path) => [
      ...weight(term.weight, path),
      ...validateTerm(term.preference ?? {}, `${path}.preference`),
    ]),
    ...podTerms(podAffinity, `${at}.podAffinity`),
    ...podTerms(podAntiAffinity, `${at}.podAntiAffinity`),
  ];
}

function podTerms(affinity: Affinity['podAffinity'], at: string): FieldError[] {
  return [
    ...each(affinity?.requiredDuringSchedulingIgnoredDuringExecution, `${at}.requiredDuringSchedulingIgnoredDuringExecution`, validatePodTerm),
    ...each(affinity?.preferredDuringSchedulingIgnoredDuringExecution, `${at}.preferredDuringSchedulingIgnoredDuringExecution`, (term, path) => [
      ...weight(term.weight, path),
      ...(term.podAffinityTerm ? validatePodTerm(term.podAffinityTerm, `${path}.podAffinityTerm`) : [required(`${path}.podAffinityTerm.topologyKey`, 'can not be empty')]),
    ]),
  ];
}

function weight(value: number | undefined, at: string): FieldError[] {
  return value !== undefined && value >= 1 && value <= 100 ? [] : [invalid(`${at}.weight`, value ?? 0, 'must be in the range 1-100')];
}

function validatePodTerm(term: PodAffinityTerm, at: string): FieldError[] {
  return [
    ...validateLabelSelector(term.labelSelector, `${at}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${at}.namespaceSelector`),
    ...(term.namespaces ?? []).flatMap((name) => invalidEach(`${at}.namespace`, name, dns1123Label(name))),
    ...(term.topologyKey ? [] : [required(`${at}.topologyKey`, 'can not be empty')]),
    ...validateLabelName(term.topologyKey ?? '', `${at}.topologyKey`),
  ];
}

/** A node selector with at least one term. */
export function validateNodeSelector(selector: NodeSelector, at: string): FieldError[] {
  if ((selector.nodeSelectorTerms ?? []).length === 0) return [required(`${at}.nodeSelectorTerms`, 'must have at least one node selector term')];
  return each(selector.nodeSelectorTerms, `${at}.nodeSelectorTerms`, validateTerm);
}

function validateTerm(term: NodeSelectorTerm, at: string): FieldError[] {
  return [...each(term.matchExpressions, `${at}.matchExpressions`, validateExpression), ...each(term.matchFields, `${at}.matchFields`, validateField)];
}

function validateExpression(requirement: NodeSelectorRequirement, at: string): FieldError[] {
  const values = requirement.values ?? [];
  const errors: FieldError[] = [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) errors.push(required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      errors.push(invalid(`${at}.operator`, requirement.operator ?? '', 'not a valid selector operator'));
  }
  return [...errors, ...validateLabelName(requirement.key ?? '', `${at}.key`), ...each(values, `${at}.values`, (value, path) => invalidEach(path, value, labelValueFormat(value)))];
}

function validateField(requirement: NodeSelectorRequirement, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (requirement.operator !== 'In' && requirement.operator !== 'NotIn') errors.push(invalid(`${at}.operator`, requirement.operator ?? '', 'not a valid selector operator'));
  else if (requirement.values?.length !== 1) errors.push(required(`${at}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  if (requirement.key !== 'metadata.name') return [...errors, invalid(`${at}.key`, requirement.key ?? '', 'not a valid field selector key')];
  return [...errors, ...each(requirement.values, `${at}.values`, (value, path) => invalidEach(path, value, dns1123Subdomain(value)))];
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(tolerations: readonly Toleration[] | undefined, at: string): FieldError[] {
  return each(tolerations, at, (toleration, path) => {
    const { key, operator = '', value = '', effect, tolerationSeconds } = toleration;
    const errors = key ? validateLabelName(key, `${path}.key`) : [];
    if (!key && operator !== 'Exists') errors.push(invalid(`${path}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'));
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') errors.push(invalid(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    if (operator === 'Equal' || operator === '') {
      const bad = labelValueFormat(value);
      if (bad.length > 0) errors.push(invalid(`${path}.operator`, value, bad.join(';')));
    } else if (operator === 'Exists') {
      if (value !== '') errors.push(invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    } else errors.push(...oneOf(`${path}.operator`, operator, ['Equal', 'Exists']));
    return effect ? [...errors, ...oneOf(`${path}.effect`, effect, EFFECTS)] : errors;
  });
}

/** The effect of a node's taint. */
export function validateTaintEffect(effect: string | undefined, at: string): FieldError[] {
  return effect ? oneOf(at, effect, EFFECTS) : [required(at)];
}

export function validateSpread(constraints: readonly TopologySpreadConstraint[] | undefined, at: string): FieldError[] {
  return each(constraints, at, (constraint, path, i) => {
    const errors: FieldError[] = [];
    if (!(constraint.maxSkew > 0)) errors.push(invalid(`${path}.maxSkew`, constraint.maxSkew ?? 0, 'must be greater than zero'));
    if (!constraint.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
    errors.push(...oneOf(`${path}.whenUnsatisfiable`, constraint.whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']));
    const again = constraints!.slice(i + 1).some((other) => other.topologyKey === constraint.topologyKey && other.whenUnsatisfiable === constraint.whenUnsatisfiable);
    if (again) errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`));
    if (constraint.minDomains !== undefined) {
      if (constraint.minDomains <= 0) errors.push(invalid(`${path}.minDomains`, constraint.minDomains, 'must be greater than zero'));
      if (constraint.whenUnsatisfiable !== 'DoNotSchedule') errors.push(invalid(`${path}.minDomains`, constraint.minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${constraint.whenUnsatisfiable}`));
    }
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      if (constraint[field] !== undefined) errors.push(...oneOf(`${path}.${field}`, constraint[field], ['Honor', 'Ignore']));
    }
    return [...errors, ...validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`)];
  });
}
