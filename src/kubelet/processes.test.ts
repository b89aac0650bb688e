/** The kubelet on real processes: skipped where the machine does not let us (no root). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { isReason } from '../api/errors.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import type { Container, PodSpec } from '../api/types/core.v1.ts';
import { realClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { createKubelet } from './kubelet.ts';
import { app, condition, harness } from './harness.suite.ts';
import { cleanup } from './runtime/processes/cleanup.ts';
import { processesRuntime, type ProcessesRuntime } from './runtime/processes/processes.ts';
import { networkProbes } from './prober/runner.ts';
import type { ImageService, Kubelet } from './types.ts';

/** One image: this machine's own file system. */
const hostImages: ImageService = {
  status: async (reference) => ({
    id: 'host', reference, imageId: 'host', names: [reference], sizeBytes: 0, layers: [], host: true,
    config: { entrypoint: [], cmd: ['sleep', '1000'], env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'FROM_IMAGE=yes'], workingDir: '/', user: '', stopSignal: undefined, exposedPorts: [], labels: {} },
  }),
  pull: async () => { throw new Error('there is no registry'); },
  resolveUser: async (_image, user) => ({ uid: Number(user) || 0, gid: 0, supplementalGroups: [] }),
  list: async () => [],
};

describe.runIf(process.getuid?.() === 0)('on real processes', () => {
  let cluster: Awaited<ReturnType<typeof harness>>;
  let runtime: ProcessesRuntime;
  let kubelet: Kubelet;
  const directory = mkdtempSync(join(tmpdir(), 'coracle-kubelet-'));
  const clock = realClock();
  const make = () => createKubelet({ ...cluster.options, nodeName: 'n1', clock, runtime: runtime, images: hostImages, directory, probes: networkProbes(runtime, clock) });

  // A network of its own: other tests of this machine may run beside this one.
  const net = `10.${100 + (process.pid % 100)}`;
  const open = () => processesRuntime({
    directory: join(directory, 'runtime'), cgroupRoot: `coracle-test-${process.pid}`, clock, random: systemRandom(),
    network: { bridge: `cor-k${process.pid}`, clusterCIDR: `${net}.0.0/16`, podCIDR: `${net}.0.0/20` },
  });

  beforeAll(async () => {
    runtime = await open();
    cluster = await harness({ clock, kubelet: { nodeName: 'other' } });
    kubelet = make();
    await kubelet.start();
  });
  afterAll(async () => {
    await kubelet.stop();
    await cluster.stop();
    await runtime.close();
    await cleanup(join(directory, 'runtime'), clock);
    rmSync(directory, { recursive: true, force: true });
  });

  const sh = (script: string, more: Partial<Container> = {}): Container => ({ name: 'app', image: 'host', imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], ...more });
  const run = (name: string, container: Container, spec: Partial<PodSpec> = {}) => cluster.create(name, { containers: [container], terminationGracePeriodSeconds: 1, ...spec });
  const phase = (name: string) => expect.poll(async () => (await cluster.get(name)).status?.phase, { interval: 5, timeout: 10_000 });
  const ready = (name: string) => expect.poll(async () => condition(await cluster.get(name), 'Ready')?.status, { interval: 5, timeout: 10_000 }).toBe('True');
  const gone = (name: string) => expect.poll(() => cluster.get(name).then(() => false, (e) => isReason(e, 'NotFound')), { interval: 5, timeout: 10_000 }).toBe(true);
  const logs = async (name: string, options = {}) => text(await kubelet.streams.logs('default', name, undefined, options));

  test('environment, downward API, files and logs', async () => {
    await cluster.client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf', namespace: 'default' }, data: { greeting: 'hello', COLOR: 'red' } });
    await run('env', sh('echo $FROM_IMAGE $COLOR $NAME $IP $BOTH; cat /etc/conf/greeting; echo; cat /info/labels; echo done >/dev/termination-log; exit 4', {
      envFrom: [{ configMapRef: { name: 'conf' } }],
      env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }, { name: 'BOTH', value: '$(COLOR)-$(NAME)-$$(X)' }],
      volumeMounts: [{ name: 'conf', mountPath: '/etc/conf' }, { name: 'info', mountPath: '/info' }],
    }), {
      restartPolicy: 'Never',
      volumes: [{ name: 'conf', configMap: { name: 'conf' } }, { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }],
    });
    await phase('env').toBe('Failed');
    const pod = await cluster.get('env');
    expect(await logs('env')).toBe(`yes red env ${pod.status!.podIP} red-env-$(X)\nhello\n`);
    expect(app(pod).state?.terminated).toMatchObject({ exitCode: 4, reason: 'Error', message: 'done\n' });
  });

  test('a server is Ready when it answers', async () => {
    await run('server', { name: 'app', image: 'host', command: ['sleep', '100'] });
    await ready('server');
    await run('http', { name: 'app', image: 'host', command: [process.execPath, '-e', 'require("http").createServer((q,s)=>s.end("hi")).listen(8080)'], ports: [{ name: 'web', containerPort: 8080 }], readinessProbe: { httpGet: { path: '/', port: 'web' } } });
    await ready('http');
    const ip = (await cluster.get('http')).status!.podIP!;
    const body = await new Promise<string>((resolve, reject) => request({ host: ip, port: 8080 }, (res) => resolve(text(res))).on('error', reject).end());
    expect(body).toBe('hi');
    await Promise.all(['server', 'http'].map((name) => cluster.remove(name)));
    await Promise.all(['server', 'http'].map((name) => gone(name)));
  });

  test('a changed ConfigMap is in the file within 250 ms', async () => {
    await cluster.client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'live', namespace: 'default' }, data: { key: 'one' } });
    await run('watch', sh('sleep 100', { volumeMounts: [{ name: 'conf', mountPath: '/etc/conf' }] }), { volumes: [{ name: 'conf', configMap: { name: 'live' } }] });
    await ready('watch');
    const uid = (await cluster.get('watch')).metadata.uid!;
    const file = join(directory, 'pods', uid, 'volumes/kubernetes.io~configmap/conf/key');
    expect(readFileSync(file, 'utf8')).toBe('one');
    const started = performance.now();
    await cluster.client.patch(ConfigMaps, 'live', { type: 'merge', body: { data: { key: 'two' } } }, { namespace: 'default' });
    await expect.poll(() => readFileSync(file, 'utf8'), { interval: 2 }).toBe('two');
    expect(performance.now() - started).toBeLessThan(250);
    const session = await kubelet.streams.exec('default', 'watch', undefined, ['cat', '/etc/conf/key'], { tty: false, stdin: false });
    expect(await text(session.stdout)).toBe('two');
    expect(await session.exit).toBe(0);
    await cluster.remove('watch');
    await gone('watch');
  });

  test('logs can be followed to the end, and cut', async () => {
    await run('talk', sh('for i in 1 2 3; do echo line $i; sleep 0.05; done'), { restartPolicy: 'Never' });
    await phase('talk').not.toBe('Pending');
    expect(await logs('talk', { follow: true })).toBe('line 1\nline 2\nline 3\n');
    expect(await logs('talk', { tailLines: 1 })).toBe('line 3\n');
    expect(await logs('talk', { limitBytes: 8 })).toBe('line 1\nl');
    expect(await logs('talk', { tailLines: 1, timestamps: true })).toMatch(/^\d{4}-\d\d-\d\dT\S+Z line 3\n$/);
  });

  test('a kubelet that starts again finds its pods running', async () => {
    await run('stay', sh('sleep 100', { readinessProbe: { exec: { command: ['true'] } } }));
    await ready('stay');
    const before = await cluster.get('stay');
    await kubelet.stop();
    await runtime.close();
    runtime = await open();
    kubelet = make();
    await kubelet.start();
    const after = await cluster.get('stay');
    expect(app(after)).toMatchObject({ containerID: app(before).containerID, restartCount: 0, ready: true });
    await cluster.remove('stay');
    await gone('stay');
    await expect.poll(async () => (await runtime.list()).map((s) => s.name), { interval: 5 }).not.toContain('stay');
  });

  test('liveness kills and restarts; preStop runs before SIGTERM', async () => {
    await run('sick', sh('echo start; sleep 100', { livenessProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 }, terminationMessagePolicy: 'FallbackToLogsOnError' }));
    await expect.poll(async () => app(await cluster.get('sick')).restartCount, { interval: 20, timeout: 10_000 }).toBe(1);
    const pod = await cluster.get('sick');
    expect(app(pod).lastState?.terminated).toMatchObject({ exitCode: 137 });
    expect(await cluster.events('sick')).toEqual(expect.arrayContaining([
      expect.stringMatching(/^Unhealthy: Liveness probe failed: $/), 'Killing: Container app failed liveness probe, will be restarted',
    ]));
    await cluster.remove('sick');
    await run('hooked', sh('trap "echo term; exit 0" TERM; echo up; while :; do sleep 0.02; done', { lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo pre > /proc/1/fd/1'] } } } }), { terminationGracePeriodSeconds: 5 });
    await ready('hooked');
    const follow = logs('hooked', { follow: true });
    await cluster.remove('hooked');
    expect(await follow).toBe('up\npre\nterm\n');
    await gone('hooked');
    await gone('sick');
    expect((await cluster.client.list(Pods)).items.map((p) => p.metadata.name)).not.toContain('hooked');
  });
});
