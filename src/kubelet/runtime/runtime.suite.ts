/** What every Runtime does. An implementation's test calls this with a way to make one. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ContainerConfig, ContainerStatus, Runtime, RuntimeEvent, SandboxConfig } from './runtime.ts';

export interface RuntimeUnderTest {
  readonly runtime: Runtime;
  sandbox(name: string): SandboxConfig;
  /** `runs`: for ever, ends on SIGTERM. `fails`: ends at once with 3. `stubborn`: ignores SIGTERM. */
  container(name: string, kind: 'runs' | 'fails' | 'stubborn', attempt?: number): ContainerConfig;
  /** Whether the program has come so far that it handles SIGTERM, or ignores it. */
  heedsSignals(container: ContainerStatus): boolean;
  /** Waits (in whatever time it lives) until it holds. */
  until(done: () => boolean | Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

export function runtimeSuite(name: string, make: () => Promise<RuntimeUnderTest>): void {
  describe(`runtime ${name}`, () => {
    let t: RuntimeUnderTest;
    beforeEach(async () => {
      t = await make();
    });
    afterEach(() => t.close());

    const start = async (kind: 'runs' | 'fails' | 'stubborn'): Promise<{ sandboxId: string; id: string }> => {
      const sandbox = await t.runtime.createSandbox(t.sandbox('web'));
      const id = await t.runtime.createContainer(sandbox.id, t.container('app', kind));
      await t.runtime.startContainer(id);
      if (kind !== 'fails') await t.until(async () => t.heedsSignals(await status(id)));
      return { sandboxId: sandbox.id, id };
    };
    const status = async (id: string): Promise<ContainerStatus> => (await t.runtime.containerStatus(id))!;
    const ended = (id: string) => t.until(async () => (await status(id)).state === 'exited');

    test('a sandbox is ready and listed', async () => {
      const made = await t.runtime.createSandbox(t.sandbox('web'));
      expect(made).toMatchObject({ podUid: t.sandbox('web').podUid, name: 'web', state: 'ready', attempt: 0, containers: [] });
      expect((await t.runtime.list()).map((s) => s.id)).toEqual([made.id]);
    });

    test('a container is created, then runs', async () => {
      const sandbox = await t.runtime.createSandbox(t.sandbox('web'));
      const id = await t.runtime.createContainer(sandbox.id, t.container('app', 'runs', 2));
      expect(await status(id)).toMatchObject({ id, name: 'app', attempt: 2, state: 'created' });
      await t.runtime.startContainer(id);
      expect(await status(id)).toMatchObject({ state: 'running', startedAt: expect.any(Number), exitCode: undefined });
      expect((await t.runtime.list())[0]!.containers).toMatchObject([{ id, state: 'running' }]);
    });

    test('what a running container may use changes, and is remembered; what does not run is not changed', async () => {
      const { sandboxId, id } = await start('runs');
      const resources = { cpuShares: 204, cpuQuota: 30_000, memoryBytes: 256 << 20, pids: undefined };
      await t.runtime.updateSandbox(sandboxId, resources);
      const { labels } = await status(id);
      await t.runtime.updateContainer(id, { resources, labels: { size: 'large' } });
      expect((await status(id)).labels).toEqual({ ...labels, size: 'large' });
      expect((await t.runtime.list())[0]!.containers[0]!.labels).toEqual({ ...labels, size: 'large' });
      await t.runtime.killContainer(id);
      await expect(t.runtime.updateContainer(id, { resources, labels: {} })).rejects.toThrow('is not running');
      await expect(t.runtime.updateSandbox('none', resources)).rejects.toThrow('not found');
    });

    test('an end has its code, its time and its event', async () => {
      const events: RuntimeEvent[] = [];
      const stop = t.runtime.onEvent((event) => events.push(event));
      const { sandboxId, id } = await start('fails');
      await ended(id);
      expect(await status(id)).toMatchObject({ exitCode: 3, reason: 'Error', finishedAt: expect.any(Number), pid: undefined });
      await t.until(() => events.some((e) => e.type === 'exited'));
      expect(events).toContainEqual({ type: 'exited', sandboxId, containerId: id });
      stop();
    });

    test('a signal ends what listens to it', async () => {
      const { id } = await start('runs');
      await t.runtime.signalContainer(id, 'SIGTERM');
      await ended(id);
      expect((await status(id)).exitCode).toBe(143);
    });

    test('what ignores signals is killed', async () => {
      const { id } = await start('stubborn');
      await t.runtime.signalContainer(id, 'SIGTERM');
      expect((await status(id)).state).toBe('running');
      await t.runtime.killContainer(id);
      await ended(id);
      expect((await status(id)).exitCode).toBe(137);
    });

    test('stopping a sandbox ends what runs in it; removing leaves nothing; both may be repeated', async () => {
      const { sandboxId, id } = await start('stubborn');
      await t.runtime.stopSandbox(sandboxId);
      await t.runtime.stopSandbox(sandboxId);
      await ended(id);
      expect((await t.runtime.list())[0]!.state).toBe('notready');
      await t.runtime.removeSandbox(sandboxId);
      await t.runtime.removeSandbox(sandboxId);
      expect(await t.runtime.list()).toEqual([]);
      expect(await t.runtime.containerStatus(id)).toBeUndefined();
    });

    test('a container that ended can be removed alone', async () => {
      const { id } = await start('fails');
      await ended(id);
      await t.runtime.removeContainer(id);
      expect(await t.runtime.containerStatus(id)).toBeUndefined();
      expect((await t.runtime.list())[0]!.containers).toEqual([]);
    });

    test('stats are for what runs', async () => {
      const { id } = await start('runs');
      const first = (await t.runtime.stats(id))!;
      expect(first.cpuNanoseconds).toBeGreaterThanOrEqual(0);
      expect(first.memoryWorkingSetBytes).toBeLessThanOrEqual(first.memoryUsageBytes);
      await t.runtime.killContainer(id);
      await ended(id);
      expect(await t.runtime.stats(id)).toBeUndefined();
    });
  });
}
