import { isNamespaceTerminating, isReason } from '../../api/errors.ts';
import { Jobs } from '../../api/kinds/batch/job.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { labelSelectorFromObject } from '../../api/selectors.ts';
import type { Job, JobStatus } from '../../api/types/batch.v1.ts';
import type { Container, Pod } from '../../api/types/core.v1.ts';
import { type WorkQueue } from '../../client/index.ts';
import type { Component, Reconcile } from '../../client/controller.ts';
import { sameStatus } from '../canonical.ts';
import { claim } from '../claim.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { expectations } from '../expectations.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { controllerOf, ownershipIndex } from '../ownership.ts';
import { podControl } from '../podcontrol.ts';
import { isReady } from '../pods.ts';
import { quotaGate, type QuotaGate } from '../quota.ts';
import { slowStart } from '../replicaset/decide.ts';
import { podFromTemplate } from '../template.ts';
import { rfc3339 } from '../../base/time.ts';
import { NO_FAILURES, type BackoffRecord } from './backoff.ts';
import { count, deadlineIn, failureAnnotations, hasTracking, isComplete, isFinished, manage, perIndexLimit, readyCount, succeededCondition, suspension, TRACKING, verdict, type Count, type Observed, type Work } from './decide.ts';
import { COMPLETION_INDEX } from './indexes.ts';
import { ended, settled, track } from './track.ts';

const COMPONENT = 'job-controller';

/** Runs every Job's pods to completion, and counts each exactly once (pkg/controller/job). */
export function jobController(context: ControllerContext): Component {
  const { client, clock } = context;
  const jobs = context.informers.informer(Jobs);
  const pods = context.informers.informer(Pods);
  const podsByOwner = ownershipIndex(pods);
  const events = context.events(COMPONENT);
  const control = podControl(client, events);
  const expected = expectations(clock);
  const backoffs = new Map<string, BackoffRecord>();
  /** Pods whose tracking finalizer was removed and whose change the informer has not shown yet. */
  const released = new Set<string>();
  let quotas: QuotaGate;

  const setup = (queue: WorkQueue) => {
    quotas = quotaGate(context.informers, (key) => {
      queue.forget(key);
      queue.add(key);
    });
    const wake = (pod: Pod) => {
      const owner = controllerOf(pod);
      if (owner?.kind === Jobs.kind) queue.add(keyFor(pod.metadata.namespace, owner.name));
      if (owner) return;
      for (const job of jobs.list(pod.metadata.namespace)) if (labelSelectorFromObject(job.spec.selector)(pod.metadata.labels)) queue.add(keyOf(job));
    };
    jobs.onChange({
      added: (job) => queue.add(keyOf(job)),
      updated: (_, job) => queue.add(keyOf(job)),
      deleted: (job) => {
        expected.forget(keyOf(job));
        backoffs.delete(job.metadata.uid!);
        // Its pods must not be held back by a finalizer that nobody removes any more.
        for (const pod of podsByOwner.ownedBy(job.metadata.uid!)) wakeOrphan(queue, pod);
      },
    });
    pods.onChange({
      added: (pod) => {
        expected.observeCreated(pod.metadata.uid!);
        if (isOrphaned(pod)) wakeOrphan(queue, pod);
        wake(pod);
      },
      updated: (old, pod) => {
        if (!hasTracking(pod)) released.delete(pod.metadata.uid!);
        if (pod.metadata.deletionTimestamp !== undefined) expected.observeDeleted(pod.metadata.uid!);
        if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) wake(old);
        if (isOrphaned(pod)) wakeOrphan(queue, pod);
        wake(pod);
      },
      deleted: (pod) => {
        released.delete(pod.metadata.uid!);
        expected.observeCreated(pod.metadata.uid!);
        expected.observeDeleted(pod.metadata.uid!);
        wake(pod);
      },
    });
    return [jobs, pods, quotas.informer];
  };

  /** A pod that a job tracked and that no job has any more: orphaned, or its job is gone. */
  const isOrphaned = (pod: Pod) => {
    const owner = controllerOf(pod);
    return hasTracking(pod) && (!owner || (owner.kind === Jobs.kind && jobs.synced && jobs.get(pod.metadata.namespace ?? '', owner.name)?.metadata.uid !== owner.uid));
  };
  const wakeOrphan = (queue: WorkQueue, pod: Pod) => queue.add(`${ORPHAN}${keyOf(pod)}`);

  const reconcile: Reconcile = async (key) => {
    if (key.startsWith(ORPHAN)) return freeOrphan(key.slice(ORPHAN.length));
    const { namespace, name } = splitKey(key);
    const job = jobs.get(namespace, name);
    if (!job || (job.spec.managedBy !== undefined && job.spec.managedBy !== 'kubernetes.io/job-controller')) return;
    if (isFinished(job)) return void backoffs.delete(job.metadata.uid!);
    const settledBefore = expected.satisfied(key);
    const matches = labelSelectorFromObject(job.spec.selector);
    const candidates = [...podsByOwner.ownedBy(job.metadata.uid!), ...podsByOwner.orphans(namespace)];
    const owned = await claim({ client, owner: job, ownerType: Jobs, type: Pods, finalizer: TRACKING, matches: (pod) => matches(pod.metadata.labels) }, candidates);
    const now = clock.now();
    const observed: Observed = { job, pods: owned, released, settled: settledBefore, backoff: backoffs.get(job.metadata.uid!) ?? NO_FAILURES, now };
    const seen = count(observed);
    return carryOut(observed, seen);
  };

  const carryOut = async (observed: Observed, seen: Count): Promise<{ afterMs: number } | void> => {
    const { job, settled: mayChange, now } = observed;
    const tally = { active: seen.active.length, ready: readyCount(seen.active), terminating: seen.terminating };
    let status: JobStatus = { ...job.status, ...(job.status?.startTime === undefined && job.spec.suspend !== true && { startTime: rfc3339(now) }) };
    let end = verdict(observed, seen);
    let failure: unknown;
    let afterMs = deadlineIn(job, now);
    if (end) {
      failure = await removeAll(job, seen.active, false, tally);
      if (tally.active > 0 || !mayChange) end = undefined;
    } else {
      const work: Work = mayChange && job.metadata.deletionTimestamp === undefined ? manage(observed, seen) : { type: 'nothing' };
      if (work.type === 'create') failure = await create(job, work, seen, tally);
      if (work.type === 'remove') failure = await removeAll(job, work.pods, true, tally);
      if ('afterMs' in work && work.afterMs !== undefined) afterMs = Math.min(work.afterMs, afterMs ?? Infinity);
      if (isComplete(job, seen.succeeded, tally.active)) end = succeededCondition(now);
      else if (mayChange) status = suspended(job, status, now);
    }
    quotas.note(job.metadata.namespace ?? '', keyOf(job), failure);
    status = { ...status, active: tally.active, ready: tally.ready, terminating: tally.terminating };
    await record(observed, seen, status, end, tally.terminating);
    if (failure !== undefined) throw failure;
    if (afterMs !== undefined && !end) return { afterMs };
  };

  const suspended = (job: Job, status: JobStatus, now: number): JobStatus => {
    const { conditions, event } = suspension(job, status.conditions ?? [], now);
    if (!event) return status;
    events.event(job, 'Normal', event.reason, event.message);
    return { ...status, conditions: [...conditions], ...(event.reason === 'Resumed' && { startTime: rfc3339(now) }) };
  };

  /** Writes what finished, lets those pods go, counts them, and ends the job when it is at its end. */
  const record = async (observed: Observed, seen: Count, status: JobStatus, verdictNow: ReturnType<typeof verdict>, terminating: number) => {
    const { job, pods: owned, now } = observed;
    const tracked = track(job, status, owned, released, seen, verdictNow, now);
    let current = job;
    if (!sameStatus(job.status, tracked.status)) current = await client.update(Jobs, { ...job, status: tracked.status }, { subresource: 'status' });
    backoffs.set(job.metadata.uid!, seen.record);
    const results = await Promise.allSettled(tracked.release.map(letGo));
    const held = new Set(owned.filter((pod) => hasTracking(pod) && !released.has(pod.metadata.uid!)).map((pod) => pod.metadata.uid!));
    for (const [index, pod] of tracked.release.entries()) if (results[index]!.status === 'fulfilled') held.delete(pod.metadata.uid!);
    const counted = settled(tracked.status, held);
    const finished = ended(counted, tracked.end, terminating);
    const final = finished ?? counted;
    if (!sameStatus(tracked.status, final)) await client.update(Jobs, { ...current, status: final }, { subresource: 'status' });
    if (finished && tracked.end) recordEnd(job, finished, tracked.end);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };

  const recordEnd = (job: Job, status: JobStatus, end: { type: string; reason?: string; message?: string }) => {
    if (end.type !== 'Complete') return events.event(job, 'Warning', end.reason ?? '', end.message ?? '');
    if (job.spec.completions !== undefined && (status.succeeded ?? 0) > job.spec.completions) events.event(job, 'Warning', 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached');
    events.event(job, 'Normal', 'Completed', 'Job completed');
  };

  /** Removes the tracking finalizer; fine when the pod is gone. */
  const letGo = async (pod: Pod) => {
    if (!hasTracking(pod)) return;
    const { namespace, name = '', uid = '' } = pod.metadata;
    released.add(uid);
    try {
      await client.patch(Pods, name, { type: 'strategic', body: { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [TRACKING] } } }, { namespace });
    } catch (error) {
      released.delete(uid);
      if (!isReason(error, 'NotFound') && !isReason(error, 'Invalid') && !isReason(error, 'Conflict')) throw error;
    }
  };
  const freeOrphan = async (key: string) => {
    const { namespace, name } = splitKey(key);
    const pod = pods.get(namespace, name);
    if (pod && isOrphaned(pod)) await letGo(pod);
  };

  interface Tally {
    active: number;
    ready: number;
    terminating: number;
  }

  /** Deletes pods; with `release` they are let go first, so that they do not count as failed. Returns the first failure. */
  const removeAll = async (job: Job, victims: readonly Pod[], release: boolean, tally: Tally): Promise<unknown> => {
    let failure: unknown;
    await Promise.all(victims.map(async (pod) => {
      expected.deleting(keyOf(job), pod.metadata.uid!);
      try {
        if (release) await letGo(pod);
        await control.remove(pod, job);
      } catch (error) {
        expected.observeDeleted(pod.metadata.uid!);
        if (!isReason(error, 'NotFound')) {
          failure ??= error;
          return;
        }
      }
      tally.active--;
      tally.terminating++;
      if (isReady(pod)) tally.ready--;
    }));
    return failure;
  };

  /** Creates in growing batches until one fails. Returns the failure. */
  const create = async (job: Job, work: Work & { type: 'create' }, seen: Count, tally: Tally): Promise<unknown> => {
    const key = keyOf(job);
    let next = 0;
    for (const size of slowStart(work.count)) {
      const results = await Promise.allSettled(Array.from({ length: size }, async (_, at) => {
        const created = await control.create(podOf(job, work.indexes?.[next + at], seen), job);
        const { namespace = '', name = '', uid = '' } = created.metadata;
        expected.created(key, uid, pods.get(namespace, name)?.metadata.uid === uid);
        tally.active++;
      }));
      next += size;
      const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason as unknown);
      if (failures.length > 0) return failures.find((reason) => !isNamespaceTerminating(reason));
    }
    return undefined;
  };

  return controllerIn(context, { name: COMPONENT, workers: { default: 5 }, reconcile, setup });
}

/** Marks the queue's keys that are pods without a job. */
const ORPHAN = 'orphan:';

/** A pod of the job; for one index of an indexed job it knows which. */
function podOf(job: Job, index: number | undefined, seen: Count): Pod {
  const pod = podFromTemplate(job.spec.template, job, Jobs);
  const finalizers = [...new Set([...(pod.metadata.finalizers ?? []), TRACKING])];
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } };
  const name = job.metadata.name ?? '';
  const suffix = `-${index}-`;
  return {
    ...pod,
    metadata: {
      ...pod.metadata, finalizers,
      // 58 characters, so that five random ones fit (names.MaxGeneratedNameLength).
      generateName: `${name.slice(0, 58 - suffix.length)}${suffix}`,
      labels: { ...pod.metadata.labels, [COMPLETION_INDEX]: String(index) },
      annotations: { ...pod.metadata.annotations, [COMPLETION_INDEX]: String(index), ...(perIndexLimit(job) !== undefined && failureAnnotations(job, seen.kept.get(index))) },
    },
    spec: {
      ...pod.spec,
      hostname: `${name}-${index}`,
      ...(pod.spec.initContainers && { initContainers: pod.spec.initContainers.map(withIndexVariable) }),
      containers: pod.spec.containers.map(withIndexVariable),
    },
  };
}

function withIndexVariable(container: Container): Container {
  if ((container.env ?? []).some(({ name }) => name === 'JOB_COMPLETION_INDEX')) return container;
  return { ...container, env: [...(container.env ?? []), { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${COMPLETION_INDEX}']` } } }] };
}

