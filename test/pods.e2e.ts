/** Pods as real processes, through the whole cluster. Skipped where the machine does not let us (no root). CORACLE_LONG=1: the full numbers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRoot, podWorld, sh, status, type PodWorld } from './pods/world.ts';
import { count, tracesOf } from './pods/traces.ts';

test.runIf(!isRoot)('pods as real processes need root: run as root', ({ skip }) => skip());

describe.runIf(isRoot)('pods', () => {
  let world: PodWorld;
  beforeAll(async () => {
    world = await podWorld();
  });
  afterAll(async () => {
    await world.stop();
    expect(count(tracesOf(world.directory, world.name))).toEqual({ processes: 0, mounts: 0, namespaces: 0, groups: 0, links: 0, addresses: 0 });
    await world.close();
  });

  test('a crash loop waits 10 s, then 20 s', async () => {
    const { run, get, wait, events, remove } = world;
    await run('crash', sh('exit 3'));
    await wait(async () => status(await get('crash')).state?.waiting?.message ?? '').toMatch(/^back-off 10s restarting failed container=app pod=crash_default\([-0-9a-f]+\)$/);
    const first = status(await get('crash'));
    expect(first).toMatchObject({ restartCount: 1, ready: false, started: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 3, reason: 'Error' } } });
    await wait(async () => status(await get('crash')).restartCount, 20_000).toBe(2);
    await wait(async () => status(await get('crash')).state?.waiting?.message ?? '').toMatch(/^back-off 20s /);
    const between = Date.parse(status(await get('crash')).lastState!.terminated!.startedAt!) - Date.parse(first.lastState!.terminated!.finishedAt!);
    expect(between).toBeGreaterThanOrEqual(9_000);
    expect(between).toBeLessThan(13_000);
    expect(await events('crash')).toContainEqual(expect.stringMatching(/^BackOff: Back-off restarting failed container app in pod crash_default\(/));
    await remove('crash');
  }, 60_000);
});
