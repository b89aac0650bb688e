import type { Job, JobCondition, JobStatus } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { condition, hasTracking, isIndexed, replaced, validIndex, type Count } from './decide.ts';
import { countIndexes, formatIndexes, hasIndex, parseIndexes, withIndexes } from './indexes.ts';
import { isPodFailed, matchFailurePolicy } from './policies.ts';

/** Finished pods that one status may carry before they are counted. */
const MAX_UNCOUNTED = 500;

/** A status to write, and the pods that may be let go once it is written. */
export interface Tracked {
  readonly status: JobStatus;
  readonly release: readonly Pod[];
  /** How the job will end once nothing is left to count: Complete or Failed. */
  readonly end: JobCondition | undefined;
}

/**
 * Counts finished pods so that none is lost or counted twice: their UIDs go into the status, then their tracking finalizer goes, then they are added to the totals
 * (job_controller.go trackJobStatusAndRemoveFinalizers). `released`: pods whose finalizer is gone already.
 */
export function track(job: Job, status: JobStatus, pods: readonly Pod[], released: ReadonlySet<string>, seen: Count, verdict: JobCondition | undefined, now: number): Tracked {
  const held = new Set(pods.filter((pod) => hasTracking(pod) && !released.has(pod.metadata.uid!)).map((pod) => pod.metadata.uid!));
  let next = settled(status, held);
  const uncounted = { succeeded: [...(next.uncountedTerminatedPods?.succeeded ?? [])], failed: [...(next.uncountedTerminatedPods?.failed ?? [])] };
  const before = parseIndexes(job.status?.completedIndexes, job.spec.completions ?? 0);
  const newIndexes: number[] = [];
  const release: Pod[] = [];
  for (const pod of pods) {
    const uid = pod.metadata.uid!;
    if (!held.has(uid) || !mayRelease(job, pod, seen, verdict)) continue;
    release.push(pod);
    const index = isIndexed(job) ? validIndex(job, pod) : undefined;
    if (pod.status?.phase === 'Succeeded' && !uncounted.failed.includes(uid)) {
      if (isIndexed(job)) {
        if (index !== undefined && !hasIndex(before, index)) newIndexes.push(index);
      } else if (!uncounted.succeeded.includes(uid)) uncounted.succeeded.push(uid);
    } else if (isPodFailed(pod, job) || (verdict && verdict.type !== 'SuccessCriteriaMet')) {
      const counts = matchFailurePolicy(job.spec.podFailurePolicy, pod).counts && (!isIndexed(job) || index !== undefined);
      if (counts && !uncounted.failed.includes(uid)) uncounted.failed.push(uid);
    }
    if (newIndexes.length + uncounted.succeeded.length + uncounted.failed.length >= MAX_UNCOUNTED) break;
  }
  next = { ...next, uncountedTerminatedPods: pruned(uncounted) };
  if (isIndexed(job)) {
    const done = withIndexes(before, newIndexes);
    next = { ...next, succeeded: countIndexes(done), completedIndexes: formatIndexes(done), ...(seen.failedIndexes && { failedIndexes: formatIndexes(seen.failedIndexes) }) };
  }
  if (verdict?.type === 'FailureTarget') {
    return { status: { ...next, conditions: [...replaced(next.conditions ?? [], verdict)] }, release, end: condition('Failed', 'True', verdict.reason ?? '', verdict.message ?? '', now) };
  }
  if (verdict?.type === 'SuccessCriteriaMet') {
    const known = (next.conditions ?? []).some((c) => c.type === 'SuccessCriteriaMet' && c.status === 'True');
    const conditions = known ? next.conditions : [...(next.conditions ?? []), verdict];
    return { status: { ...next, conditions }, release, end: condition('Complete', 'True', verdict.reason ?? '', verdict.message ?? '', now) };
  }
  return { status: next, release, end: verdict };
}

/** Whether a pod's finalizer may go once it is counted. */
function mayRelease(job: Job, pod: Pod, seen: Count, verdict: JobCondition | undefined): boolean {
  if (job.metadata.deletionTimestamp !== undefined || verdict || pod.status?.phase === 'Succeeded') return true;
  if (!isPodFailed(pod, job)) return false;
  const index = validIndex(job, pod);
  return index === undefined || seen.kept.get(index)?.metadata.uid !== pod.metadata.uid;
}

/** Adds up what was waiting to be counted and whose pods no longer hold a finalizer (cleanUncountedPodsWithoutFinalizers). */
export function settled(status: JobStatus, held: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const still = { succeeded: succeeded.filter((uid) => held.has(uid)), failed: failed.filter((uid) => held.has(uid)) };
  return {
    ...status,
    succeeded: (status.succeeded ?? 0) + succeeded.length - still.succeeded.length,
    failed: (status.failed ?? 0) + failed.length - still.failed.length,
    uncountedTerminatedPods: pruned(still),
  };
}

function pruned({ succeeded, failed }: { succeeded: string[]; failed: string[] }) {
  return { ...(succeeded.length > 0 && { succeeded }), ...(failed.length > 0 && { failed }) };
}

/** The status of a job that ends, once nothing is uncounted and no pod is being stopped; undefined before that (enactJobFinished). */
export function ended(status: JobStatus, end: JobCondition | undefined, terminating: number): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (!end || succeeded.length + failed.length > 0 || terminating > 0) return undefined;
  return { ...status, conditions: [...replaced(status.conditions ?? [], end)], ...(end.type === 'Complete' && { completionTime: end.lastTransitionTime ?? undefined }) };
}
