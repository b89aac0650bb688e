import { expect, test } from 'vitest';
import { virtualClock } from '../../base/clock.ts';
import type { ContainerConfig, SandboxConfig } from './runtime.ts';
import { runtimeSuite } from './runtime.suite.ts';
import { simulatedRuntime, type ContainerBehaviour } from './simulated.ts';

const sandbox = (name: string): SandboxConfig => ({
  podUid: `uid-${name}`, namespace: 'default', name, attempt: 0, hostname: name, hostNetwork: false, hostPID: false, hostIPC: false, shareProcessNamespace: false,
  dns: { servers: [], searches: [], options: [] }, hostAliases: [], sysctls: {}, cgroupParent: '', resources: { cpuShares: 2, cpuQuota: undefined, memoryBytes: undefined, pids: undefined },
  labels: {}, logDirectory: '',
});
const container = (name: string, command: string, attempt = 0): ContainerConfig => ({
  name, attempt, image: { reference: 'i', id: 'i', layers: [], host: false }, command: [command], workingDir: '/', env: [], mounts: [], user: { uid: 0, gid: 0, supplementalGroups: [] },
  security: { privileged: false, readOnlyRootFilesystem: false, noNewPrivileges: false, capabilities: [] }, resources: { cpuShares: 2, cpuQuota: undefined, memoryBytes: undefined, pids: undefined },
  stdin: false, stdinOnce: false, tty: false, logPath: '', stopSignal: 'SIGTERM', oomScoreAdj: 0, labels: {},
});
const BEHAVIOURS: Readonly<Record<string, ContainerBehaviour>> = { runs: {}, fails: { runMs: 1, exitCode: 3 }, stubborn: { stopMs: Infinity } };

runtimeSuite('simulated', async () => {
  const clock = virtualClock();
  const runtime = simulatedRuntime({ clock, model: () => ({ container: (config) => BEHAVIOURS[config.command[0]!]! }) });
  return {
    runtime, sandbox, container,
    heedsSignals: () => true,
    async until(done) {
      for (let i = 0; i < 1000 && !(await done()); i++) await clock.advance(10);
      if (!(await done())) throw new Error('not within 10 s of virtual time');
    },
    close: () => runtime.close(),
  };
});

test('usage adds up over time', async () => {
  const clock = virtualClock();
  const runtime = simulatedRuntime({ clock, model: () => ({ container: () => ({ usage: () => ({ cpuMilli: 250, memoryBytes: 1024 }) }) }) });
  const { id } = await runtime.createSandbox(sandbox('web'));
  const c = await runtime.createContainer(id, container('app', 'runs'));
  await runtime.startContainer(c);
  await clock.advance(2000);
  expect(await runtime.stats(c)).toMatchObject({ cpuNanoseconds: 0.25 * 2e9, memoryWorkingSetBytes: 1024 });
  await clock.advance(2000);
  expect(await runtime.stats(c)).toMatchObject({ cpuNanoseconds: 0.25 * 4e9 });
});
