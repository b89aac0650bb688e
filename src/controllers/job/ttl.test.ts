import { afterEach, beforeEach, expect, test } from 'vitest';
import { Jobs } from '../../api/kinds/batch/job.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Job } from '../../api/types/batch.v1.ts';
import { garbageCollector } from '../garbagecollector/controller.ts';
import { podRunner, testbed, type Testbed } from '../testbed.suite.ts';
import { jobController } from './controller.ts';
import { expiresIn, ttlAfterFinishedController } from './ttl.ts';

const NOW = Date.UTC(2025, 0, 1);
const finished = (type: string, ttl: number | undefined, more: { at?: string; status?: string; deleted?: boolean } = {}): Job => ({
  apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', ...(more.deleted && { deletionTimestamp: '2025-01-01T00:00:00Z' }) },
  spec: { template: { metadata: {}, spec: { containers: [] } }, ttlSecondsAfterFinished: ttl },
  status: { conditions: [{ type, status: (more.status ?? 'True') as 'True', lastTransitionTime: more.at ?? '2024-12-31T23:59:30Z' }] },
});
test.each<[string, Job, number | undefined]>([
  ['complete half a minute ago, kept for one', finished('Complete', 60), 30_000],
  ['failed counts as well', finished('Failed', 10), -20_000],
  ['kept for no time', finished('Complete', 0), -30_000],
  ['kept for ever', finished('Complete', undefined), undefined],
  ['not finished', finished('Suspended', 60), undefined],
  ['about to fail, with pods still there', finished('FailureTarget', 60), undefined],
  ['a condition that does not hold', finished('Complete', 60, { status: 'False' }), undefined],
  ['on its way out already', finished('Complete', 60, { deleted: true }), undefined],
])('%s', (_, job, wanted) => expect(expiresIn(job, NOW)).toBe(wanted));

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
  await bed.start(jobController(bed.context), ttlAfterFinishedController(bed.context), garbageCollector(bed.context, bed.resources), podRunner(bed, { ends: (pod) => ({ afterMs: 1000, exitCode: pod.metadata.name?.startsWith('bad') ? 1 : 0 }) }));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});
const run = async (name: string, ttlSecondsAfterFinished?: number) => {
  await bed.client.create(Jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'default' }, spec: { backoffLimit: 0, ttlSecondsAfterFinished, template: { metadata: {}, spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } });
  await bed.clock.advance(10_000);
};
const jobs = () => bed.client.objects(Jobs).map((j) => j.metadata.name).sort();

test('a finished Job goes with its pods when its time is over, whether it did well or not', async () => {
  await run('good', 60);
  await run('bad', 120);
  await run('kept');
  await run('at-once', 0);
  expect(jobs()).toEqual(['bad', 'good', 'kept']);
  await bed.clock.advance(40_000);
  expect(jobs()).toEqual(['bad', 'kept']);
  await bed.clock.advance(60_000);
  expect(jobs()).toEqual(['kept']);
  expect(bed.client.objects(Pods).map((p) => p.metadata.labels?.['job-name'])).toEqual(['kept']);
});

test('its time may be given, lengthened and shortened after the end', async () => {
  const change = async (seconds: number | null) => {
    await bed.client.patch(Jobs, 'j', { type: 'merge', body: { spec: { ttlSecondsAfterFinished: seconds } } }, { namespace: 'default' });
    await bed.clock.advance(1000);
  };
  await run('j', 30);
  await change(3600);
  await bed.clock.advance(600_000);
  expect(jobs()).toEqual(['j']);
  await change(null);
  await bed.clock.advance(7_200_000);
  expect(jobs()).toEqual(['j']);
  await change(60);
  expect(jobs()).toEqual([]);
});
