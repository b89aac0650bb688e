import type { FieldError } from '../../errors.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../types/apps.v1.ts';
import type { PodTemplateSpec } from '../../types/core.v1.ts';
import type { LabelSelector } from '../../types/meta.v1.ts';
import { forbidden, goIntOrString, goMap, goSelector, invalid, invalidEach, nonNegative, oneOf, required, unsupported } from '../../validation/field.ts';
import { dns1123Label } from '../../validation/formats.ts';
import { sameValue } from '../../validation/immutable.ts';
import { selectsAll, validateAnnotations, validateLabels, validateLabelSelector } from '../../validation/metadata.ts';
import { atMost100Percent, countOrPercent, numberOf, selects } from '../../validation/values.ts';
import { validateLongRunning, validatePodTemplate } from '../core/pod-spec-validation.ts';

/** Validation of workloads: pkg/apis/apps/validation/validation.go, and the strategies' rule that selectors stay. */

/** A selector that is there, selects something, and selects the template's own pods. One that cannot be read is complained of once more as a whole, in `unreadable`. */
function validateSelector(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined, emptyText: string, unreadable: string): FieldError[] {
  const errors = selector ? validateLabelSelector(selector, 'spec.selector') : [required('spec.selector')];
  if (selector && errors.length > 0) return [...errors, invalid('spec.selector', goSelector(selector), unreadable)];
  if (selector && selectsAll(selector)) errors.push(invalid('spec.selector', goSelector(selector), emptyText));
  return [...errors, ...matchesTemplate(selector, template)];
}

function matchesTemplate(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined): FieldError[] {
  const labels = template?.metadata.labels;
  return selects(selector, labels) ? [] : [invalid('spec.template.metadata.labels', goMap(labels), '`selector` does not match template `labels`')];
}

/** apps/v1 keeps a workload's selector as it was made. */
export function selectorStays(next: { spec: { selector?: LabelSelector } }, old: { spec: { selector?: LabelSelector } }): FieldError[] {
  return sameValue(next.spec.selector, old.spec.selector) ? [] : [invalid('spec.selector', goSelector(next.spec.selector), 'field is immutable')];
}

export function validateDeployment({ spec }: Deployment): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelector(spec.selector, spec.template, 'empty selector is invalid for deployment', 'invalid label selector'),
    ...validatePodTemplate(spec.template, 'spec.template'),
    ...validateLongRunning(spec.template, 'ReplicaSet', 'spec.template'),
    ...validateDeploymentStrategy(spec.strategy, 'spec.strategy'),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', deadline),
    ...(deadline !== undefined && deadline <= minReadySeconds ? [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')] : []),
  ];
}

function validateDeploymentStrategy(strategy: Deployment['spec']['strategy'], at: string): FieldError[] {
  const { type, rollingUpdate } = strategy ?? {};
  if (type === 'Recreate') return rollingUpdate ? [forbidden(`${at}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : [];
  if (type !== 'RollingUpdate') return [unsupported(at, strategy ?? {}, ['Recreate', 'RollingUpdate'])];
  if (!rollingUpdate) return [required(`${at}.rollingUpdate`, 'this should be defaulted and never be nil')];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const stuck = numberOf(maxUnavailable) === 0 && numberOf(maxSurge) === 0;
  return [
    ...countOrPercent(maxUnavailable, `${at}.rollingUpdate.maxUnavailable`),
    ...countOrPercent(maxSurge, `${at}.rollingUpdate.maxSurge`),
    ...(stuck ? [invalid(`${at}.rollingUpdate.maxUnavailable`, goIntOrString(maxUnavailable), 'may not be 0 when `maxSurge` is 0')] : []),
    ...atMost100Percent(maxUnavailable, `${at}.rollingUpdate.maxUnavailable`),
  ];
}

type Counts = Readonly<Record<string, unknown>>;

/** Counts of a status: none below zero, and none above the one that bounds it. */
function validateCounts(status: Counts | undefined, fields: readonly string[], bounds: readonly (readonly [field: string, bound: string, text: string])[]): FieldError[] {
  const count = (field: string) => (typeof status?.[field] === 'number' ? status[field] : 0);
  return [
    ...fields.flatMap((field) => nonNegative(`status.${field}`, count(field))),
    ...bounds.flatMap(([field, bound, text]) => (count(field) > count(bound) ? [invalid(`status.${field}`, count(field), text)] : [])),
  ];
}

const ABOVE = 'cannot be greater than status.replicas';

export function validateDeploymentStatus({ status }: Deployment): FieldError[] {
  return validateCounts(status as Counts | undefined, ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'], [
    ['updatedReplicas', 'replicas', ABOVE],
    ['readyReplicas', 'replicas', ABOVE],
    ['availableReplicas', 'replicas', ABOVE],
    ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
  ]);
}

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateSelector(spec.selector, spec.template, 'empty selector is invalid for deployment', 'invalid label selector'),
    ...(spec.template ? [...validatePodTemplate(spec.template, 'spec.template'), ...validateLongRunning(spec.template, 'ReplicaSet', 'spec.template')] : [required('spec.template')]),
  ];
}

/** Also for replication controllers, whose status has the same counts. */
export function validateReplicaStatus({ status }: { status?: object }): FieldError[] {
  return validateCounts(status as Counts | undefined, ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration', 'terminatingReplicas'], [
    ['fullyLabeledReplicas', 'replicas', ABOVE],
    ['readyReplicas', 'replicas', ABOVE],
    ['availableReplicas', 'replicas', ABOVE],
    ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
  ]);
}

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const empty = spec.selector && selectsAll(spec.selector);
  return [
    ...validateLabelSelector(spec.selector, 'spec.selector'),
    ...matchesTemplate(spec.selector, spec.template),
    ...(empty ? [invalid('spec.selector', goSelector(spec.selector), 'empty selector is invalid for daemonset')] : []),
    ...validatePodTemplate(spec.template, 'spec.template'),
    ...validateLongRunning(spec.template, 'DaemonSet', 'spec.template'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateDaemonStrategy(spec.updateStrategy, 'spec.updateStrategy'),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

function validateDaemonStrategy(strategy: DaemonSet['spec']['updateStrategy'], at: string): FieldError[] {
  if (strategy?.type === 'OnDelete') return [];
  if (strategy?.type !== 'RollingUpdate') return [unsupported(at, strategy ?? {}, ['RollingUpdate', 'OnDelete'])];
  if (!strategy.rollingUpdate) return [required(`${at}.rollingUpdate`)];
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate;
  const path = `${at}.rollingUpdate`;
  const errors = [
    ...countOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...countOrPercent(maxSurge, `${path}.maxSurge`),
    ...atMost100Percent(maxUnavailable, `${path}.maxUnavailable`),
    ...atMost100Percent(maxSurge, `${path}.maxSurge`),
  ];
  const [away, extra] = [numberOf(maxUnavailable) !== 0, numberOf(maxSurge) !== 0];
  if (away && extra) errors.push(invalid(`${path}.maxSurge`, goIntOrString(maxSurge), 'may not be set when maxUnavailable is non-zero'));
  if (!away && !extra) errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const { podManagementPolicy: policy, updateStrategy: strategy, template } = spec;
  const errors: FieldError[] = [];
  if (!policy) errors.push(required('spec.podManagementPolicy'));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') errors.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  if (!strategy?.type) errors.push(required('spec.updateStrategy'));
  else if (strategy.type === 'OnDelete') {
    if (strategy.rollingUpdate) errors.push(invalid('spec.updateStrategy.rollingUpdate', strategy.rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
  } else if (strategy.type === 'RollingUpdate') errors.push(...nonNegative('spec.updateStrategy.rollingUpdate.partition', strategy.rollingUpdate?.partition));
  else errors.push(invalid('spec.updateStrategy', strategy, "must be 'RollingUpdate' or 'OnDelete'"));
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    errors.push(...oneOf(`spec.persistentVolumeClaimRetentionPolicy.${field}`, spec.persistentVolumeClaimRetentionPolicy?.[field], ['Delete', 'Retain']));
  }
  return [
    ...errors,
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...validateSelector(spec.selector, template, 'empty selector is invalid for statefulset', ''),
    ...validateLabels(template.metadata.labels, 'spec.template.labels'),
    ...validateAnnotations(template.metadata.annotations, 'spec.template.annotations'),
    ...oneOf('spec.template.spec.restartPolicy', template.spec.restartPolicy, ['Always']),
    ...(template.spec.activeDeadlineSeconds === undefined ? [] : [forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in StatefulSet is not Supported')]),
  ];
}

/** The headless service's name, which only a new set is refused for: it cannot change later. */
export function validateNewStatefulSet({ spec }: StatefulSet): FieldError[] {
  return spec.serviceName ? invalidEach('spec.serviceName', spec.serviceName, dns1123Label(spec.serviceName)) : [];
}

export function validateStatefulSetUpdate(next: StatefulSet, old: StatefulSet): FieldError[] {
  const { replicas, template, updateStrategy, minReadySeconds, ordinals, revisionHistoryLimit, persistentVolumeClaimRetentionPolicy } = old.spec;
  const kept = { ...next.spec, replicas, template, updateStrategy, minReadySeconds, ordinals, revisionHistoryLimit, persistentVolumeClaimRetentionPolicy };
  if (sameValue(kept, old.spec)) return [];
  return [forbidden('spec', "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")];
}
