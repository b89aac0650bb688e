import type { Pod } from '../../api/types/core.v1.ts';
import { podCondition } from '../pods.ts';

const BASE_MS = 10_000;
const LONGEST_MS = 10 * 60_000;

/** A job's failures since its last success; times in ms (job/backoff_utils.go). */
export interface BackoffRecord {
  readonly failures: number;
  readonly lastFailure: number | undefined;
}

export const NO_FAILURES: BackoffRecord = { failures: 0, lastFailure: undefined };

/** The record after pods that finished: a success clears what failed before it. */
export function nextRecord(record: BackoffRecord, succeeded: readonly Pod[], failed: readonly Pod[]): BackoffRecord {
  const failures = failed.map(finishedAt).sort((a, b) => a - b);
  if (succeeded.length === 0) return failures.length === 0 ? record : { failures: record.failures + failures.length, lastFailure: failures.at(-1) };
  const lastSuccess = Math.max(...succeeded.map(finishedAt));
  const after = failures.filter((time) => time > lastSuccess);
  return { failures: after.length, lastFailure: after.at(-1) };
}

/** Milliseconds until the next pod may be made after so many failures: 10 s, doubling, at most 10 min. */
export function remaining({ failures, lastFailure }: BackoffRecord, now: number): number {
  if (failures === 0 || lastFailure === undefined) return 0;
  return Math.max(0, Math.min(BASE_MS * 2 ** (failures - 1), LONGEST_MS) - (now - lastFailure));
}

/** When a pod ended: by its containers, else when it stopped being ready, was asked to stop, or was made. */
export function finishedAt(pod: Pod): number {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name))];
  const ends = statuses.map((status) => status.state?.terminated?.finishedAt);
  if (ends.length > 0 && ends.every((end) => typeof end === 'string')) return Math.max(...ends.map((end) => Date.parse(end)));
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime) return Date.parse(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  return deletionTimestamp === undefined ? Date.parse(creationTimestamp ?? '') : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
}
