import { compareQuantities, parseQuantity, quantityMilliValue, type Quantity } from '../../../base/quantity.ts';
import type { FieldError } from '../../errors.ts';
import type { LimitRange, LimitRangeItem, ResourceQuota } from '../../types/core.v1.ts';
import { duplicate, each, forbidden, invalid, invalidEach, required, verbatim } from '../../validation/field.ts';
import { qualifiedName } from '../../validation/formats.ts';
import { sameValue } from '../../validation/immutable.ts';
import { quantityOrUndefined, resourceAmount } from '../../validation/values.ts';
import { containerResourceName, resourceName } from './resource-validation.ts';

/** Validation of resource quotas and limit ranges: pkg/apis/core/validation/validation.go. */

const SCOPES = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity', 'VolumeAttributesClass'];
const COMPUTE = ['pods', 'cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory', 'ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage'];
const QUOTA_NAMES = new Set([
  ...COMPUTE, 'requests.storage', 'persistentvolumeclaims', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'services.nodeports', 'services.loadbalancers',
]);
const CONFLICTS = [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']] as const;

const isQuotaName = (name: string) => QUOTA_NAMES.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');

/** Whether a scope says anything about a resource. */
function scopeFits(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass') return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
  if (['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity'].includes(scope)) return COMPUTE.includes(resource) || resource.startsWith('requests.hugepages-') || resource.startsWith('hugepages-');
  return true;
}

export function validateQuota({ spec }: ResourceQuota): FieldError[] {
  const hard = spec.hard ?? {};
  const names = Object.keys(hard).sort();
  const amounts = Object.entries(hard).flatMap(([name, amount]) => [...quotaName(name, `spec.hard[${name}]`), ...resourceAmount(name, amount, `spec.hard[${name}]`)]);
  const misfits = (scope: string) => names.filter((name) => isQuotaName(name) && !scopeFits(scope, name));
  const scopes = spec.scopes ?? [];
  const conflicting = (set: readonly string[]) => CONFLICTS.filter((pair) => pair.every((scope) => set.includes(scope)));
  return [
    ...amounts,
    ...scopes.flatMap((scope) => [
      ...(SCOPES.includes(scope) ? [] : [invalid('spec.scopes', goScopes(scopes), 'unsupported scope')]),
      ...misfits(scope).map(() => invalid('spec.scopes', goScopes(scopes), 'unsupported scope applied to resource')),
    ]),
    ...conflicting(scopes).map(() => invalid('spec.scopes', goScopes(scopes), 'conflicting scopes')),
    ...validateScopeSelector(spec, misfits, conflicting),
  ];
}

const goScopes = (scopes: readonly string[]) => verbatim(`[]core.ResourceQuotaScope{${scopes.map((scope) => JSON.stringify(scope)).join(', ')}}`);

function quotaName(name: string, at: string): FieldError[] {
  const errors = resourceName(name, at);
  // Counts of any kind of object: count/deployments.apps.
  return name.includes('/') || isQuotaName(name) ? errors : [...errors, invalid(at, verbatim(name), 'must be a standard resource for quota')];
}

function validateScopeSelector(spec: ResourceQuota['spec'], misfits: (scope: string) => readonly string[], conflicting: (set: readonly string[]) => readonly unknown[]): FieldError[] {
  const at = 'spec.scopeSelector.matchExpressions';
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  const errors = expressions.flatMap(({ scopeName, operator, values = [] }) => {
    const own: FieldError[] = SCOPES.includes(scopeName) ? [] : [invalid(`${at}.scopeName`, scopeName, 'unsupported scope')];
    own.push(...misfits(scopeName).map(() => invalid(at, spec.scopeSelector, 'unsupported scope applied to resource')));
    if (['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'].includes(scopeName) && operator !== 'Exists') {
      own.push(invalid(`${at}.operator`, operator, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"));
    }
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) own.push(required(`${at}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) own.push(invalid(`${at}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    } else own.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'));
    return own;
  });
  return [...errors, ...conflicting(expressions.map((e) => e.scopeName)).map(() => invalid(at, spec.scopes, 'conflicting scopes'))];
}

export function validateQuotaUpdate(next: ResourceQuota, old: ResourceQuota): FieldError[] {
  const same = sameValue([...(next.spec.scopes ?? [])].sort(), [...(old.spec.scopes ?? [])].sort());
  return same ? [] : [invalid('spec.scopes', next.spec.scopes ?? [], 'field is immutable')];
}

export function validateQuotaStatus({ status }: ResourceQuota): FieldError[] {
  return (['hard', 'used'] as const).flatMap((list) => Object.entries(status?.[list] ?? {}).flatMap(([name, amount]) => [...resourceName(name, `status.${list}[${name}]`), ...resourceAmount(name, amount, `status.${list}[${name}]`)]));
}

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const types = new Set<string>();
  return each(spec.limits, 'spec.limits', (item, at) => {
    const errors = invalidEach(`${at}.type`, item.type ?? '', qualifiedName(item.type ?? ''));
    if (errors.length === 0 && !item.type.includes('/') && !['Pod', 'Container', 'PersistentVolumeClaim'].includes(item.type)) errors.push(invalid(`${at}.type`, item.type, 'must be a standard limit type or fully qualified'));
    if (types.has(item.type)) errors.push(duplicate(`${at}.type`, item.type));
    types.add(item.type);
    return [...errors, ...validateLimits(item, at)];
  });
}

const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

function validateLimits(item: LimitRangeItem, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const checkName = item.type === 'Pod' || item.type === 'Container' ? containerResourceName : resourceName;
  const names = new Set<string>();
  for (const list of LISTS) {
    if (item.type === 'Pod' && (list === 'default' || list === 'defaultRequest')) {
      if (Object.keys(item[list] ?? {}).length > 0) errors.push(forbidden(`${at}.${list}`, "may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const [name, amount] of Object.entries(item[list] ?? {})) {
      names.add(name);
      errors.push(...checkName(name, `${at}.${list}[${name}]`), ...resourceAmount('', amount, `${at}.${list}[${name}]`));
    }
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.storage === undefined && item.max?.storage === undefined) {
    errors.push(required(`${at}.limits`, 'either minimum or maximum storage value is required, but neither was provided'));
  }
  return [...errors, ...[...names].flatMap((name) => validateOrder(item, name, at))];
}

const ONE = parseQuantity('1');

/** min <= default request <= default <= max, and a ratio that leaves room. */
function validateOrder(item: LimitRangeItem, name: string, at: string): FieldError[] {
  const text = (list: (typeof LISTS)[number]) => item[list]?.[name];
  const amount = (list: (typeof LISTS)[number]): Quantity | undefined => quantityOrUndefined(text(list));
  const above = (a: Quantity | undefined, b: Quantity | undefined) => a !== undefined && b !== undefined && compareQuantities(a, b) > 0;
  const [min, max, limit, request, ratio] = [amount('min'), amount('max'), amount('default'), amount('defaultRequest'), amount('maxLimitRequestRatio')];
  const complaint = (list: string, value: string | undefined, detail: string) => invalid(`${at}.${list}[${name}]`, value, detail);
  const errors: FieldError[] = [];
  if (above(min, max)) errors.push(complaint('min', text('min'), `min value ${text('min')} is greater than max value ${text('max')}`));
  if (above(min, request)) errors.push(complaint('defaultRequest', text('defaultRequest'), `min value ${text('min')} is greater than default request value ${text('defaultRequest')}`));
  if (above(request, max)) errors.push(complaint('defaultRequest', text('defaultRequest'), `default request value ${text('defaultRequest')} is greater than max value ${text('max')}`));
  if (above(request, limit)) errors.push(complaint('defaultRequest', text('defaultRequest'), `default request value ${text('defaultRequest')} is greater than default limit value ${text('default')}`));
  if (above(min, limit)) errors.push(complaint('default', text('min'), `min value ${text('min')} is greater than default value ${text('default')}`));
  if (above(limit, max)) errors.push(complaint('default', text('max'), `default value ${text('default')} is greater than max value ${text('max')}`));
  if (above(ONE, ratio)) errors.push(complaint('maxLimitRequestRatio', text('maxLimitRequestRatio'), `ratio ${text('maxLimitRequestRatio')} is less than 1`));
  if (ratio && min && max && min.nanos > 0n) {
    const most = quantityMilliValue(max) / quantityMilliValue(min);
    if (quantityMilliValue(ratio) / 1000 > most) errors.push(complaint('maxLimitRequestRatio', text('maxLimitRequestRatio'), `ratio ${text('maxLimitRequestRatio')} is greater than max/min = ${most.toFixed(6)}`));
  }
  return errors;
}
