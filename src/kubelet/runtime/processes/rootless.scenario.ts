/** What a user without privileges gets; run as one by `rootless.test.ts`, which reads the JSON that it prints. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { realClock } from '../../../base/clock.ts';
import type { ExecSession } from '../runtime.ts';
import { containerConfig, sandboxConfig, testRuntime } from './testing.ts';

const clock = realClock();
const fixture = await testRuntime('rootless');
const { directory } = fixture;
const result: Record<string, unknown> = { limitations: fixture.runtime.limitations.length };
try {
  for (const shareProcessNamespace of [false, true]) {
    const { runtime } = fixture;
    // Limits can't be enforced, and hold nothing back.
    const resources = { cpuShares: 102, cpuQuota: 50_000, memoryBytes: 1 << 26, pids: 99 };
    const sandbox = await runtime.createSandbox(sandboxConfig(directory, { shareProcessNamespace, resources }));
    const config = containerConfig(directory, ['sh', '-c', 'hostname >/dev/null; ls -A /home /root; touch /usr/mine && echo writes; cat /etc/shadow 2>/dev/null; echo up; sleep 100 & wait'], { resources, security: { ...containerConfig(directory, []).security, seccompProfile: 'runtime/default' } });
    const id = await runtime.createContainer(sandbox.id, config);
    await runtime.startContainer(id);
    const log = () => readFileSync(config.logPath, 'utf8').split('\n').filter(Boolean).map((line) => line.split(' ').slice(3).join(' '));
    while (!log().includes('up')) await clock.sleep(2);
    const run = async (tty: boolean, ...command: string[]) => answer(await fixture.runtime.exec(id, command, { tty, stdin: false }));
    const before = await run(false, 'sh', '-c', 'echo out; exit 4');
    const filtered = await run(false, 'sh', '-c', 'grep ^Seccomp: /proc/self/status; unshare -U true');
    const unpacked = await run(false, 'sh', '-c', 'mkdir /tmp/there && tar -cf - --owner=1234 --group=1234 -C /etc passwd | tar -xmf - -C /tmp/there && ls /tmp/there');
    const terminal = await run(true, 'tty');
    const usage = await runtime.stats(id);
    await fixture.again();
    result[shareProcessNamespace ? 'shared' : 'own'] = {
      log: log().filter((line) => line !== '' && !line.startsWith('/')), before, filtered, unpacked, terminal, after: await run(false, 'echo', 'again'), ip: sandbox.ip,
      memory: (usage?.memoryWorkingSetBytes ?? 0) > 0, states: (await fixture.runtime.list()).map(({ state, containers }) => [state, ...containers.map((each) => each.state)]),
    };
    await fixture.runtime.stopSandbox(sandbox.id);
    await fixture.runtime.removeSandbox(sandbox.id);
  }
} finally {
  await fixture.end();
}
process.stdout.write(JSON.stringify(result));

async function answer(session: ExecSession): Promise<[string, number]> {
  const [stdout, code] = await Promise.all([text(session.stdout), session.exit]);
  return [stdout, code];
}
