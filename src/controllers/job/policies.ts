import type { Job, PodFailurePolicy, PodFailurePolicyAction, PodFailurePolicyOnExitCodesRequirement, SuccessPolicy } from '../../api/types/batch.v1.ts';
import type { ContainerStatus, Pod } from '../../api/types/core.v1.ts';
import { countIndexes, overlap, parseIndexes, type Indexes } from './indexes.ts';

export interface FailureMatch {
  /** Whether the failure counts towards backoffLimit. */
  readonly counts: boolean;
  readonly action?: PodFailurePolicyAction;
  /** Why the whole job fails, when the rule says so. */
  readonly failJob?: string;
}

/** What the first rule that fits says of a failed pod; without one it counts (pod_failure_policy.go matchPodFailurePolicy). */
export function matchFailurePolicy(policy: PodFailurePolicy | undefined, pod: Pod): FailureMatch {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const { action } = rule;
    const container = rule.onExitCodes && matchingContainer(pod, rule.onExitCodes);
    const condition = rule.onExitCodes ? undefined : (pod.status?.conditions ?? []).find(({ type, status }) => (rule.onPodConditions ?? []).some((pattern) => pattern.type === type && pattern.status === status));
    if (!container && !condition) continue;
    if (action !== 'FailJob') return { counts: action !== 'Ignore', action };
    const where = `${pod.metadata.namespace}/${pod.metadata.name}`;
    const failJob = container
      ? `Container ${container.name} for pod ${where} failed with exit code ${container.state?.terminated?.exitCode} matching ${action} rule at index ${index}`
      : `Pod ${where} has condition ${condition?.type} matching ${action} rule at index ${index}`;
    return { counts: true, action, failJob };
  }
  return { counts: true };
}

function matchingContainer(pod: Pod, { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement): ContainerStatus | undefined {
  return [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(({ name, state }) => {
    const code = state?.terminated?.exitCode;
    if (code === undefined || code === 0 || (containerName !== undefined && containerName !== name)) return false;
    return operator === 'In' ? values.includes(code) : operator === 'NotIn' && !values.includes(code);
  });
}

/** `Matched rules at index N` when some rule of the success policy is met (success_policy.go matchSuccessPolicy). */
export function matchSuccessPolicy(policy: SuccessPolicy | undefined, completions: number, succeeded: Indexes): string | undefined {
  if (succeeded.length === 0) return undefined;
  const index = (policy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
    const required = parseIndexes(succeededIndexes, completions);
    if (required.length === 0) return false;
    const met = overlap(required, succeeded);
    return met === countIndexes(required) || (succeededCount !== undefined && met >= succeededCount);
  });
  return index < 0 ? undefined : `Matched rules at index ${index}`;
}

/** Whether pods are replaced only once they have failed, not already while they are being stopped. */
export function onlyReplacesFailed(job: Job): boolean {
  return job.spec.podReplacementPolicy === 'Failed' || job.spec.podFailurePolicy !== undefined;
}

/** Whether a pod counts as failed: it is, or it is being stopped and the job does not wait for the end of that. */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true;
  return !onlyReplacesFailed(job) && pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}
