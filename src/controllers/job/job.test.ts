import { expect, test } from 'vitest';
import { Jobs } from '../../api/kinds/batch/job.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Job } from '../../api/types/batch.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { podRunner, testbed, type PodRunnerOptions, type Testbed } from '../testbed.suite.ts';
import { jobController } from './controller.ts';
import { firstFree, formatIndexes, indexOf, parseIndexes, withIndexes } from './indexes.ts';
import { matchFailurePolicy, matchSuccessPolicy } from './policies.ts';
import { ttlAfterFinishedController } from './ttl.ts';

const work = (spec: Partial<Job['spec']> = {}): Job => ({
  apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'work', namespace: 'default' },
  spec: { parallelism: 1, completions: 1, backoffLimit: 6, completionMode: 'NonIndexed', template: { metadata: { labels: { job: 'work' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }, ...spec },
});
const exits = (code: (pod: Pod) => number, afterMs = 1000): PodRunnerOptions => ({ ends: (pod) => ({ afterMs, exitCode: code(pod) }) });
async function running(pods: PodRunnerOptions, spec: Partial<Job['spec']> = {}) {
  const bed = await testbed();
  await bed.start(jobController(bed.context), ttlAfterFinishedController(bed.context), podRunner(bed, pods));
  await bed.client.create(Jobs, work(spec));
  return bed;
}
const status = (bed: Testbed) => bed.client.objects(Jobs)[0]?.status ?? {};
const conditions = (bed: Testbed) => (status(bed).conditions ?? []).map(({ type, reason }) => `${type} ${reason}`);
const events = (bed: Testbed) => bed.log.filter((line) => !line.includes('SuccessfulCreate') && !line.includes('SuccessfulDelete')).map((line) => line.split(' ').slice(3).join(' '));

test('runs to completion, a few at a time, and lets its pods go', async () => {
  const bed = await running(exits(() => 0), { parallelism: 2, completions: 5 });
  await bed.clock.advance(500);
  expect(bed.client.objects(Pods)).toHaveLength(2);
  await bed.clock.advance(20_000);
  expect(status(bed)).toMatchObject({ succeeded: 5, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
  expect(status(bed).active ?? 0).toBe(0);
  expect(status(bed).completionTime).toBe(status(bed).conditions!.at(-1)!.lastTransitionTime);
  expect(conditions(bed)).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']);
  expect(events(bed)).toEqual(['Completed Job completed']);
  expect(bed.client.objects(Pods).every((pod) => (pod.metadata.finalizers ?? []).length === 0)).toBe(true);
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

test('tries again ever more slowly, then gives up', async () => {
  const bed = await running(exits(() => 1), { backoffLimit: 2 });
  await bed.clock.advance(120_000);
  const starts = bed.log.filter((line) => line.includes('SuccessfulCreate')).map((line) => Number(line.split(' ')[0]));
  expect(starts).toEqual([0, 12_000, 34_000]);
  expect(status(bed)).toMatchObject({ failed: 3 });
  expect(conditions(bed)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
  expect(events(bed)).toEqual(['BackoffLimitExceeded Job has reached the specified backoff limit']);
  await bed.stop();
});

test('indexed: every index once, with its number in name, label and environment', async () => {
  const bed = await running(exits(() => 0), { parallelism: 3, completions: 4, completionMode: 'Indexed' });
  await bed.clock.advance(100);
  const pod = bed.client.objects(Pods).find((p) => indexOf(p) === 1)!;
  expect(pod.metadata.name).toMatch(/^work-1-.{5}$/);
  expect(pod.spec.hostname).toBe('work-1');
  expect(pod.spec.containers[0]!.env).toEqual([{ name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } } }]);
  await bed.clock.advance(20_000);
  expect(status(bed)).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
  expect(conditions(bed).at(-1)).toBe('Complete CompletionsReached');
  await bed.stop();
});

test('indexed with a limit per index: one broken index does not stop the others', async () => {
  const bed = await running(exits((pod) => (indexOf(pod) === 1 ? 1 : 0)), { parallelism: 3, completions: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1, backoffLimit: 2 ** 31 - 1 });
  await bed.clock.advance(120_000);
  expect(status(bed)).toMatchObject({ succeeded: 2, failed: 2, completedIndexes: '0,2', failedIndexes: '1' });
  expect(conditions(bed)).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
  await bed.stop();
});

test('a failure policy ends the job at once, naming container, code and rule', async () => {
  const bed = await running(exits(() => 42), { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] } });
  await bed.clock.advance(30_000);
  expect(status(bed).conditions!.at(-1)).toMatchObject({ type: 'Failed', reason: 'PodFailurePolicy' });
  expect(status(bed).conditions!.at(-1)!.message).toMatch(/^Container c for pod default\/work-.{5} failed with exit code 42 matching FailJob rule at index 0$/);
  await bed.stop();
});

test('a deadline stops what runs', async () => {
  const bed = await running({}, { activeDeadlineSeconds: 20 });
  await bed.clock.advance(19_000);
  expect(conditions(bed)).toEqual([]);
  await bed.clock.advance(3000);
  expect(conditions(bed)).toEqual(['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded']);
  expect(bed.client.objects(Pods)).toEqual([]);
  await bed.stop();
});

test('suspend takes the pods away without counting them, resume brings them back', async () => {
  const bed = await running(exits(() => 0, 10_000), { suspend: true });
  await bed.clock.advance(1000);
  expect(bed.client.objects(Pods)).toEqual([]);
  expect(status(bed).startTime).toBeUndefined();
  const suspend = (value: boolean) => bed.client.patch(Jobs, 'work', { type: 'merge', body: { spec: { suspend: value } } }, { namespace: 'default' });
  await suspend(false);
  await bed.clock.advance(5000);
  expect(bed.client.objects(Pods)).toHaveLength(1);
  await suspend(true);
  await bed.clock.advance(5000);
  expect(bed.client.objects(Pods)).toEqual([]);
  expect(status(bed).failed ?? 0).toBe(0);
  await suspend(false);
  await bed.clock.advance(30_000);
  expect(events(bed)).toEqual(['Suspended Job suspended', 'Resumed Job resumed', 'Suspended Job suspended', 'Resumed Job resumed', 'Completed Job completed']);
  await bed.stop();
});

test('success policy: enough indexes are enough; the time to live deletes it', async () => {
  const bed = await running({ ends: (pod) => (indexOf(pod) === 0 ? { afterMs: 1000, exitCode: 0 } : undefined) }, { parallelism: 3, completions: 3, completionMode: 'Indexed', successPolicy: { rules: [{ succeededIndexes: '0' }] }, ttlSecondsAfterFinished: 60 });
  await bed.clock.advance(10_000);
  expect(status(bed).conditions!.map(({ type, reason, message }) => `${type} ${reason} ${message}`)).toEqual(['SuccessCriteriaMet SuccessPolicy Matched rules at index 0', 'Complete SuccessPolicy Matched rules at index 0']);
  await bed.clock.advance(60_000);
  // Its pods go first; that is the garbage collector's part.
  expect(bed.client.objects(Jobs)[0]!.metadata).toMatchObject({ deletionTimestamp: expect.any(String), finalizers: ['foregroundDeletion'] });
  await bed.stop();
});

test.each([['0-3,5', '0-3,5'], ['5,0,1', '0,1,5'], ['0-100', '0-9'], ['x,2', '2'], ['', '']])('indexes %s', (text, shown) => {
  expect(formatIndexes(parseIndexes(text, 10))).toBe(shown);
});
test('free indexes', () => {
  expect(firstFree(withIndexes(parseIndexes('1-2', 6), [4]), 10, 6)).toEqual([0, 3, 5]);
  expect(firstFree([], 2, 6)).toEqual([0, 1]);
});
test('policies', () => {
  const failed = { metadata: { name: 'p', namespace: 'n' }, status: { conditions: [{ type: 'DisruptionTarget', status: 'True' }], containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 3 } } }] } } as Pod;
  expect(matchFailurePolicy({ rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] }, failed)).toEqual({ counts: false, action: 'Ignore' });
  expect(matchFailurePolicy({ rules: [{ action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [3] } }] }, failed)).toEqual({ counts: true });
  expect(matchFailurePolicy({ rules: [{ action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] }, failed).failJob).toBe('Pod n/p has condition DisruptionTarget matching FailJob rule at index 0');
  expect(matchSuccessPolicy({ rules: [{ succeededIndexes: '0-4', succeededCount: 2 }, { succeededCount: 9 }] }, 10, [[1, 2]])).toBe('Matched rules at index 0');
  expect(matchSuccessPolicy({ rules: [{ succeededCount: 3 }] }, 10, [[1, 2]])).toBeUndefined();
});
