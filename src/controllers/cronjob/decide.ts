import { CronJobs } from '../../api/kinds/batch/cron-job.ts';
import { Jobs } from '../../api/kinds/batch/job.ts';
import { apiVersionOf } from '../../api/object.ts';
import type { CronJob, Job } from '../../api/types/batch.v1.ts';
import { findCondition, isFinished } from '../job/decide.ts';
import { compare } from '../names.ts';
import { controllerReference } from '../ownership.ts';
import { inZone, rfc1123z, type Schedule } from './schedule.ts';

/** A little later than the minute, so that the clock has surely reached it (cronjob_controllerv2.go nextScheduleDelta). */
const DELTA_MS = 100;
const MANY = 100;

export interface EventText {
  readonly severity: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Finished jobs beyond what the history keeps, oldest first (cleanupFinishedJobs). */
export function surplus(cronJob: CronJob, jobs: readonly Job[]): readonly Job[] {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec;
  const oldest = (type: string, limit: number) => {
    const finished = jobs.filter((job) => findCondition(job, type)).sort(byStart);
    return finished.slice(0, Math.max(0, finished.length - limit));
  };
  return [...oldest('Complete', successfulJobsHistoryLimit), ...oldest('Failed', failedJobsHistoryLimit)];
}

function byStart(a: Job, b: Job): number {
  const [first, second] = [a.status?.startTime, b.status?.startTime];
  return Number(first === undefined) - Number(second === undefined) || compare(first ?? '', second ?? '') || compare(a.metadata.name ?? '', b.metadata.name ?? '');
}

export interface Followed {
  readonly cronJob: CronJob;
  readonly events: readonly EventText[];
}

/** Takes what became of its jobs into a CronJob's status; `gone` are active ones that are not there any more (first half of syncCronJob). */
export function follow(cronJob: CronJob, jobs: readonly Job[], gone: readonly string[]): Followed {
  const events: EventText[] = [];
  let { active = [] } = cronJob.status ?? {};
  let lastSuccessfulTime = cronJob.status?.lastSuccessfulTime;
  for (const job of jobs) {
    const known = active.some((reference) => reference.uid === job.metadata.uid);
    if (!isFinished(job)) {
      if (!known) events.push({ severity: 'Warning', reason: 'UnexpectedJob', message: `Saw a job that the controller did not create or forgot: ${job.metadata.name}` });
      continue;
    }
    const end = findCondition(job, 'Complete') ? 'Complete' : 'Failed';
    if (known) {
      active = active.filter((reference) => reference.uid !== job.metadata.uid);
      events.push({ severity: 'Normal', reason: 'SawCompletedJob', message: `Saw completed job: ${job.metadata.name}, condition: ${end}` });
    }
    const completed = job.status?.completionTime;
    if (end === 'Complete' && completed !== undefined && (lastSuccessfulTime === undefined || Date.parse(completed) > Date.parse(lastSuccessfulTime))) lastSuccessfulTime = completed;
  }
  for (const reference of active.filter(({ uid }) => gone.includes(uid ?? ''))) {
    active = active.filter((other) => other !== reference);
    events.push({ severity: 'Normal', reason: 'MissingJob', message: `Active job went missing: ${reference.name}` });
  }
  const { active: _, ...status } = cronJob.status ?? {};
  return { cronJob: { ...cronJob, status: { ...status, ...(active.length > 0 && { active }), ...(lastSuccessfulTime !== undefined && { lastSuccessfulTime }) } }, events };
}

export interface Due {
  readonly events: readonly EventText[];
  /** The time of the run that is to be started now. */
  readonly run?: number;
  /** Milliseconds until the next look. */
  readonly afterMs: number;
}

/** Whether a run is due: the latest one missed, unless it is too late, was started, or another still runs and may not be joined (second half of syncCronJob). */
export function due(cronJob: CronJob, schedule: Schedule, now: number): Due {
  const { startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec;
  const missed = latest(cronJob, schedule, now, true);
  const later = { events: [], afterMs: untilNext(cronJob, schedule, now) };
  if (missed.at === undefined) return later;
  const tooMany: EventText[] = missed.count > MANY ? [{ severity: 'Warning', reason: 'TooManyMissedTimes', message: 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew' }] : [];
  if (startingDeadlineSeconds !== undefined && missed.at + startingDeadlineSeconds * 1000 < now) {
    return { ...later, events: [...tooMany, { severity: 'Warning', reason: 'MissSchedule', message: `Missed scheduled time to start a job: ${rfc1123z(missed.at)}` }] };
  }
  const active = cronJob.status?.active ?? [];
  const started = active.some(({ name }) => name === jobName(cronJob, missed.at!)) || Date.parse(cronJob.status?.lastScheduleTime ?? '') === missed.at;
  if (started) return { ...later, events: tooMany };
  if (concurrencyPolicy === 'Forbid' && active.length > 0) {
    return { ...later, events: [...tooMany, { severity: 'Normal', reason: 'JobAlreadyActive', message: 'Not starting job because prior execution is running and concurrency policy is Forbid' }] };
  }
  return { ...later, events: tooMany, run: missed.at };
}

/** The latest time before now at which a run was due, counted from the last run (or the CronJob's making), and how many there were (utils.go mostRecentScheduleTime). */
function latest(cronJob: CronJob, schedule: Schedule, now: number, withDeadline: boolean): { readonly from: number; readonly at: number | undefined; readonly count: number } {
  const { startingDeadlineSeconds } = cronJob.spec;
  const last = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? '');
  const from = withDeadline && startingDeadlineSeconds !== undefined ? Math.max(last, now - startingDeadlineSeconds * 1000) : last;
  const first = schedule.next(from);
  if (now < first) return { from, at: undefined, count: 0 };
  const second = schedule.next(first);
  if (now < second) return { from, at: first, count: 1 };
  const between = Math.max(1000, Math.round((second - first) / 1000) * 1000);
  const count = Math.floor((now - first) / between) + 1;
  // Not every schedule is regular; the last ones are counted off from shortly before now.
  let at: number | undefined;
  for (let time = schedule.next(first + (count - 2) * between); time <= now; time = schedule.next(time)) at = time;
  return { from, at, count };
}

function untilNext(cronJob: CronJob, schedule: Schedule, now: number): number {
  const { from, at, count } = latest(cronJob, schedule, now, false);
  return schedule.next(at ?? (count === 0 ? from : now)) + DELTA_MS - now;
}

const jobName = (cronJob: CronJob, run: number) => `${cronJob.metadata.name}-${Math.floor(run / 60_000)}`;

/** The job of one run; its name says the minute, so that no run is started twice (utils.go getJobFromTemplate2). */
export function jobOf(cronJob: CronJob, run: number): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: apiVersionOf(Jobs),
    kind: Jobs.kind,
    metadata: {
      name: jobName(cronJob, run),
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels && { labels: { ...metadata.labels } }),
      annotations: { ...metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': inZone(run, cronJob.spec.timeZone) },
      ownerReferences: [controllerReference(cronJob, CronJobs)],
    },
    spec,
  };
}
