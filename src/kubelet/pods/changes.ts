import { isDeepStrictEqual } from 'node:util';
import type { Pod, PodStatus } from '../../api/types/core.v1.ts';
import type { PodView } from './view.ts';

/** Whether nothing changed that asks for action. */
export function onlyStatusChanged(a: Pod, b: Pod): boolean {
  const [x, y] = [a.metadata, b.metadata];
  return x.deletionTimestamp === y.deletionTimestamp && isDeepStrictEqual(x.labels, y.labels) && isDeepStrictEqual(x.annotations, y.annotations)
    && (x.generation !== undefined ? x.generation === y.generation : isDeepStrictEqual(a.spec, b.spec));
}

/** A pod is not over for others while something of it runs (status_manager.go mergePodStatus): a Job must not start the next one beside it. */
export function statusToShow(pod: Pod, status: PodStatus, view: PodView): PodStatus {
  const over = status.phase === 'Failed' || status.phase === 'Succeeded';
  if (!over || pod.status?.phase === status.phase || !view.containers.some((c) => c.state === 'running')) return status;
  const { phase: _phase, reason: _reason, message: _message, ...rest } = status;
  const { phase = 'Pending', reason, message } = pod.status ?? {};
  return { ...rest, phase, ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) };
}
