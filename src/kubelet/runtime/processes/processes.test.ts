import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerConfig, ContainerStatus, ExecSession, SandboxConfig } from '../runtime.ts';
import { runtimeSuite } from '../runtime.suite.ts';
import { containerConfig, sandboxConfig, testRuntime } from './testing.ts';
import type { ProcessesRuntime } from './processes.ts';

const root = process.getuid?.() === 0;

/** Waits for something to become true, up to ten seconds. */
async function until<T>(look: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  for (const end = Date.now() + 10_000; ; ) {
    const value = await look();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
/** The texts of a CRI log, without times. */
const logOf = (path: string) => read(path).split('\n').filter(Boolean).map((line) => line.slice(line.indexOf('Z ') + 2));
const outputOf = async (session: ExecSession) => {
  const [stdout, stderr, code] = await Promise.all([text(session.stdout), session.stderr ? text(session.stderr) : '', session.exit]);
  return { stdout, stderr, code };
};

describe.skipIf(!root)('pods as Linux processes (needs root)', () => {
  let fixture: Awaited<ReturnType<typeof testRuntime>>;
  let runtime: ProcessesRuntime;
  let directory: string;
  beforeAll(async () => {
    fixture = await testRuntime('test');
    ({ runtime, directory } = fixture);
  });
  afterEach(async () => {
    for (const { id } of await runtime.list()) await runtime.removeSandbox(id);
  });
  afterAll(() => fixture.end());

  const start = async (command: string[], container: Partial<ContainerConfig> = {}, sandbox: Partial<SandboxConfig> = {}) => {
    const pod = await runtime.createSandbox(sandboxConfig(directory, sandbox));
    const config = containerConfig(directory, command, container);
    const id = await runtime.createContainer(pod.id, config);
    await runtime.startContainer(id);
    return { pod, id, config };
  };
  const ended = (id: string): Promise<ContainerStatus> =>
    until(async () => {
      const status = await runtime.containerStatus(id);
      return status?.state === 'exited' ? status : undefined;
    }, 'the container to end');
  /** Runs to its end and gives back what it wrote. */
  const run = async (script: string, container: Partial<ContainerConfig> = {}, sandbox: Partial<SandboxConfig> = {}) => {
    const { pod, id, config } = await start(['sh', '-c', script], container, sandbox);
    const status = await ended(id);
    const lines = logOf(config.logPath);
    await runtime.removeSandbox(pod.id);
    return { status, lines, pod, stdout: lines.filter((line) => line.startsWith('stdout')).map((line) => line.slice(9)) };
  };
  const exec = async (id: string, ...command: string[]) => outputOf(await runtime.exec(id, command, { tty: false, stdin: false }));

  test.each([
    ['true', 0, 'Completed'],
    ['exit 3', 3, 'Error'],
    ['kill -TERM $$; trap "" TERM', 0, 'Completed'],
    ['sh -c "kill -9 \\$\\$"', 137, 'Error'],
  ])('%s ends with %i, %s', async (script, exitCode, reason) => {
    const { status } = await run(script);
    expect(status).toMatchObject({ exitCode, reason, state: 'exited', pid: undefined });
    expect(status.finishedAt).toBeGreaterThanOrEqual(status.startedAt!);
  });

  test('an end is told after the start, however soon it comes, and knows when that was', async () => {
    const pod = await runtime.createSandbox(sandboxConfig(directory));
    const told = new Map<string, (string | boolean)[]>();
    const stop = runtime.onEvent(({ type, containerId = '' }) => {
      const events = told.get(containerId) ?? [];
      told.set(containerId, events);
      events.push(type);
      if (type === 'exited') void runtime.containerStatus(containerId).then((status) => events.push(status?.startedAt !== undefined));
    });
    const all = Promise.all(Array.from({ length: 12 }, async (_, i) => {
      const id = await runtime.createContainer(pod.id, containerConfig(directory, ['false'], { name: `app-${i}` }));
      await runtime.startContainer(id);
      await ended(id);
    }));
    // Now and then we are busy, and hear of starts and ends together, in no order.
    let busy = true;
    void all.finally(() => (busy = false));
    while (busy) {
      for (const end = Date.now() + 4; Date.now() < end; );
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
    stop();
    expect([...told.values()]).toEqual(Array.from({ length: 12 }, () => ['started', 'exited', true]));
  });

  test('the log has CRI lines of both streams, long lines cut at 16 KiB, a last line without its end as partial', async () => {
    const { lines } = await run('echo out; echo err >&2; sleep 0.05; head -c 20000 /dev/zero | tr "\\0" x; echo; printf rest');
    expect(lines).toContain('stdout F out');
    expect(lines).toContain('stderr F err');
    expect(lines.filter((line) => line.startsWith('stdout')).slice(1)).toEqual([`stdout P ${'x'.repeat(16384)}`, `stdout F ${'x'.repeat(20000 - 16384)}`, 'stdout P rest']);
  });

  test('a log that was renamed away is followed by a new one', async () => {
    const { id, config } = await start(['sh', '-c', 'trap "echo two" USR1; echo one; while :; do sleep 0.01; done']);
    await until(() => logOf(config.logPath).length === 1, 'the first line');
    execFileSync('mv', [config.logPath, `${config.logPath}.1`]);
    await runtime.signalContainer(id, 'SIGUSR1');
    await until(() => logOf(config.logPath).includes('stdout F two'), 'the second line in the new file');
  });

  test('it sees a small world: its own processes, no home directories, no secrets of /etc, no devices', async () => {
    const { stdout } = await run('ls /proc | grep -c "^[0-9]"; ls -A /home /root /opt /srv /run; ls / | tr "\\n" " "; echo; cat /etc/shadow; ls /dev | tr "\\n" " "; echo; touch /tmp/x && echo writes; hostname; cat /etc/hostname');
    expect(Number(stdout[0])).toBeLessThanOrEqual(4);
    const [, ...rest] = stdout;
    expect(rest.filter((line) => !/^(\/\w+:)?$/.test(line))).toEqual([
      expect.stringMatching(/^bin boot dev etc home lib (lib32 )?(lib64 )?(libx32 )?media mnt opt proc root run sbin srv sys tmp usr var $/),
      'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ',
      'writes',
      expect.stringMatching(/^pod-/),
      expect.stringMatching(/^pod-/),
    ]);
    expect(read('/tmp/x')).toBe('');
  });

  test('its privileges are a container\'s: capabilities, no new privileges, device nodes of its own making open nothing', async () => {
    const { stdout } = await run('grep -E "^(CapEff|NoNewPrivs)" /proc/self/status; mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk >/dev/null 2>&1 || echo refused; mount -t tmpfs x /mnt 2>/dev/null || echo "no mount"; echo 1 2>/dev/null >/proc/sys/kernel/panic || echo "no sysctl"');
    expect(stdout).toEqual(['CapEff:\t00000000a80425fb', 'NoNewPrivs:\t1', 'refused', 'no mount', 'no sysctl']);
  });

  test('a user without privileges, with supplemental groups and no capability', async () => {
    const { stdout } = await run('id -u; id -g; id -G; grep CapEff /proc/self/status; umask', { user: { uid: 1234, gid: 55, supplementalGroups: [66, 77] } });
    expect(stdout).toEqual(['1234', '55', '55 66 77', 'CapEff:\t0000000000000000', '0022']);
  });

  test('a privileged container keeps all its maker has', async () => {
    const own = /CapPrm:\s*(\w+)/.exec(read('/proc/self/status'))![1];
    const { stdout } = await run('grep CapEff /proc/self/status; mount -t tmpfs x /mnt && echo mounts; test -e /dev/kmsg && echo devices', { security: { privileged: true, readOnlyRootFilesystem: false, noNewPrivileges: false, capabilities: [] } });
    expect(stdout).toEqual([`CapEff:\t${own}`, 'mounts', 'devices']);
  });

  test('mounts: a directory, a file, read-only, one inside another; and a read-only root', async () => {
    const volume = join(directory, 'volume');
    mkdirSync(join(volume, 'inner'), { recursive: true });
    writeFileSync(join(volume, 'file'), 'content');
    const mount = (hostPath: string, containerPath: string, readOnly = false) => ({ hostPath, containerPath, readOnly, propagation: 'private' as const });
    const { stdout } = await run('cat /data/one/file /etc/app.conf; echo; touch /data/one/new && echo ok; touch /data/ro/x 2>/dev/null || echo read-only; touch /x 2>/dev/null || echo root read-only', {
      mounts: [mount(volume, '/data/one/deep/ro', true), mount(volume, '/data/one'), mount(volume, '/data/ro', true), mount(join(volume, 'file'), '/etc/app.conf')],
      security: { privileged: false, readOnlyRootFilesystem: true, noNewPrivileges: true, capabilities: [] },
    });
    expect(stdout).toEqual(['contentcontent', 'ok', 'read-only', 'root read-only']);
    expect(readdirSync(volume).sort()).toEqual(['deep', 'file', 'inner', 'new']);
  });

  test('a symbolic link in the image does not lead a mount out of the container', async () => {
    const layer = join(directory, 'evil');
    mkdirSync(layer, { recursive: true });
    execFileSync('ln', ['-sfn', join(directory, 'outside'), join(layer, 'data')]);
    const volume = join(directory, 'volume2');
    mkdirSync(volume, { recursive: true });
    const { id } = await start(['sh', '-c', `echo in > ${directory}/outside/x; sleep 100`], { image: { reference: 'x', id: 'x', layers: [layer], host: true }, mounts: [{ hostPath: volume, containerPath: '/data', readOnly: false, propagation: 'private' }] });
    await until(() => read(join(volume, 'x')) === 'in\n', 'the write to the volume');
    expect(readdirSync(directory)).not.toContain('outside');
    expect((await runtime.containerStatus(id))?.state).toBe('running');
  });

  test('what it writes outside of volumes is known', async () => {
    const { id } = await start(['sh', '-c', 'head -c 1000000 /dev/zero > /tmp/big; echo done; sleep 100']);
    await until(async () => (await runtime.writtenBytes(id)) >= 1_000_000, 'the megabyte');
    expect(await runtime.writtenBytes(id)).toBeLessThan(2_000_000);
    expect(await runtime.writtenBytes('none')).toBe(0);
  });

  test('what is not there is said in runc\'s words', async () => {
    const pod = await runtime.createSandbox(sandboxConfig(directory));
    const id = await runtime.createContainer(pod.id, containerConfig(directory, ['no-such-program']));
    const message = 'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "no-such-program": executable file not found in $PATH: unknown';
    await expect(runtime.startContainer(id)).rejects.toThrow(message);
    expect(await runtime.containerStatus(id)).toMatchObject({ state: 'exited', exitCode: 128, reason: 'StartError', message });
    const { id: alive } = await start(['sleep', '100']);
    await expect(runtime.exec(alive, ['/nowhere'], { tty: false, stdin: false })).rejects.toThrow('OCI runtime exec failed: exec failed: unable to start container process: exec: "/nowhere": stat /nowhere: no such file or directory: unknown');
  });

  test('a seccomp filter, also for what is executed in it, for root and others', async () => {
    const security = { ...containerConfig(directory, []).security, seccompProfile: 'runtime/default' as const };
    const script = 'grep ^Seccomp: /proc/self/status; unshare -U true 2>&1; perl -e \'print fork() ? "forks\\n" : ""\'';
    for (const uid of [0, 1234]) {
      const as = { security, user: { uid, gid: uid, supplementalGroups: [] } };
      expect((await run(script, as)).stdout).toEqual(['Seccomp:\t2', 'unshare: unshare failed: Operation not permitted', 'forks']);
      const { id } = await start(['sleep', '100'], as);
      expect(await exec(id, 'sh', '-c', 'grep ^Seccomp: /proc/self/status')).toEqual(await exec(id, 'printf', 'Seccomp:\\t2\\n'));
    }
    expect((await run(script)).stdout.slice(0, 2)).toEqual(['Seccomp:\t0', 'forks']);
  });

  test('isolation that it cannot give is refused, not left out', async () => {
    await expect(runtime.createSandbox(sandboxConfig(directory, { userNamespace: true }))).rejects.toThrow('hostUsers: false is not supported');
    const pod = await runtime.createSandbox(sandboxConfig(directory));
    const security = containerConfig(directory, []).security;
    await expect(runtime.createContainer(pod.id, containerConfig(directory, ['true'], { security: { ...security, seccompProfile: 'localhost/p.json' } }))).rejects.toThrow('seccomp profile "localhost/p.json" cannot be applied');
    await expect(runtime.createContainer(pod.id, containerConfig(directory, ['true'], { security: { ...security, appArmorProfile: 'k8s' } }))).rejects.toThrow('AppArmor profile "k8s" cannot be applied');
  });

  test('SIGTERM reaches PID 1 only if it listens; SIGKILL always', async () => {
    const deaf = await start(['sleep', '100']);
    await runtime.signalContainer(deaf.id, 'SIGTERM');
    expect((await runtime.containerStatus(deaf.id))?.state).toBe('running');
    await runtime.killContainer(deaf.id);
    expect(await runtime.containerStatus(deaf.id)).toMatchObject({ state: 'exited', exitCode: 137, reason: 'Error' });
    const polite = await start(['sh', '-c', 'trap "exit 5" TERM; echo ready; while :; do sleep 0.01; done']);
    await until(() => logOf(polite.config.logPath).length > 0, 'it to be ready');
    await runtime.signalContainer(polite.id, 'SIGTERM');
    expect(await ended(polite.id)).toMatchObject({ exitCode: 5 });
  });

  test('too much memory is OOMKilled, 137', async () => {
    const { status } = await run('exec perl -e \'my @a; push @a, "x" x 1e6 while 1\'', { resources: { cpuShares: 2, cpuQuota: undefined, memoryBytes: 32 << 20, pids: undefined } });
    expect(status).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  test('limits and usage', async () => {
    const { id } = await start(['sh', '-c', 'while :; do :; done'], { resources: { cpuShares: 102, cpuQuota: 20_000, memoryBytes: 64 << 20, pids: 3 } });
    const first = (await runtime.stats(id))!;
    const then = await until(async () => {
      const now = (await runtime.stats(id))!;
      return now.at - first.at > 400 ? now : undefined;
    }, 'half a second');
    const cores = (then.cpuNanoseconds - first.cpuNanoseconds) / ((then.at - first.at) * 1e6);
    expect(cores).toBeGreaterThan(0.1);
    expect(cores).toBeLessThan(0.35);
    expect(then.memoryWorkingSetBytes).toBeGreaterThan(0);
    const { stderr } = await exec(id, 'sh', '-c', 'true & true & true & true & wait');
    expect(stderr).toMatch(/fork/);
  });

  test('limits that change while it runs: what the container reads of its own group; no lower than what is used', async () => {
    const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
    const [quota, memory] = v2 ? ['cpu.max', 'memory.max'] : ['cpu/cpu.cfs_quota_us', 'memory/memory.limit_in_bytes'];
    const limits = (cpuQuota: number | undefined, mebibytes: number) => ({ cpuShares: 102, cpuQuota, memoryBytes: mebibytes << 20, pids: undefined });
    const fill = 'exec perl -e \'$| = 1; my $x = "x" x 20e6; print "full\\n"; sleep 100\'';
    const { pod, id, config } = await start(['sh', '-c', fill], { resources: limits(20_000, 64) }, { resources: limits(20_000, 64) });
    await until(() => logOf(config.logPath).length > 0, 'the memory to be used');
    const has = async () => (await exec(id, 'cat', `/sys/fs/cgroup/${quota}`, `/sys/fs/cgroup/${memory}`)).stdout.split('\n').slice(0, 2);
    for (const [cpuQuota, mebibytes] of [[10_000, 48], [undefined, 96], [50_000, 128]] as const) {
      const larger = limits(undefined, 128);
      await runtime.updateSandbox(pod.id, larger);
      await runtime.updateContainer(id, { resources: limits(cpuQuota, mebibytes), labels: {} });
      await runtime.updateSandbox(pod.id, limits(cpuQuota, mebibytes));
      expect(await has()).toEqual([v2 ? `${cpuQuota ?? 'max'} 100000` : String(cpuQuota ?? -1), String(mebibytes << 20)]);
    }
    await expect(runtime.updateSandbox(pod.id, limits(undefined, 16))).rejects.toThrow(`aborting attempt to set pod memory limit less than current memory usage for pod ${pod.name}`);
    expect(await runtime.containerStatus(id)).toMatchObject({ state: 'running' });
    // An ended container's own limits do not hold the pod's up.
    await runtime.killContainer(id);
    await runtime.updateSandbox(pod.id, limits(5_000, 16));
  });

  test('exec: streams, exit code, environment, user, directory', async () => {
    const { id } = await start(['sleep', '100'], { env: [['GREETING', 'hello world']], workingDir: '/usr', user: { uid: 7, gid: 8, supplementalGroups: [] } });
    expect(await exec(id, 'sh', '-c', 'echo $GREETING; id -u; pwd; echo bad >&2; exit 42')).toEqual({ stdout: 'hello world\n7\n/usr\n', stderr: 'bad\n', code: 42 });
    const session = await runtime.exec(id, ['cat'], { tty: false, stdin: true });
    const bytes = Buffer.alloc(3_000_000, 'coracle');
    session.stdin!.end(bytes);
    const { stdout, code } = await outputOf(session);
    expect(code).toBe(0);
    expect(stdout === bytes.toString()).toBe(true);
  });

  test('exec: whoever reads late gets all of it', async () => {
    const { id } = await start(['sleep', '100']);
    const session = await runtime.exec(id, ['sh', '-c', 'head -c 4000000 /dev/zero & exit 0'], { tty: false, stdin: false });
    // Its main process is gone, every buffer on the way is full, and nobody takes anything for longer than a quiet pipe is waited for.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await outputOf(session)).stdout.length).toBe(4_000_000);
  });

  test('exec with a terminal has its size, and new ones', async () => {
    const { id } = await start(['sleep', '100']);
    const session = await runtime.exec(id, ['sh', '-c', 'tty; read x; stty size; trap "stty size; exit 9" WINCH; echo go; while :; do sleep 0.01; done'], { tty: true, stdin: true });
    session.resize(100, 40);
    let output = '';
    session.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    session.stdin!.write('\n');
    await until(() => output.includes('go'), 'the loop');
    session.resize(120, 50);
    expect(await session.exit).toBe(9);
    expect(output).toMatch(/\/dev\/pts\/\d+\r\n[^]*40 100\r\ngo\r\n50 120\r\n/);
    expect(session.stderr).toBeUndefined();
  });

  test('an exec whose client goes away is killed', async () => {
    const { id } = await start(['sleep', '100']);
    const session = await runtime.exec(id, ['sleep', '77'], { tty: false, stdin: false });
    session.kill();
    expect(await session.exit).toBe(137);
  });

  test('attach: talks with the main process', async () => {
    const { id } = await start(['sh', '-c', 'while read line; do echo "you said $line"; done; exit 6'], { stdin: true, stdinOnce: true });
    const session = await runtime.attach(id, { tty: false, stdin: true });
    session.stdin!.end('yes\n');
    expect(await outputOf(session)).toEqual({ stdout: 'you said yes\n', stderr: '', code: 6 });
  });

  test('a container with a terminal', async () => {
    const { stdout } = await run('tty; stty -a | head -1 | cut -c1-5', { tty: true, stdin: true });
    expect(stdout).toEqual(['/dev/pts/0\r', 'speed\r']);
  });

  test('pods and node reach each other by address, and a port-forward reaches loopback only', async () => {
    const server = ['perl', '-MIO::Socket::INET', '-e', 'my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => $ARGV[0], LocalPort => 80, ReuseAddr => 1) or die; while (my $c = $s->accept) { my $l = <$c>; print $c "got $l"; close $c }'];
    const one = await start([...server, '0.0.0.0']);
    const two = await start([...server, '127.0.0.1']);
    const client = 'use IO::Socket::INET; my $s; for (1..500) { last if $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 80); select undef,undef,undef,0.01 } print $s "hi\\n"; print <$s>';
    expect(await exec(two.id, 'perl', '-e', client, one.pod.ip!)).toMatchObject({ stdout: 'got hi\n' });
    expect((await promisify(execFile)('perl', ['-e', client, one.pod.ip!], { timeout: 5000 })).stdout).toBe('got hi\n');
    const { readable, writable } = await until(() => runtime.portForward(two.pod.id, 80).catch(() => undefined), 'the second server');
    writable.end('forwarded\n');
    expect(await text(readable)).toBe('got forwarded\n');
    await expect(runtime.portForward(two.pod.id, 81)).rejects.toThrow('connection refused');
  });

  test('100 MB through a port-forward come back as they went', async () => {
    const { pod } = await start(['perl', '-MIO::Socket::INET', '-e', 'my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", LocalPort => 80, ReuseAddr => 1) or die; my $c = $s->accept; while (sysread($c, my $b, 65536)) { my $at = 0; $at += syswrite($c, $b, length($b) - $at, $at) while $at < length $b }']);
    const { readable, writable } = await until(() => runtime.portForward(pod.id, 80).catch(() => undefined), 'the server');
    const block = randomBytes(1 << 20);
    const sent = createHash('sha256');
    const got = createHash('sha256');
    const send = async () => {
      for (let n = 0; n < 100; n++) {
        sent.update(block);
        if (!writable.write(block)) await new Promise((resolve) => writable.once('drain', resolve));
      }
      writable.end();
    };
    const receive = async () => {
      for await (const chunk of readable) got.update(chunk as Buffer);
    };
    await Promise.all([send(), receive()]);
    expect(got.digest('hex')).toBe(sent.digest('hex'));
  });

  test('with the host\'s network it reaches what listens on the node\'s loopback', async () => {
    const server = createServer((socket) => socket.end('node\n')).listen(0, '127.0.0.1');
    await until(() => server.listening, 'the server');
    const port = (server.address() as { port: number }).port;
    const { pod, stdout } = await run(`perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:${port}"); print <$s>'`, {}, { hostNetwork: true });
    expect(stdout).toEqual(['node']);
    expect(pod.ip).toBeUndefined();
    server.close();
  });

  test('containers of a pod share /dev/shm and, when asked, processes; orphans are reaped', async () => {
    const { pod, id } = await start(['sh', '-c', 'echo shared > /dev/shm/note; (sleep 0.01 &) ; exec sleep 100'], {}, { shareProcessNamespace: true });
    const second = await runtime.createContainer(pod.id, containerConfig(directory, ['sleep', '101'], { name: 'second' }));
    await runtime.startContainer(second);
    expect(await exec(second, 'cat', '/dev/shm/note')).toMatchObject({ stdout: 'shared\n' });
    const commands = async () => (await exec(second, 'sh', '-c', 'cat /proc/[0-9]*/stat | cut -d" " -f2,3')).stdout;
    expect(await commands()).toMatch(/\(sleep\) S[\s\S]*\(sleep\) S/);
    await until(async () => !(await commands()).includes('Z'), 'orphans to be reaped');
    await runtime.killContainer(id);
    expect((await runtime.containerStatus(second))?.state).toBe('running');
  });

  test('a restart of Coracle: pods live on, logs and exit codes are complete, addresses are not given twice', async () => {
    const lasting = await start(['sh', '-c', 'echo before; sleep 0.3; echo meanwhile; exec sleep 100']);
    const ending = await start(['sh', '-c', 'sleep 0.2; exit 7']);
    runtime = await fixture.again();
    expect(await ended(ending.id)).toMatchObject({ exitCode: 7 });
    expect(await runtime.containerStatus(lasting.id)).toMatchObject({ state: 'running' });
    await until(() => logOf(lasting.config.logPath).length === 2, 'the line in between');
    expect(await exec(lasting.id, 'echo', 'here')).toMatchObject({ stdout: 'here\n' });
    const third = await start(['sleep', '100']);
    expect(third.pod.ip).not.toBe(lasting.pod.ip);
    const listed = await runtime.list();
    expect(listed.map(({ id }) => id).sort()).toEqual([lasting.pod.id, ending.pod.id, third.pod.id].sort());
  });

  test('events tell of starts, ends and lost sandboxes; a killed shim takes its container along', async () => {
    const events: string[] = [];
    const stop = runtime.onEvent((event) => events.push(`${event.type} ${event.containerId ?? event.sandboxId}`));
    const { pod, id } = await start(['sleep', '100']);
    const running = read(join(directory, 'containers', id, 'running')).split(' ').map(Number);
    process.kill(running[0]!, 'SIGKILL');
    expect(await ended(id)).toMatchObject({ exitCode: 137, reason: 'Error' });
    process.kill(Number(read(join(directory, 'sandboxes', pod.id, 'record')).split(' ')[0]), 'SIGKILL');
    await until(() => events.length === 3, 'three events');
    expect(events).toEqual([`started ${id}`, `exited ${id}`, `sandbox-gone ${pod.id}`]);
    expect((await runtime.list())[0]?.state).toBe('notready');
    stop();
  });

  test('a helper that was killed is replaced; what it had forked lives on and is still watched', async () => {
    const { id } = await start(['sh', '-c', 'sleep 0.3; exit 4']);
    const { id: other } = await start(['sleep', '100']);
    const first = runtime.launcher.pid;
    process.kill(first, 'SIGKILL');
    await until(() => !runtime.launcher.isAlive(), 'the helper to be gone');
    expect(await exec(other, 'echo', 'alive')).toMatchObject({ stdout: 'alive\n' });
    expect(runtime.launcher.pid).not.toBe(first);
    expect(await ended(id)).toMatchObject({ exitCode: 4 });
    process.kill(Number(read(join(directory, 'containers', other, 'running')).split(' ')[0]), 'SIGKILL');
    expect(await ended(other)).toMatchObject({ exitCode: 137 });
  });

  test('nothing is left behind', async () => {
    const tag = directory.slice(-6);
    const namesOf = (path: string) => readdirSync(path);
    const count = () => ({
      links: namesOf(`/sys/class/net/cor-${tag}/brif`).length,
      // Helpers besides the launcher itself have its directory's state as their only relation to us, so they are told by their control group.
      processes: namesOf('/proc').filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/cgroup`).includes(`/coracle-test-${tag}/system`)).length,
      mounts: read('/proc/self/mountinfo').split('\n').filter((line) => line.includes('coracle')).length,
      files: namesOf('/proc/self/fd').length,
      launcherFiles: namesOf(`/proc/${runtime.launcher.pid}/fd`).length,
      state: ['sandboxes', 'containers', 'exits', 'run'].flatMap((name) => namesOf(join(directory, name))).length,
      groups: execFileSync('find', ['/sys/fs/cgroup', '-path', `*coracle-test-${tag}*`, '-name', 'pod*'], { encoding: 'utf8' }),
    });
    const clean = { links: 0, processes: 1, mounts: 0, state: 0, groups: '' };
    await until(() => JSON.stringify({ ...count(), ...clean }) === JSON.stringify(count()), 'earlier tests to be gone').catch(() => expect(count()).toMatchObject(clean));
    const before = count();
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const { pod, id } = await start(['sh', '-c', 'sleep 100 & sleep 100'], {}, { shareProcessNamespace: n % 2 === 0 });
        if (n % 3 === 0) await exec(id, 'true');
        await runtime.stopSandbox(pod.id);
        await runtime.removeSandbox(pod.id);
        await runtime.removeSandbox(pod.id);
      }),
    );
    await until(() => JSON.stringify(count()) === JSON.stringify(before), 'everything to be gone').catch(() => expect(count()).toEqual(before));
  });
});

const SCRIPTS = { runs: 'trap "exit 143" TERM; while :; do sleep 0.01; done', fails: 'exit 3', stubborn: 'trap "" TERM; while :; do sleep 0.01; done' };

/** SIGTERM is the 15th bit of what is ignored and what is caught. */
const heedsSignals = ({ pid }: ContainerStatus) => [...read(`/proc/${pid}/status`).matchAll(/^Sig(?:Ign|Cgt):\t([0-9a-f]+)$/gm)].some(([, bits]) => (BigInt(`0x${bits}`) & (1n << 14n)) !== 0n);

describe.skipIf(!root)('as every runtime (needs root)', () => {
  runtimeSuite('processes', async () => {
    const fixture = await testRuntime('suite');
    return {
      runtime: fixture.runtime,
      sandbox: (name) => sandboxConfig(fixture.directory, { name, podUid: `uid-${name}`, cgroupParent: `kubepods/poduid-${name}` }),
      container: (name, kind, attempt = 0) => containerConfig(fixture.directory, ['sh', '-c', SCRIPTS[kind]], { name, attempt }),
      heedsSignals,
      until: async (done) => void (await until(done, 'the condition')),
      close: fixture.end,
    };
  });
});

describe('with no isolation at all', () => {
  runtimeSuite('processes, plain', async () => {
    const fixture = await testRuntime('plain', 'none');
    return {
      runtime: fixture.runtime,
      sandbox: (name) => sandboxConfig(fixture.directory, { name, podUid: `uid-${name}` }),
      container: (name, kind, attempt = 0) => containerConfig(fixture.directory, ['sh', '-c', SCRIPTS[kind]], { name, attempt }),
      heedsSignals,
      until: async (done) => void (await until(done, 'the condition')),
      close: fixture.end,
    };
  });

  test('what it lacks is said; processes left in the background die with their container', async () => {
    const fixture = await testRuntime('plain', 'none');
    try {
      const { runtime, directory } = fixture;
      expect(runtime.limitations.at(-1)).toMatch(/without isolation/);
      const pod = await runtime.createSandbox(sandboxConfig(directory));
      expect(pod.ip).toMatch(/^127\./);
      const config = containerConfig(directory, ['sh', '-c', 'sleep 1000 & echo $!; wait']);
      const id = await runtime.createContainer(pod.id, config);
      await runtime.startContainer(id);
      const background = await until(() => Number(logOf(config.logPath)[0]?.split(' ')[2]), 'its number');
      expect(await outputOf(await runtime.exec(id, ['sh', '-c', 'echo out; exit 2'], { tty: false, stdin: false }))).toEqual({ stdout: 'out\n', stderr: '', code: 2 });
      await runtime.killContainer(id);
      await until(() => !read(`/proc/${background}/cmdline`), 'the background process to be gone');
      const image = { reference: 'redis:7', id: 'x', layers: ['/layer'], host: false };
      const other = await runtime.createContainer(pod.id, containerConfig(directory, ['true'], { image }));
      await expect(runtime.startContainer(other)).rejects.toThrow('image redis:7 has files of its own');
    } finally {
      await fixture.end();
    }
  });
});
