import { expect, test } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { createMetrics, type PodSample } from './metrics.ts';

test('usage is the rate between the last two readings; a pod with a container that has none is not shown', async () => {
  const clock = virtualClock();
  const start = clock.now() - 100_000;
  let second = false;
  const stats = async (): Promise<PodSample[]> => [{
    namespace: 'd', name: 'p', uid: 'u',
    containers: [
      { name: 'a', at: clock.now(), cpuNanoseconds: (clock.now() - start) * 250_000, memoryWorkingSetBytes: 10 * 1024 * 1024, startedAt: start },
      ...(second ? [{ name: 'b', at: clock.now(), cpuNanoseconds: 1, memoryWorkingSetBytes: 1, startedAt: clock.now() }] : []),
    ],
  }];
  const metrics = createMetrics({ clock, nodes: () => [{ nodeName: 'n', stats }], podLabels: () => ({ app: 'x' }) });
  await metrics.start();
  await clock.advance(0);
  expect(metrics.pods()).toEqual([]);
  await clock.advance(15_000);
  expect(metrics.pods()).toMatchObject([{ metadata: { name: 'p', namespace: 'd', labels: { app: 'x' } }, window: '15s', containers: [{ name: 'a', usage: { cpu: '250000000n', memory: '10240Ki' } }] }]);
  expect(metrics.nodes()).toMatchObject([{ metadata: { name: 'n' }, usage: { cpu: '250000000n', memory: '10240Ki' } }]);
  second = true;
  await clock.advance(15_000);
  expect(metrics.pods()).toEqual([]);
  await metrics.stop();
});

test('a restarted container begins anew', async () => {
  const clock = virtualClock();
  let startedAt = clock.now();
  let cpu = 0;
  const stats = async (): Promise<PodSample[]> => [{ namespace: 'd', name: 'p', uid: 'u', containers: [{ name: 'a', at: clock.now(), cpuNanoseconds: cpu, memoryWorkingSetBytes: 1024, startedAt }] }];
  const metrics = createMetrics({ clock, nodes: () => [{ nodeName: 'n', stats }], podLabels: () => ({}) });
  await metrics.start();
  await clock.advance(0);
  cpu = 15e9;
  await clock.advance(15_000);
  expect(metrics.pods()[0]?.containers?.[0]?.usage?.['cpu']).toBe('1000000000n');
  startedAt = clock.now() + 1_000;
  cpu = 7e9;
  await clock.advance(15_000);
  // Its 14 seconds of life stand in for the missing reading.
  expect(metrics.pods()[0]?.containers?.[0]?.usage?.['cpu']).toBe('500000000n');
  await metrics.stop();
});
