import type { Job, JobCondition } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { isActive, isReady, isTerminating } from '../pods.ts';
import { chooseVictims } from '../replicaset/victims.ts';
import { rfc3339 } from '../../base/time.ts';
import { finishedAt, nextRecord, remaining, type BackoffRecord } from './backoff.ts';
import { countIndexes, firstFree, hasIndex, indexOf, parseIndexes, union, withIndexes, type Indexes } from './indexes.ts';
import { isPodFailed, matchFailurePolicy, matchSuccessPolicy, onlyReplacesFailed } from './policies.ts';

export const TRACKING = 'batch.kubernetes.io/job-tracking';
const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED_FAILURE_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** Pods made or deleted by one reconcile at most. */
const BURST = 500;

/** What a job's reconcile saw. */
export interface Observed {
  readonly job: Job;
  readonly pods: readonly Pod[];
  /** UIDs of pods whose tracking finalizer was removed, though the informer still shows it. */
  readonly released: ReadonlySet<string>;
  /** Whether everything the controller wrote shows in `pods`. */
  readonly settled: boolean;
  readonly backoff: BackoffRecord;
  readonly now: number;
}

/** The observed pods, counted. */
export interface Count {
  readonly active: readonly Pod[];
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly record: BackoffRecord;
  /** For indexed jobs. */
  readonly succeededIndexes: Indexes;
  readonly failedIndexes: Indexes | undefined;
  /** Failed pods that keep their finalizer until their index has its next pod, since they carry its number of failures. */
  readonly kept: ReadonlyMap<number, Pod>;
}

export const isIndexed = (job: Job) => job.spec.completionMode === 'Indexed';
export const perIndexLimit = (job: Job) => (isIndexed(job) ? job.spec.backoffLimitPerIndex : undefined);
export const hasTracking = (pod: Pod) => pod.metadata.finalizers?.includes(TRACKING) === true;
const isSuspended = (job: Job) => job.spec.suspend === true;
const completionsOf = (job: Job) => job.spec.completions ?? 0;

export function count({ job, pods, released, backoff }: Observed): Count {
  const uncounted = { succeeded: new Set(job.status?.uncountedTerminatedPods?.succeeded), failed: new Set(job.status?.uncountedTerminatedPods?.failed) };
  const tracked = pods.filter((pod) => hasTracking(pod) && !released.has(pod.metadata.uid!) && (!isIndexed(job) || validIndex(job, pod) !== undefined));
  const newSucceeded = tracked.filter((pod) => pod.status?.phase === 'Succeeded' && !uncounted.succeeded.has(pod.metadata.uid!));
  const newFailed = tracked.filter((pod) => isPodFailed(pod, job) && !uncounted.failed.has(pod.metadata.uid!));
  const counted = newFailed.filter((pod) => matchFailurePolicy(job.spec.podFailurePolicy, pod).counts);
  const active = pods.filter(isActive);
  const indexed = indexesOf(job, pods, active);
  return {
    active,
    terminating: pods.filter(isTerminating).length,
    succeeded: isIndexed(job) ? countIndexes(indexed.succeededIndexes) : (job.status?.succeeded ?? 0) + newSucceeded.length + uncounted.succeeded.size,
    failed: (job.status?.failed ?? 0) + counted.length + uncounted.failed.size,
    record: nextRecord(backoff, newSucceeded, newFailed),
    ...indexed,
  };
}

/** A pod's completion index, if the job has it. */
export function validIndex(job: Job, pod: Pod): number | undefined {
  const index = indexOf(pod);
  return index !== undefined && index < completionsOf(job) ? index : undefined;
}

function indexesOf(job: Job, pods: readonly Pod[], active: readonly Pod[]): Pick<Count, 'succeededIndexes' | 'failedIndexes' | 'kept'> {
  if (!isIndexed(job)) return { succeededIndexes: [], failedIndexes: undefined, kept: new Map() };
  const tracked = pods.filter((pod) => hasTracking(pod) && validIndex(job, pod) !== undefined);
  const indexes = (of: readonly Pod[]) => of.map((pod) => indexOf(pod)!);
  const succeededIndexes = withIndexes(parseIndexes(job.status?.completedIndexes, completionsOf(job)), indexes(tracked.filter((pod) => pod.status?.phase === 'Succeeded')));
  if (perIndexLimit(job) === undefined) return { succeededIndexes, failedIndexes: undefined, kept: new Map() };
  const failedIndexes = withIndexes(parseIndexes(job.status?.failedIndexes, completionsOf(job)), indexes(tracked.filter((pod) => failsIndex(job, pod))));
  const activeIndexes = new Set(active.map(indexOf));
  const kept = new Map<number, Pod>();
  for (const pod of tracked.filter((candidate) => isPodFailed(candidate, job))) {
    const index = indexOf(pod)!;
    if (hasIndex(succeededIndexes, index) || hasIndex(failedIndexes, index) || activeIndexes.has(index)) continue;
    const known = kept.get(index);
    if (!known || (failuresOf(known) <= failuresOf(pod) && finishedAt(pod) >= finishedAt(known))) kept.set(index, pod);
  }
  return { succeededIndexes, failedIndexes, kept };
}

/** Whether a pod's failure is the last that its index may have. */
function failsIndex(job: Job, pod: Pod): boolean {
  if (!isPodFailed(pod, job)) return false;
  const { counts, action } = matchFailurePolicy(job.spec.podFailurePolicy, pod);
  return action === 'FailIndex' || (counts && annotatedCount(pod, FAILURE_COUNT) >= job.spec.backoffLimitPerIndex!);
}

const annotatedCount = (pod: Pod, name: string) => (/^\d{1,9}$/.test(pod.metadata.annotations?.[name] ?? '') ? Number(pod.metadata.annotations![name]) : 0);
const failuresOf = (pod: Pod) => annotatedCount(pod, FAILURE_COUNT) + annotatedCount(pod, IGNORED_FAILURE_COUNT);

/** The annotations that carry an index's failures on to its next pod. */
export function failureAnnotations(job: Job, replaced: Pod | undefined): Record<string, string> {
  const counts = replaced ? matchFailurePolicy(job.spec.podFailurePolicy, replaced).counts : true;
  const counted = replaced ? annotatedCount(replaced, FAILURE_COUNT) + (counts ? 1 : 0) : 0;
  const ignored = replaced ? annotatedCount(replaced, IGNORED_FAILURE_COUNT) + (counts ? 0 : 1) : 0;
  return { [FAILURE_COUNT]: String(counted), ...(ignored > 0 && { [IGNORED_FAILURE_COUNT]: String(ignored) }) };
}

export function condition(type: string, status: string, reason: string, message: string, now: number): JobCondition {
  const at = rfc3339(now);
  return { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message };
}

export const findCondition = (job: Job, type: string) => job.status?.conditions?.find((c) => c.type === type && c.status === 'True');

/** Whether a job has come to its end, one way or the other; nothing happens to it any more. */
export const isFinished = (job: Job) => findCondition(job, 'Complete') !== undefined || findCondition(job, 'Failed') !== undefined;

/**
 * Why the job should end now: FailureTarget or SuccessCriteriaMet, or Failed when its target was set before. What was decided earlier stands; failure goes before success
 * (job_controller.go syncJob).
 */
export function verdict({ job, pods, now }: Observed, seen: Count): JobCondition | undefined {
  const fail = (reason: string, message: string) => condition('FailureTarget', 'True', reason, message, now);
  const met = findCondition(job, 'SuccessCriteriaMet');
  if (met) return met;
  const target = findCondition(job, 'FailureTarget');
  if (target) return condition('Failed', 'True', target.reason ?? '', target.message ?? '', now);
  const { podFailurePolicy, successPolicy, maxFailedIndexes } = job.spec;
  const failJob = podFailurePolicy && pods.filter((pod) => isPodFailed(pod, job)).map((pod) => matchFailurePolicy(podFailurePolicy, pod).failJob).find((message) => message !== undefined);
  if (failJob !== undefined) return fail('PodFailurePolicy', failJob);
  if (seen.failed > backoffLimit(job) || restartedTooOften(job, pods)) return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if ((deadlineIn(job, now) ?? 1) <= 0) return fail('DeadlineExceeded', 'Job was active longer than specified deadline');
  if (!isIndexed(job)) return undefined;
  const failedIndexes = countIndexes(seen.failedIndexes ?? []);
  if (seen.failedIndexes && maxFailedIndexes !== undefined && failedIndexes > maxFailedIndexes) return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  if (failedIndexes > 0 && failedIndexes + countIndexes(seen.succeededIndexes) >= completionsOf(job)) return fail('FailedIndexes', 'Job has failed indexes');
  const matched = matchSuccessPolicy(successPolicy, completionsOf(job), seen.succeededIndexes);
  return matched === undefined ? undefined : condition('SuccessCriteriaMet', 'True', 'SuccessPolicy', matched, now);
}

const backoffLimit = (job: Job) => job.spec.backoffLimit ?? (perIndexLimit(job) === undefined ? 6 : 2 ** 31 - 1);

/** With restartPolicy OnFailure the containers' restarts count as failures (pastBackoffLimitOnFailure). */
function restartedTooOften(job: Job, pods: readonly Pod[]): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) restarts += container.restartCount ?? 0;
  }
  return backoffLimit(job) === 0 ? restarts > 0 : restarts >= backoffLimit(job);
}

/** Milliseconds left until activeDeadlineSeconds; undefined when none runs. */
export function deadlineIn(job: Job, now: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec;
  if (activeDeadlineSeconds === undefined || isSuspended(job)) return undefined;
  const started = job.status?.startTime === undefined ? now : Date.parse(job.status.startTime);
  return started + activeDeadlineSeconds * 1000 - now;
}

/** What to do about the number of pods. `afterMs`: creations wait that long. */
export type Work =
  | { readonly type: 'create'; readonly count: number; readonly indexes: readonly number[] | undefined; readonly afterMs?: number }
  | { readonly type: 'remove'; readonly pods: readonly Pod[] }
  | { readonly type: 'nothing'; readonly afterMs?: number };

/** Brings the number of active pods to what is wanted (manageJob). */
export function manage({ job, pods, now }: Observed, seen: Count): Work {
  const active = seen.active.length;
  if (isSuspended(job)) return active > 0 ? { type: 'remove', pods: seen.active } : { type: 'nothing' };
  const parallelism = job.spec.parallelism ?? 1;
  const open = job.spec.completions === undefined;
  const wanted = open ? (seen.succeeded > 0 ? active : parallelism) : Math.max(0, Math.min(parallelism, completionsOf(job) - seen.succeeded));
  const surplus = removable(job, seen.active, Math.max(0, active - wanted), now).slice(0, BURST);
  if (surplus.length > 0) return { type: 'remove', pods: surplus };
  const missing = Math.min(BURST, wanted - active - (onlyReplacesFailed(job) ? seen.terminating : 0));
  if (missing <= 0) return { type: 'nothing' };
  if (perIndexLimit(job) === undefined) {
    const afterMs = remaining(seen.record, now);
    if (afterMs > 0) return { type: 'nothing', afterMs };
  }
  if (!isIndexed(job)) return { type: 'create', count: missing, indexes: undefined };
  const taken = [...seen.active, ...(onlyReplacesFailed(job) ? pods.filter(isTerminating) : [])].flatMap((pod) => indexOf(pod) ?? []);
  const free = firstFree(union(withIndexes(seen.succeededIndexes, taken), seen.failedIndexes ?? []), missing, completionsOf(job));
  const waits = free.map((index) => indexWait(seen.kept.get(index), now));
  const atOnce = free.filter((_, at) => waits[at] === 0);
  const later = waits.filter((ms) => ms > 0);
  const afterMs = later.length > 0 ? { afterMs: Math.min(...later) } : {};
  return atOnce.length === 0 ? { type: 'nothing', ...afterMs } : { type: 'create', count: atOnce.length, indexes: atOnce, ...afterMs };
}

function indexWait(replaced: Pod | undefined, now: number): number {
  return replaced ? remaining({ failures: failuresOf(replaced) + 1, lastFailure: finishedAt(replaced) }, now) : 0;
}

/** At least `atLeast` pods to take away: for indexed jobs, first those without a valid index and doubles (activePodsForRemoval). */
function removable(job: Job, active: readonly Pod[], atLeast: number, now: number): readonly Pod[] {
  const first: Pod[] = [];
  let rest: readonly Pod[] = active;
  if (isIndexed(job)) {
    const byIndex = new Map<number, Pod[]>();
    for (const pod of active) {
      const index = validIndex(job, pod);
      if (index === undefined) first.push(pod);
      else byIndex.set(index, [...(byIndex.get(index) ?? []), pod]);
    }
    for (const doubles of byIndex.values()) if (doubles.length > 1) first.push(...chooseVictims(doubles, [], doubles.length - 1, now));
    rest = active.filter((pod) => !first.includes(pod));
  }
  return first.length >= atLeast ? first : [...first, ...chooseVictims(rest, [], atLeast - first.length, now)];
}

/** Whether the wanted successes are reached, with nothing running any more. */
export function isComplete(job: Job, succeeded: number, active: number): boolean {
  if (active > 0) return false;
  return job.spec.completions === undefined ? succeeded > 0 : succeeded >= job.spec.completions;
}

export const succeededCondition = (now: number) => condition('SuccessCriteriaMet', 'True', 'CompletionsReached', 'Reached expected number of succeeded pods', now);

/** The Suspended condition, and the event when it changes. Resuming starts the job's time anew. */
export function suspension(job: Job, conditions: readonly JobCondition[], now: number): { readonly conditions: readonly JobCondition[]; readonly event?: { readonly reason: string; readonly message: string } } {
  const known = conditions.find((c) => c.type === 'Suspended');
  if (isSuspended(job)) {
    if (known?.status === 'True') return { conditions };
    return { conditions: replaced(conditions, condition('Suspended', 'True', 'JobSuspended', 'Job suspended', now)), event: { reason: 'Suspended', message: 'Job suspended' } };
  }
  if (known?.status !== 'True') return { conditions };
  return { conditions: replaced(conditions, condition('Suspended', 'False', 'JobResumed', 'Job resumed', now)), event: { reason: 'Resumed', message: 'Job resumed' } };
}

/** Sets a condition in its place, or appends it. */
export function replaced(conditions: readonly JobCondition[], next: JobCondition): readonly JobCondition[] {
  const index = conditions.findIndex((c) => c.type === next.type);
  return index < 0 ? [...conditions, next] : conditions.with(index, next);
}

export const readyCount = (pods: readonly Pod[]) => pods.filter(isReady).length;
