import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { PassThrough, Readable, type Duplex } from 'node:stream';
import { connect, createServer, type AddressInfo } from 'node:net';
import { Attach, Cp, Exec, KubeConfig, Log, PortForward, type V1Status } from '@kubernetes/client-node';
import { spawn as spawnPty } from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployments } from '../src/api/kinds/apps/deployment.ts';
import { Pods } from '../src/api/kinds/core/pod.ts';
import { Services } from '../src/api/kinds/core/service.ts';
import type { Container, Pod } from '../src/api/types/core.v1.ts';
import type { Cluster } from '../src/cluster/cluster.ts';
import { startCluster } from '../src/cluster/start.ts';
import { echo, installedKubectls, portForward, run, type Kubectl } from './streams/kubectl.ts';

/** exec, attach, cp, logs, run, port-forward and proxy with the real kubectl and with @kubernetes/client-node. CORACLE_KUBECTLS=/path/to/1.20:/path/to/1.33 chooses the kubectls. */
const kubectls = installedKubectls();
const missing = process.getuid?.() !== 0 ? 'pods need root here' : kubectls.length === 0 ? 'kubectl is not installed: put it on the PATH, or name it in CORACLE_KUBECTLS' : undefined;

describe.skipIf(missing !== undefined)(`streams${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'coracle-streams-'));
  const kubeconfig = join(directory, 'kubeconfig');
  let cluster: Cluster;
  let web = '';

  const container = (name: string, script?: string): Container => ({ name, image: 'streams:1', imagePullPolicy: 'IfNotPresent', ...(script !== undefined && { command: ['sh', '-c', script] }) });
  const create = (name: string, containers: Container[], rest: Partial<Pod['spec']> = {}) =>
    cluster.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels: { app: name } }, spec: { containers, terminationGracePeriodSeconds: 0, ...rest } });
  const until = async <T>(what: () => Promise<T | undefined | false>): Promise<T> => {
    for (const giveUp = Date.now() + 20_000; ;) {
      const found = await what();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > giveUp) throw new Error('it did not come about in 20 seconds');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const ready = (name: string) => until(async () => (await cluster.client.get(Pods, name, { namespace: 'default' })).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'));

  beforeAll(async () => {
    cluster = await startCluster({ name: 'streams-e2e', cadence: 'fast' });
    writeFileSync(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
    await cluster.images!.build({ context: join(import.meta.dirname, 'streams'), tags: ['streams:1'], base: 'host' });
    const labels = { app: 'web' };
    await cluster.client.create(Deployments, {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [{ ...container('web'), ports: [{ name: 'http', containerPort: 8080 }] }] } } },
    });
    await cluster.client.create(Services, {
      apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }, { name: 'echo', port: 90, targetPort: 9000 }] },
    });
    web = await until(async () => (await cluster.client.list(Pods, { namespace: 'default', labelSelector: 'app=web' })).items[0]?.metadata.name);
    await ready(web);
    await create('reader', [container('a', 'while read line; do echo "got $line"; done')].map((c) => ({ ...c, stdin: true })));
    await create('crasher', [container('c', 'for i in 1 2 3 4 5; do echo line $i; sleep 0.2; done; exit 1')]);
    await ready('reader');
    // Ready says that it runs; its last line says that it listens.
    await until(async () => (await run(kubectls[0]!, kubeconfig, ['logs', web])).stdout.includes('listening'));
  });
  afterAll(async () => {
    await cluster?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  describe.for(kubectls)('kubectl $version', (kubectl: Kubectl) => {
    const k = (args: readonly string[], stdin?: Buffer) => run(kubectl, kubeconfig, args, stdin);

    test('exec: stdout, stderr, exit code', async () => {
      const { code, stdout, stderr } = await k(['exec', web, '--', 'sh', '-c', 'echo out; echo err >&2; exit 3']);
      expect([code, stdout.toString(), stderr]).toEqual([3, 'out\n', 'err\ncommand terminated with exit code 3\n']);
    });

    test('exec -i: 3 MB there and back', async () => {
      const bytes = randomBytes(3_000_000);
      const { code, stdout } = await k(['exec', '-i', web, '--', 'cat'], bytes);
      expect([code, stdout.equals(bytes)]).toEqual([0, true]);
    });

    test('exec: 200 MB of output', async () => {
      const { code, stdout } = await k(['exec', web, '--', 'head', '-c', '200000000', '/dev/zero']);
      expect([code, stdout.length]).toEqual([0, 200_000_000]);
    });

    test('exec: what cannot be run', async () => {
      expect((await k(['exec', web, '--', 'no-such-program'])).stderr).toMatch(/exec: "no-such-program": executable file not found in \$PATH/);
      expect((await k(['exec', web, '-c', 'nope', '--', 'ls'])).stderr).toContain(`container nope is not valid for pod ${web}`);
    });

    test('exec -it: a terminal that is resized', async () => {
      const terminal = spawnPty(kubectl.path, ['exec', '-it', web, '--', 'sh'], { cols: 100, rows: 40, env: { ...process.env, KUBECONFIG: kubeconfig } as Record<string, string> });
      let seen = '';
      terminal.onData((text) => { seen += text; });
      const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
      const asks = (size: string) => until(async () => {
        terminal.write('stty size\r');
        await new Promise((resolve) => setTimeout(resolve, 100));
        return seen.includes(size);
      });
      await asks('40 100');
      terminal.resize(132, 50);
      await asks('50 132');
      terminal.write('exit 7\r');
      expect(await ended).toBe(7);
    });

    test('cp: both ways', async () => {
      const bytes = randomBytes(3_000_000);
      const local = join(directory, `file-${kubectl.version}`);
      writeFileSync(local, bytes);
      expect((await k(['cp', local, `${web}:/tmp/file`])).code).toBe(0);
      expect((await k(['cp', `${web}:/tmp/file`, `${local}.back`])).code).toBe(0);
      expect(readFileSync(`${local}.back`).equals(bytes)).toBe(true);
    });

    test('attach: what is typed arrives, and the container lives on', async () => {
      const terminal = spawnPty(kubectl.path, ['attach', '-i', 'reader'], { env: { ...process.env, KUBECONFIG: kubeconfig } as Record<string, string> });
      let seen = '';
      terminal.onData((text) => { seen += text; });
      await until(async () => {
        terminal.write('hello\r');
        await new Promise((resolve) => setTimeout(resolve, 100));
        return seen.includes('got hello');
      });
      terminal.kill();
      expect((await cluster.client.get(Pods, 'reader', { namespace: 'default' })).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    });

    test('run -i --rm: attaches, gives the exit code, deletes', async () => {
      const image = ['--restart=Never', '--image=streams:1', '--image-pull-policy=IfNotPresent'];
      const echoed = await k(['run', 'once', '-i', '--rm', ...image, '--', 'cat'], Buffer.from('from stdin\n'));
      expect([echoed.code, echoed.stdout.toString()]).toEqual([0, expect.stringMatching(/^from stdin\n/) as string]);
      expect((await k(['run', 'failing', '--attach', '--rm', ...image, '--', 'sh', '-c', 'sleep 0.5; exit 4'])).code).toBe(4);
      expect((await k(['get', 'pod', 'once'])).stderr).toContain('NotFound');
    });

    test('logs: follow to the end, previous, tail, since, labels', async () => {
      await cluster.client.delete(Pods, 'crasher', { namespace: 'default', gracePeriodSeconds: 0 }).catch(() => {});
      await until(async () => (await k(['get', 'pod', 'crasher'])).code !== 0);
      await create('crasher', [container('c', 'for i in 1 2 3 4 5; do echo line $i; sleep 0.2; done; exit 1')]);
      await ready('crasher');
      const all = 'line 1\nline 2\nline 3\nline 4\nline 5\n';
      expect((await k(['logs', '-f', 'crasher'])).stdout.toString()).toBe(all);
      await until(async () => ((await cluster.client.get(Pods, 'crasher', { namespace: 'default' })).status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
      expect((await k(['logs', 'crasher', '--previous'])).stdout.toString()).toBe(all);
      expect((await k(['logs', 'crasher', '--previous', '--tail=2'])).stdout.toString()).toBe('line 4\nline 5\n');
      expect((await k(['logs', '-l', 'app=web', '--since=1h'])).stdout.toString()).toBe('listening\n');
      expect((await k(['logs', 'reader', '--previous'])).stderr).toContain('previous terminated container "a" in pod "reader" not found');
    });

    test('port-forward: 100 MB, 50 connections at once, to a pod, a service and a deployment', async () => {
      const forward = await portForward(kubectl, kubeconfig, `pod/${web}`, 8080);
      const get = async (path: string) => Buffer.from(await (await fetch(`http://127.0.0.1:${forward.port}${path}`)).arrayBuffer());
      try {
        expect((await get('/?mb=100')).equals(Buffer.alloc(100 << 20, 'x'))).toBe(true);
        const lengths = await Promise.all(Array.from({ length: 50 }, async () => (await get('/?mb=1')).length));
        expect(new Set(lengths)).toEqual(new Set([1 << 20]));
      } finally {
        await forward.stop();
      }
      for (const [target, port] of [['svc/web', 90], ['deploy/web', 9000]] as const) {
        const other = await portForward(kubectl, kubeconfig, target, port);
        const bytes = randomBytes(1_000_000);
        expect((await echo(other.port, bytes)).equals(bytes)).toBe(true);
        await other.stop();
      }
    });

    test('proxy to a pod, a service and a node', async () => {
      const raw = async (path: string) => (await k(['get', '--raw', path])).stdout.toString();
      expect(await raw(`/api/v1/namespaces/default/pods/${web}/proxy/a?b=1`)).toBe('GET /a?b=1 0\n');
      expect(await raw('/api/v1/namespaces/default/services/web:http/proxy/x')).toBe('GET /x 0\n');
      expect(await raw('/api/v1/nodes/node-1/proxy/healthz')).toBe('ok');
      expect((await k(['get', '--raw', '/api/v1/namespaces/default/services/web:81/proxy/'])).stderr).toContain('no service port 81 found for service "web"');
    });
  });

  test('proxy of an upgraded connection', async () => {
    const credentials = new KubeConfig();
    credentials.loadFromString(cluster.kubeconfig);
    const decoded = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
    const upgraded = (port: number) => new Promise<{ answer: IncomingMessage; socket: Duplex }>((resolve, reject) => {
      const request = httpsRequest(`${cluster.url}/api/v1/namespaces/default/pods/${web}:${port}/proxy/chat`, {
        ca: decoded(credentials.getCurrentCluster()?.caData), cert: decoded(credentials.getCurrentUser()?.certData), key: decoded(credentials.getCurrentUser()?.keyData),
        headers: { connection: 'Upgrade', upgrade: 'echo' }, agent: false,
      });
      request.on('upgrade', (answer, socket) => resolve({ answer, socket }));
      request.on('response', (answer) => resolve({ answer, socket: answer.socket }));
      request.on('error', reject);
      request.end();
    });
    const { answer, socket } = await upgraded(8080);
    expect([answer.statusCode, answer.headers['x-path']]).toEqual([101, '/chat']);
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    socket.destroy();
    expect((await upgraded(7)).answer.statusCode).toBe(503);
  });

  describe('@kubernetes/client-node', () => {
    let config: KubeConfig;
    beforeAll(() => {
      config = new KubeConfig();
      config.loadFromString(cluster.kubeconfig);
    });
    const text = (stream: PassThrough) => stream.read()?.toString() ?? '';

    test('Exec', async () => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const status = await new Promise<V1Status>((resolve, reject) => {
        new Exec(config).exec('default', web, 'web', ['sh', '-c', 'cat; echo err >&2; exit 5'], stdout, stderr, Readable.from(['hello\n']), false, resolve).catch(reject);
      });
      expect([status.reason, status.details?.causes?.[0]?.message, text(stdout), text(stderr)]).toEqual(['NonZeroExitCode', '5', 'hello\n', 'err\n']);
    });

    test('Attach', async () => {
      const stdout = new PassThrough();
      const stdin = new PassThrough();
      const socket = await new Attach(config).attach('default', 'reader', 'a', stdout, new PassThrough(), stdin, false);
      stdin.write('from node\n');
      let seen = '';
      for await (const chunk of stdout) {
        seen += String(chunk);
        if (seen.includes('got from node')) break;
      }
      socket.close();
    });

    test('Log', async () => {
      const out = new PassThrough();
      await new Log(config).log('default', web, 'web', out, { follow: false });
      expect(String((await once(out, 'data'))[0])).toBe('listening\n');
    });

    test('PortForward', async () => {
      const forward = new PortForward(config);
      const server = createServer((socket) => void forward.portForward('default', web, [9000], socket, null, socket)).listen(0);
      await once(server, 'listening');
      const bytes = randomBytes(2_000_000);
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      let received = Buffer.alloc(0);
      socket.write(bytes);
      for await (const chunk of socket) {
        received = Buffer.concat([received, chunk as Buffer]);
        if (received.length >= bytes.length) break;
      }
      expect(received.equals(bytes)).toBe(true);
      server.close();
    });

    // cpFromPod asks for `tar zcf` and does not unzip: it works with no server.
    test('Cp to a pod', async () => {
      const from = join(directory, 'from-node');
      mkdirSync(from);
      writeFileSync(join(from, 'node.txt'), 'copied');
      await new Cp(config).cpToPod('default', web, 'web', from, '/tmp');
      const read = async () => (await run(kubectls[0]!, kubeconfig, ['exec', web, '--', 'cat', '/tmp/node.txt'])).stdout.toString();
      expect(await until(async () => (await read()) || undefined)).toBe('copied');
    });
  });
});
