import { isNamespaceTerminating, isReason } from '../../api/errors.ts';
import { CronJobs } from '../../api/kinds/batch/cron-job.ts';
import { Jobs } from '../../api/kinds/batch/job.ts';
import type { CronJob, Job } from '../../api/types/batch.v1.ts';
import { referenceTo, type WorkQueue } from '../../client/index.ts';
import type { Component, Reconcile } from '../../client/controller.ts';
import { sameStatus } from '../canonical.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { controllerOf, isControlledBy, ownershipIndex } from '../ownership.ts';
import { textOf } from '../podcontrol.ts';
import { rfc3339 } from '../../base/time.ts';
import { due, follow, jobOf, surplus, type EventText } from './decide.ts';
import { isTimeZone, parseSchedule, type Schedule } from './schedule.ts';

const COMPONENT = 'cronjob-controller';

/** Starts Jobs on schedule (pkg/controller/cronjob). */
export function cronJobController(context: ControllerContext): Component {
  const { client, clock } = context;
  const cronJobs = context.informers.informer(CronJobs);
  const jobs = context.informers.informer(Jobs);
  const jobsByOwner = ownershipIndex(jobs);
  const events = context.events(COMPONENT);

  const setup = (queue: WorkQueue) => {
    const wake = (job: Job) => {
      const owner = controllerOf(job);
      if (owner?.kind === CronJobs.kind) queue.add(keyFor(job.metadata.namespace, owner.name));
    };
    cronJobs.onChange({ added: (c) => queue.add(keyOf(c)), updated: (_, c) => queue.add(keyOf(c)), deleted: (c) => queue.add(keyOf(c)) });
    jobs.onChange({ added: wake, updated: (_, job) => wake(job), deleted: wake });
    return [cronJobs, jobs];
  };
  const say = (cronJob: CronJob, texts: readonly EventText[]) => {
    for (const { severity, reason, message } of texts) events.event(cronJob, severity, reason, message);
  };

  const reconcile: Reconcile = async (key) => {
    const { namespace, name } = splitKey(key);
    const original = cronJobs.get(namespace, name);
    if (!original) return;
    const owned = jobsByOwner.ownedBy(original.metadata.uid!);
    const removed = await removeAll(original, surplus(original, owned));
    const remaining = owned.filter((job) => !removed.includes(job));
    const followed = follow(original, remaining, await missing(original, owned));
    say(original, followed.events);
    let failure: unknown;
    let { cronJob } = followed;
    let afterMs: number | undefined;
    try {
      ({ cronJob, afterMs } = await run(cronJob));
    } catch (error) {
      failure = error;
    }
    if (!sameStatus(original.status, cronJob.status)) await client.update(CronJobs, cronJob, { subresource: 'status' });
    if (failure !== undefined) throw failure;
    if (afterMs !== undefined && afterMs < Infinity) return { afterMs };
  };

  /** Active jobs that are no more; the API is asked, since the informer may not have seen a new one. */
  const missing = async (cronJob: CronJob, owned: readonly Job[]): Promise<readonly string[]> => {
    const gone: string[] = [];
    for (const { uid = '', name = '', namespace } of cronJob.status?.active ?? []) {
      if (owned.some((job) => job.metadata.uid === uid)) continue;
      try {
        await client.get(Jobs, name, { namespace });
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error;
        gone.push(uid);
      }
    }
    return gone;
  };

  /** The schedule, or undefined (and an event) when there is none that can be kept. */
  const scheduleOf = (cronJob: CronJob): Schedule | undefined => {
    const { schedule, timeZone } = cronJob.spec;
    if (timeZone !== undefined && !isTimeZone(timeZone)) {
      events.event(cronJob, 'Warning', 'UnknownTimeZone', `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`);
      return undefined;
    }
    if (cronJob.spec.suspend) return undefined;
    if (schedule.includes('TZ')) {
      events.event(cronJob, 'Warning', 'UnsupportedSchedule', `CRON_TZ or TZ used in schedule ${JSON.stringify(schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`);
    }
    try {
      return parseSchedule(schedule, timeZone);
    } catch (error) {
      events.event(cronJob, 'Warning', 'UnparseableSchedule', `unparseable schedule: ${JSON.stringify(schedule)} : ${textOf(error)}`);
      return undefined;
    }
  };

  const run = async (cronJob: CronJob): Promise<{ cronJob: CronJob; afterMs: number | undefined }> => {
    const idle = { cronJob, afterMs: undefined };
    if (cronJob.metadata.deletionTimestamp !== undefined) return idle;
    const schedule = scheduleOf(cronJob);
    if (!schedule) return idle;
    const decision = due(cronJob, schedule, clock.now());
    say(cronJob, decision.events);
    if (decision.run === undefined) return { cronJob, afterMs: decision.afterMs };
    let active = cronJob.status?.active ?? [];
    if (cronJob.spec.concurrencyPolicy === 'Replace' && active.length > 0) {
      await replaceAll(cronJob, active);
      active = [];
    }
    const job = await start(cronJob, decision.run);
    if (!job) return idle;
    const status = { ...cronJob.status, active: [...active, referenceTo(job)], lastScheduleTime: rfc3339(decision.run) };
    return { cronJob: { ...cronJob, status }, afterMs: decision.afterMs };
  };

  /** Starts a run; undefined when its job is there already and is not ours, or is known. */
  const start = async (cronJob: CronJob, at: number): Promise<Job | undefined> => {
    const wanted = jobOf(cronJob, at);
    try {
      const created = await client.create(Jobs, wanted);
      events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) {
        const existing = await client.get(Jobs, wanted.metadata.name ?? '', { namespace: wanted.metadata.namespace });
        const known = (cronJob.status?.active ?? []).some(({ uid }) => uid === existing.metadata.uid);
        return isControlledBy(existing, cronJob) && !known ? existing : undefined;
      }
      if (!isNamespaceTerminating(error)) events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${textOf(error)}`);
      throw error;
    }
  };

  const replaceAll = async (cronJob: CronJob, active: readonly { readonly name?: string; readonly namespace?: string }[]) => {
    for (const { name = '', namespace } of active) {
      let job: Job;
      try {
        job = await client.get(Jobs, name, { namespace });
      } catch (error) {
        events.event(cronJob, 'Warning', 'FailedGet', `Get job: ${textOf(error)}`);
        throw error;
      }
      if ((await removeAll(cronJob, [job])).length === 0) throw new Error(`could not replace job ${namespace}/${name}`);
    }
  };

  /** Deletes jobs with their pods. Returns those that could be deleted. */
  const removeAll = async (cronJob: CronJob, doomed: readonly Job[]): Promise<readonly Job[]> => {
    const removed: Job[] = [];
    for (const job of doomed) {
      if (job.metadata.deletionTimestamp !== undefined) continue;
      try {
        await client.delete(Jobs, job.metadata.name ?? '', { namespace: job.metadata.namespace, propagationPolicy: 'Background', preconditions: { uid: job.metadata.uid } });
        events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
        removed.push(job);
      } catch (error) {
        if (isReason(error, 'NotFound')) removed.push(job);
        else events.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${textOf(error)}`);
      }
    }
    return removed;
  };

  return controllerIn(context, { name: COMPONENT, workers: { default: 5 }, reconcile, setup });
}
