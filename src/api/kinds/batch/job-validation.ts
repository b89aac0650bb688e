import type { FieldError } from '../../errors.ts';
import type { Job, JobSpec, PodFailurePolicyRule } from '../../types/batch.v1.ts';
import { duplicate, each, goMap, goSelector, invalid, nonNegative, oneOf, required, tooMany, unsupported } from '../../validation/field.ts';
import { dns1123Label, qualifiedName } from '../../validation/formats.ts';
import { immutable, sameValue } from '../../validation/immutable.ts';
import { validateLabelSelector } from '../../validation/metadata.ts';
import { selects } from '../../validation/values.ts';
import { validatePodTemplate } from '../core/pod-spec-validation.ts';

/** Validation of jobs: pkg/apis/batch/validation/validation.go. */
export function validateJob(job: Job): FieldError[] {
  const { spec, metadata } = job;
  const errors = [...validateGeneratedSelector(job), ...validateJobSpec(spec, 'spec')];
  if (!spec.selector) errors.push(required('spec.selector'));
  else errors.push(...validateLabelSelector(spec.selector, 'spec.selector'));
  if (spec.selector && !selects(spec.selector, spec.template.metadata.labels)) {
    errors.push(invalid('spec.template.metadata.labels', goMap(spec.template.metadata.labels), '`selector` does not match template `labels`'));
  }
  if (spec.completionMode === 'Indexed' && spec.completions) {
    const host = `${metadata.name}-${spec.completions - 1}`;
    if (dns1123Label(host).length > 0) errors.push(invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${host}`));
  }
  return errors;
}

/** The labels that bind pods to the job are the job's own, unless its selector is the user's. */
function validateGeneratedSelector({ spec, metadata }: Job): FieldError[] {
  if (spec.manualSelector) return [];
  const labels = spec.template.metadata.labels ?? {};
  const expected = { 'controller-uid': metadata.uid, 'batch.kubernetes.io/controller-uid': metadata.uid, 'job-name': metadata.name, 'batch.kubernetes.io/job-name': metadata.name };
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(expected)) {
    if (labels[key] === undefined) errors.push(required(`spec.template.metadata.labels[${key}]`, `must be '${value}'`));
    else if (labels[key] !== value) errors.push(invalid('spec.template.metadata.labels', goMap(labels), `must be '${value}'`));
  }
  const selected = spec.selector?.matchLabels?.['batch.kubernetes.io/controller-uid'];
  const only = Object.keys(spec.selector?.matchLabels ?? {}).length === 1 && (spec.selector?.matchExpressions ?? []).length === 0;
  if (selected !== metadata.uid || !only) errors.push(invalid('spec.selector', goSelector(spec.selector), '`selector` not auto-generated'));
  return errors;
}

const INDEXED_LIMIT = 100_000;
const LIMIT_WITH_MANY = 10_000;

/** A job's spec, of a job or of a cron job's template. */
export function validateJobSpec(spec: JobSpec, at: string): FieldError[] {
  const errors = (['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const).flatMap((field) => nonNegative(`${at}.${field}`, spec[field]));
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) errors.push(required(`${at}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (spec.managedBy !== undefined && (!spec.managedBy.includes('/') || qualifiedName(spec.managedBy).length > 0)) errors.push(invalid(`${at}.managedBy`, spec.managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  if (spec.completionMode !== undefined) errors.push(...oneOf(`${at}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed']));
  errors.push(...(spec.completionMode === 'Indexed' ? validateIndexed(spec, at) : validateNonIndexed(spec, at)));
  if (spec.podFailurePolicy) errors.push(...validateFailurePolicy(spec, `${at}.podFailurePolicy`));
  if (spec.successPolicy) errors.push(...validateSuccessPolicy(spec, `${at}.successPolicy`));
  if (spec.podReplacementPolicy !== undefined) {
    errors.push(...oneOf(`${at}.podReplacementPolicy`, spec.podReplacementPolicy, spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']));
  }
  return [...errors, ...validatePodTemplate(spec.template, `${at}.template`), ...validateRestartPolicy(spec, `${at}.template.spec.restartPolicy`)];
}

function validateRestartPolicy(spec: JobSpec, at: string): FieldError[] {
  const policy = spec.template.spec.restartPolicy;
  if (!policy || policy === 'Always') return [required(at, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [unsupported(at, policy, ['OnFailure', 'Never'])];
  return spec.podFailurePolicy && policy !== 'Never' ? [invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified')] : [];
}

function validateNonIndexed(spec: JobSpec, at: string): FieldError[] {
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).flatMap((field) => (spec[field] === undefined ? [] : [invalid(`${at}.${field}`, spec[field], 'requires indexed completion mode')]));
}

function validateIndexed(spec: JobSpec, at: string): FieldError[] {
  const { completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const errors: FieldError[] = [];
  if (completions === undefined) errors.push(required(`${at}.completions`, 'when completion mode is Indexed'));
  if (parallelism !== undefined && parallelism > INDEXED_LIMIT) errors.push(invalid(`${at}.parallelism`, parallelism, `must be less than or equal to ${INDEXED_LIMIT} when completion mode is Indexed`));
  if (maxFailedIndexes !== undefined && completions !== undefined && maxFailedIndexes > completions) errors.push(invalid(`${at}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions'));
  if (maxFailedIndexes !== undefined && maxFailedIndexes > INDEXED_LIMIT) errors.push(invalid(`${at}.maxFailedIndexes`, maxFailedIndexes, `must be less than or equal to ${INDEXED_LIMIT}`));
  if (completions === undefined || completions <= INDEXED_LIMIT || backoffLimitPerIndex === undefined) return errors;
  const text = `must be less than or equal to ${LIMIT_WITH_MANY} when completions are above ${INDEXED_LIMIT} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) errors.push(required(`${at}.maxFailedIndexes`, `must be specified when completions is above ${INDEXED_LIMIT}`));
  else if (maxFailedIndexes > LIMIT_WITH_MANY) errors.push(invalid(`${at}.maxFailedIndexes`, maxFailedIndexes, text));
  if (parallelism !== undefined && parallelism > LIMIT_WITH_MANY) errors.push(invalid(`${at}.parallelism`, parallelism, text));
  return errors;
}

function validateFailurePolicy(spec: JobSpec, at: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const names = new Set([...(spec.template.spec.containers ?? []), ...(spec.template.spec.initContainers ?? [])].map((c) => c.name));
  return [...(rules.length > 20 ? [tooMany(`${at}.rules`, rules.length, 20)] : []), ...each(rules, `${at}.rules`, (rule, path) => validateFailureRule(rule, spec, names, path))];
}

function validateFailureRule(rule: PodFailurePolicyRule, spec: JobSpec, names: ReadonlySet<string>, at: string): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const errors = action ? oneOf(`${at}.action`, action, ['Count', 'FailIndex', 'FailJob', 'Ignore']) : [required(`${at}.action`, 'valid values: ["Count" "FailIndex" "FailJob" "Ignore"]')];
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) errors.push(invalid(`${at}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes && onPodConditions.length > 0) errors.push(invalid(at, rule, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && onPodConditions.length === 0) errors.push(invalid(at, rule, 'specifying one of OnExitCodes and OnPodConditions is required'));
  if (!onExitCodes) return errors;
  const path = `${at}.onExitCodes`;
  const { operator, values = [], containerName } = onExitCodes;
  errors.push(...(operator ? oneOf(`${path}.operator`, operator, ['In', 'NotIn']) : [required(`${path}.operator`, 'valid values: ["In" "NotIn"]')]));
  if (containerName !== undefined && !names.has(containerName)) errors.push(invalid(`${path}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template'));
  if (values.length === 0) errors.push(invalid(`${path}.values`, values, 'at least one value is required'));
  if (values.length > 255) errors.push(tooMany(`${path}.values`, values.length, 255));
  if (values.some((value, i) => i > 0 && value < values[i - 1]!)) errors.push(invalid(`${path}.values`, values, 'must be ordered'));
  errors.push(...each(values, `${path}.values`, (value, valuePath, i) => {
    if (operator === 'In' && value === 0) return [invalid(valuePath, value, 'must not be 0 for the In operator')];
    return values.indexOf(value) < i ? [duplicate(valuePath, value)] : [];
  }));
  return errors;
}

function validateSuccessPolicy(spec: JobSpec, at: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  if (spec.completionMode !== 'Indexed') return [invalid(at, spec.successPolicy, 'requires indexed completion mode')];
  if (rules.length === 0) return [required(`${at}.rules`, 'at least one rules must be specified when the successPolicy is specified')];
  return [
    ...(rules.length > 20 ? [tooMany(`${at}.rules`, rules.length, 20)] : []),
    ...each(rules, `${at}.rules`, ({ succeededCount, succeededIndexes }, path) => {
      if (succeededCount === undefined && succeededIndexes === undefined) return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
      if (succeededCount !== undefined && succeededCount <= 0) return [invalid(`${path}.succeededCount`, succeededCount, 'must be greater than zero')];
      const most = spec.completions ?? 0;
      return succeededCount !== undefined && succeededCount > most ? [invalid(`${path}.succeededCount`, succeededCount, `must be less than or equal to ${most} (the number of specified completions)`)] : [];
    }),
  ];
}

/** What of a job may change: parallelism, suspension, deadlines; its pods' placing while it is suspended and has not begun. */
export function validateJobUpdate(next: Job, old: Job): FieldError[] {
  const { spec } = next;
  const was = old.spec;
  const errors: FieldError[] = [];
  if (spec.completionMode !== 'Indexed') errors.push(...immutable(spec.completions, was.completions, 'spec.completions'));
  else if (!sameValue(spec.completions, was.completions) && spec.completions !== undefined && spec.completions !== spec.parallelism) {
    errors.push(invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism'));
  }
  if (!sameValue(spec.selector, was.selector)) errors.push(invalid('spec.selector', goSelector(spec.selector), 'field is immutable'));
  errors.push(...immutable(comparableTemplate(next, old), was.template, 'spec.template'));
  for (const field of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const) errors.push(...immutable(spec[field], was[field], `spec.${field}`));
  return errors;
}

function comparableTemplate(next: Job, old: Job): Job['spec']['template'] {
  const { template } = next.spec;
  const movable = old.spec.suspend === true && !old.status?.startTime;
  if (!movable) return template;
  const { nodeSelector, tolerations, schedulingGates, affinity } = old.spec.template.spec;
  const nodeAffinity = affinity?.nodeAffinity;
  return {
    metadata: { ...template.metadata, labels: old.spec.template.metadata.labels, annotations: old.spec.template.metadata.annotations },
    spec: { ...template.spec, nodeSelector, tolerations, schedulingGates, affinity: { ...template.spec.affinity, nodeAffinity } },
  };
}

/** A finished job's status stays finished. */
export function validateJobStatus(next: Job, old: Job): FieldError[] {
  const counts = (['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).flatMap((field) => nonNegative(`status.${field}`, next.status?.[field]));
  const finished = (job: Job, type: string) => job.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
  const undone = ['Complete', 'Failed'].filter((type) => finished(old, type) && !finished(next, type));
  return [...counts, ...undone.map((type) => invalid('status.conditions', type, `cannot disable the terminal ${type}=True condition`))];
}
