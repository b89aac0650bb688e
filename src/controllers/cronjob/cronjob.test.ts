import { expect, test } from 'vitest';
import { CronJobs } from '../../api/kinds/batch/cron-job.ts';
import { Jobs } from '../../api/kinds/batch/job.ts';
import type { CronJob } from '../../api/types/batch.v1.ts';
import { jobController } from '../job/controller.ts';
import { podRunner, testbed, type PodRunnerOptions, type Testbed } from '../testbed.suite.ts';
import { cronJobController } from './controller.ts';
import { due } from './decide.ts';
import { inZone, isTimeZone, parseSchedule, rfc1123z } from './schedule.ts';

const tick = (spec: Partial<CronJob['spec']> = {}): CronJob => ({
  apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'tick', namespace: 'default' },
  spec: {
    schedule: '* * * * *', concurrencyPolicy: 'Allow', successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1,
    jobTemplate: { metadata: {}, spec: { parallelism: 1, completions: 1, backoffLimit: 0, template: { metadata: { labels: { job: 'tick' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } }, ...spec,
  },
});
async function running(spec: Partial<CronJob['spec']>, pods: PodRunnerOptions = { ends: () => ({ afterMs: 5000, exitCode: 0 }) }) {
  const bed = await testbed();
  await bed.start(jobController(bed.context), cronJobController(bed.context), podRunner(bed, pods));
  await bed.client.create(CronJobs, tick(spec));
  return bed;
}
const said = (bed: Testbed) => bed.log.filter((line) => line.includes('CronJob/tick')).map((line) => line.split(' ').slice(3).join(' '));
const minute = Date.UTC(2025, 0, 1) / 60_000;

test('a job a minute, named by the minute; three are kept', async () => {
  const bed = await running({});
  await bed.clock.advance(5 * 60_000 + 30_000);
  expect(bed.client.objects(Jobs).map((job) => job.metadata.name)).toEqual([3, 4, 5].map((n) => `tick-${minute + n}`));
  expect(bed.client.objects(Jobs)[0]!.metadata.annotations).toEqual({ 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2025-01-01T00:03:00Z' });
  expect(said(bed).slice(0, 3)).toEqual([`SuccessfulCreate Created job tick-${minute + 1}`, `SawCompletedJob Saw completed job: tick-${minute + 1}, condition: Complete`, `SuccessfulCreate Created job tick-${minute + 2}`]);
  expect(said(bed)).toContain(`SuccessfulDelete Deleted job tick-${minute + 1}`);
  const { status } = bed.client.objects(CronJobs)[0]!;
  expect(status).toEqual({ lastScheduleTime: '2025-01-01T00:05:00Z', lastSuccessfulTime: '2025-01-01T00:05:06Z' });
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

test('Forbid waits for the one that runs, Replace takes its place', async () => {
  const forbid = await running({ concurrencyPolicy: 'Forbid' }, { ends: () => ({ afterMs: 150_000, exitCode: 0 }) });
  await forbid.clock.advance(150_000);
  expect(forbid.client.objects(Jobs)).toHaveLength(1);
  expect(said(forbid)).toContain('JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid');
  await forbid.stop();
  const replace = await running({ concurrencyPolicy: 'Replace' }, {});
  await replace.clock.advance(150_000);
  expect(replace.client.objects(CronJobs)[0]!.status!.active!.map(({ name }) => name)).toEqual([`tick-${minute + 2}`]);
  expect(said(replace)).toContain(`SuccessfulDelete Deleted job tick-${minute + 1}`);
  await replace.stop();
});

test('a suspended one starts nothing', async () => {
  const bed = await running({ suspend: true });
  await bed.clock.advance(180_000);
  expect(bed.client.objects(Jobs)).toEqual([]);
  await bed.stop();
});

const at = (text: string) => Date.parse(text);
test.each([
  ['*/5 * * * *', undefined, '2025-01-01T00:00:00Z', '2025-01-01T00:05:00Z'],
  ['@hourly', undefined, '2025-01-01T00:00:00Z', '2025-01-01T01:00:00Z'],
  ['@every 90s', undefined, '2025-01-01T00:00:00Z', '2025-01-01T00:01:30Z'],
  ['0 9 * * MON-FRI', 'America/New_York', '2025-01-04T00:00:00Z', '2025-01-06T14:00:00Z'],
  ['TZ=Europe/Berlin 0 9 * * *', undefined, '2025-01-01T00:00:00Z', '2025-01-01T08:00:00Z'],
  ['30 2 * * *', 'Europe/Berlin', '2025-03-29T12:00:00Z', '2025-03-31T00:30:00Z'],
  ['0 0 1 * 1', undefined, '2025-01-01T00:00:00Z', '2025-01-06T00:00:00Z'],
])('%s (%s) after %s', (schedule, zone, from, next) => {
  expect(new Date(parseSchedule(schedule, zone).next(at(from))).toISOString().replace('.000', '')).toBe(next);
});
test.each(['60 * * * *', '* * * * * *', 'x', '0 0 L * *', '* * *'])('%s is refused', (schedule) => {
  expect(() => parseSchedule(schedule, undefined)).toThrow();
});

test('only the latest missed run is started, unless its deadline is over', () => {
  const cron = { ...tick(), metadata: { name: 'tick', namespace: 'default', creationTimestamp: '2025-01-01T00:00:00Z' } };
  const schedule = parseSchedule('* * * * *', undefined);
  expect(due(cron, schedule, at('2025-01-01T00:00:30Z'))).toEqual({ events: [], afterMs: 30_100 });
  expect(due(cron, schedule, at('2025-01-01T00:05:30Z'))).toEqual({ events: [], run: at('2025-01-01T00:05:00Z'), afterMs: 30_100 });
  expect(due(cron, schedule, at('2025-01-01T03:00:00Z')).events).toEqual([{ severity: 'Warning', reason: 'TooManyMissedTimes', message: 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew' }]);
  const late = { ...cron, spec: { ...cron.spec, schedule: '0 * * * *', startingDeadlineSeconds: 10 } };
  expect(due(late, parseSchedule('0 * * * *', undefined), at('2025-01-01T01:00:05Z')).run).toBe(at('2025-01-01T01:00:00Z'));
  expect(due(late, parseSchedule('0 * * * *', undefined), at('2025-01-01T01:00:20Z')).run).toBeUndefined();
});

test('times as Go prints them', () => {
  expect(inZone(at('2025-07-01T07:00:00Z'), 'Europe/Berlin')).toBe('2025-07-01T09:00:00+02:00');
  expect(inZone(at('2025-07-01T07:00:00Z'))).toBe('2025-07-01T07:00:00Z');
  expect(rfc1123z(at('2025-01-01T09:00:00Z'))).toBe('Wed, 01 Jan 2025 09:00:00 +0000');
  expect(isTimeZone('Europe/Berlin')).toBe(true);
});
