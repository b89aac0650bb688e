import { Jobs } from '../../api/kinds/batch/job.ts';
import type { Job } from '../../api/types/batch.v1.ts';
import { type WorkQueue } from '../../client/index.ts';
import type { Component, Reconcile } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { keyOf, splitKey } from '../names.ts';
import { findCondition } from './decide.ts';

const COMPONENT = 'ttl-after-finished-controller';

/** Milliseconds until a finished job's ttlSecondsAfterFinished is over; undefined for one that has none, or is not finished. */
export function expiresIn(job: Job, now: number): number | undefined {
  const end = findCondition(job, 'Complete') ?? findCondition(job, 'Failed');
  if (job.spec.ttlSecondsAfterFinished === undefined || !end?.lastTransitionTime || job.metadata.deletionTimestamp !== undefined) return undefined;
  return Date.parse(end.lastTransitionTime) + job.spec.ttlSecondsAfterFinished * 1000 - now;
}

/** Deletes finished Jobs when their time is over (pkg/controller/ttlafterfinished). */
export function ttlAfterFinishedController(context: ControllerContext): Component {
  const { client, clock } = context;
  const jobs = context.informers.informer(Jobs);
  const setup = (queue: WorkQueue) => {
    const wake = (job: Job) => {
      if (expiresIn(job, clock.now()) !== undefined) queue.add(keyOf(job));
    };
    jobs.onChange({ added: wake, updated: (_, job) => wake(job) });
    return [jobs];
  };
  const reconcile: Reconcile = async (key) => {
    const { namespace, name } = splitKey(key);
    const cached = jobs.get(namespace, name);
    if (!cached) return;
    const left = expiresIn(cached, clock.now());
    if (left === undefined) return;
    if (left > 0) return { afterMs: left };
    // Read again: the time may have been lengthened meanwhile.
    const fresh = await client.get(Jobs, name, { namespace }).catch(unlessGone);
    if (!fresh || (expiresIn(fresh, clock.now()) ?? 1) > 0) return;
    await client.delete(Jobs, name, { namespace, propagationPolicy: 'Foreground', preconditions: { uid: fresh.metadata.uid } }).catch(unlessGone);
  };
  return controllerIn(context, { name: COMPONENT, reconcile, setup });
}
