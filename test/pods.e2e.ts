/** Pods as real processes, through the whole cluster. Skipped where the machine does not let us (no root). CORACLE_LONG=1: the full numbers. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigMaps } from '../src/api/kinds/core/config-map.ts';
import { PersistentVolumeClaims } from '../src/api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../src/api/kinds/core/persistent-volume.ts';
import { Pods } from '../src/api/kinds/core/pod.ts';
import { Secrets } from '../src/api/kinds/core/secret.ts';
import { ServiceAccounts } from '../src/api/kinds/core/service-account.ts';
import { Services } from '../src/api/kinds/core/service.ts';
import type { Container, Pod, PodSpec } from '../src/api/types/core.v1.ts';
import { startRegistry } from '../src/kubelet/images/registry.suite.ts';
import { installedKubectls } from './kubectl/versions.ts';
import { count, tracesOf } from './pods/traces.ts';
import { IMAGE, isReady, isRoot, podWorld, sh, status, type PodWorld } from './pods/world.ts';

const long = process.env['CORACLE_LONG'] === '1';
const nothing = { processes: 0, mounts: 0, namespaces: 0, groups: 0, links: 0, addresses: 0, routes: 0 };
const server = (text: string): Container => ({
  name: 'app', image: 'machine:1', command: [process.execPath, '-e', `require('http').createServer((q, s) => s.end(${JSON.stringify(text)})).listen(8080)`],
  ports: [{ name: 'web', containerPort: 8080 }], readinessProbe: { httpGet: { path: '/', port: 'web' }, periodSeconds: 1 },
});
/** Ends at once when it is asked to. */
const OBEDIENT = 'trap "exit 0" TERM; sleep 1000 & wait';

/** Numbered lines: more than a log file holds, and then now and then one, until it is asked to stop. */
const CHATTY = `let n = 0; const say = () => console.log(n++ + ' ' + 'x'.repeat(1000)); process.on('SIGTERM', () => { say(); process.exit(); }); say();
  setTimeout(() => { for (let i = 0; i < 11000; i++) say(); setInterval(say, 50); }, 1000);`;

/** `kubectl logs --follow`'s request, up to its end. */
async function followLogs({ cluster }: PodWorld, pod: string): Promise<string> {
  const answer = await cluster.client.raw({ method: 'GET', path: `/api/v1/namespaces/default/pods/${pod}/log?follow=true` });
  return answer.body.toString();
}

test.runIf(!isRoot)('pods as real processes need root: run as root', ({ skip }) => skip());

describe.runIf(isRoot)('pods', () => {
  let world: PodWorld;
  beforeAll(async () => {
    world = await podWorld();
    // Takes its time; looked at last.
    await world.run('crash', sh('exit 3'));
  });
  afterAll(async () => {
    await world?.stop();
    if (world) expect(count(tracesOf(world.directory, world.name))).toEqual(nothing);
    await world?.close();
  });

  test('startup, readiness and liveness probes', async () => {
    const { run, get, wait, ready, events, remove } = world;
    await run('probed', sh('sleep 0.3; touch /up; sleep 0.3; touch /ready; sleep 1000', {
      startupProbe: { exec: { command: ['cat', '/up'] }, periodSeconds: 1, failureThreshold: 30 },
      readinessProbe: { exec: { command: ['cat', '/ready'] }, periodSeconds: 1 },
      livenessProbe: { exec: { command: ['sh', '-c', 'test ! -e /work/sick'] }, periodSeconds: 1, failureThreshold: 1 },
      volumeMounts: [{ name: 'work', mountPath: '/work' }],
      lifecycle: { postStart: { exec: { command: ['sh', '-c', 'test -e /work/again || (touch /work/again; sleep 1.5; touch /work/sick) >/dev/null 2>&1 &'] } } },
    }), { volumes: [{ name: 'work', emptyDir: {} }] });
    await ready('probed');
    expect(status(await get('probed'))).toMatchObject({ started: true, ready: true, restartCount: 0 });
    await wait(async () => status(await get('probed')).restartCount).toBe(1);
    expect(status(await get('probed')).lastState?.terminated?.exitCode).toBe(137);
    expect(await events('probed')).toEqual(expect.arrayContaining([
      expect.stringMatching(/^Unhealthy: Liveness probe failed: /), 'Killing: Container app failed liveness probe, will be restarted',
    ]));
    await remove('probed', 0);
  });

  test('a container that needs more memory than it may have', async () => {
    const { run, get, phase, remove } = world;
    await run('hungry', sh('exec tail /dev/zero', { resources: { limits: { memory: '32Mi' } } }), { restartPolicy: 'Never' });
    await phase('hungry', 'Failed');
    expect(status(await get('hungry')).state?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    await remove('hungry');
  });

  test('preStop, then SIGTERM, then after the grace SIGKILL', async () => {
    const { run, ready, logs, remove, gone, client } = world;
    const codes = new Map<string, number | undefined>();
    const watch = client.watch(Pods, { namespace: 'default' }, {
      event(event) {
        if (event.type !== 'MODIFIED') return;
        const pod = event.object;
        codes.set(pod.metadata.name ?? '', pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode);
      },
      closed() {},
    });
    const hook = { lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo pre > /proc/1/fd/1; sleep 0.2; echo pre done > /proc/1/fd/1'] } } } };
    await run('polite', sh('trap "echo term; exit 7" TERM; echo up; while :; do sleep 0.02; done', hook), { terminationGracePeriodSeconds: 10 });
    await run('stubborn', sh('trap "echo term" TERM; echo up; while :; do sleep 0.02; done', hook), { terminationGracePeriodSeconds: 2 });
    await Promise.all([ready('polite'), ready('stubborn')]);
    const followed = Promise.all([logs('polite', 'follow=true'), logs('stubborn', 'follow=true')]);
    const at = performance.now();
    await Promise.all([remove('polite'), remove('stubborn')]);
    await gone('polite');
    expect(performance.now() - at).toBeLessThan(1_900);
    await gone('stubborn');
    expect(performance.now() - at).toBeGreaterThan(1_900);
    expect(await followed).toEqual(['up\npre\npre done\nterm\n', 'up\npre\npre done\nterm\n']);
    expect([codes.get('polite'), codes.get('stubborn')]).toEqual([7, 137]);
    watch.stop();
  });

  test('init containers one after the other, sidecars beside them and until the end', async () => {
    const { run, get, phase, logs } = world;
    const mounts = { volumeMounts: [{ name: 'work', mountPath: '/work' }] };
    await run('ordered', sh('echo main >> /work/order; cat /work/order', mounts), {
      restartPolicy: 'Never', volumes: [{ name: 'work', emptyDir: { medium: 'Memory' } }],
      initContainers: [
        sh('echo first >> /work/order', { name: 'first', ...mounts }),
        sh('trap "echo bye; exit 0" TERM; sleep 0.2; echo sidecar >> /work/order; touch /up; while :; do sleep 0.02; done', {
          name: 'sidecar', restartPolicy: 'Always', startupProbe: { exec: { command: ['cat', '/up'] }, periodSeconds: 1, failureThreshold: 20 }, ...mounts,
        }),
        sh('echo second >> /work/order', { name: 'second', ...mounts }),
      ],
    });
    await phase('ordered', 'Succeeded');
    expect(await logs('ordered', 'container=app')).toBe('first\nsidecar\nsecond\nmain\n');
    expect(await logs('ordered', 'container=sidecar')).toBe('bye\n');
    expect(status(await get('ordered'), 'sidecar').state?.terminated?.exitCode).toBe(0);
  });

  test('names inside a pod: Services, headless ones, pods of them, and none', async () => {
    const { run, ready, phase, logs, get, client, wait } = world;
    const service = (name: string, clusterIP?: string) => client.create(Services, {
      apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { selector: { app: 'web' }, ports: [{ name: 'web', port: 80, targetPort: 'web' }], ...(clusterIP && { clusterIP }) },
    });
    const [web] = await Promise.all([service('web'), service('flock', 'None')]);
    await Promise.all(['a', 'b'].map((name) => run(`web-${name}`, server(name), { hostname: name, subdomain: 'flock' }, { app: 'web' })));
    await Promise.all([ready('web-a'), ready('web-b')]);
    const ips = await Promise.all(['web-a', 'web-b'].map(async (name) => (await get(name)).status?.podIP ?? ''));
    await run('asking', sh([
      'look() { getent ahostsv4 "$1" | cut -d" " -f1 | sort -u | tr "\\n" " "; echo; }',
      'until [ "$(look flock | wc -w)" = 2 ]; do sleep 0.05; done',
      'look web; look web.default; look web.default.svc.cluster.local; look flock; look a.flock; look b.flock; look nowhere; look kubernetes',
      `${process.execPath} -e 'const d=require("dns").promises;d.resolve4("nowhere.default.svc.cluster.local").catch(e=>console.log(e.code)).then(()=>d.resolveSrv("_web._tcp.flock.default.svc.cluster.local")).then(l=>console.log(l.map(s=>s.name+":"+s.port).sort().join()))'`,
      `${process.execPath} -e 'fetch("http://web").then(r=>r.text()).then(console.log)'`,
    ].join('\n')), { restartPolicy: 'Never' });
    await phase('asking', 'Succeeded', 20_000);
    const lines = (await logs('asking')).trimEnd().split('\n').map((line) => line.trim());
    const ip = web.spec?.clusterIP;
    const kubernetes = (await client.get(Services, 'kubernetes', { namespace: 'default' })).spec?.clusterIP;
    expect(lines.slice(0, 10)).toEqual([ip, ip, ip, [...ips].sort().join(' '), ips[0], ips[1], '', kubernetes, 'ENOTFOUND', 'a.flock.default.svc.cluster.local:8080,b.flock.default.svc.cluster.local:8080']);
    expect(['a', 'b']).toContain(lines[10]);
    await wait(async () => (await get('asking')).status?.phase).toBe('Succeeded');
  });

  test('a changed ConfigMap is in the file within 250 ms, whole', async () => {
    const { run, ready, logs, remove, client, wait } = world;
    const object = (value: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf', namespace: 'default' }, data: { a: value, b: value } });
    await client.create(ConfigMaps, object('0'));
    const script = `const fs=require('fs');let last='0';setInterval(()=>{const d=fs.realpathSync('/conf/..data');let a,b;try{a=fs.readFileSync(d+'/a','utf8');b=fs.readFileSync(d+'/b','utf8')}catch{return}
      if(a!==b)console.log('torn',a,b);if(a!==last){last=a;console.log(a,Date.now())}},2)`;
    await run('reader', { name: 'app', image: 'machine:1', command: [process.execPath, '-e', script], volumeMounts: [{ name: 'conf', mountPath: '/conf' }] }, { volumes: [{ name: 'conf', configMap: { name: 'conf' } }] });
    await ready('reader');
    const times: number[] = [];
    for (let i = 1; i <= 10; i++) {
      const at = Date.now();
      await client.update(ConfigMaps, object(String(i)));
      await wait(async () => (await logs('reader')).trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^${i} `));
      times.push(Number((await logs('reader')).trimEnd().split(' ').at(-1)) - at);
    }
    expect(await logs('reader')).not.toContain('torn');
    expect(Math.max(...times)).toBeLessThan(250);
    await remove('reader', 0);
  });

  test('a claim gets a volume, which outlives its pods and goes with the claim', async () => {
    const { run, phase, logs, remove, gone, client, wait } = world;
    await client.create(PersistentVolumeClaims, {
      apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    const spec: Partial<PodSpec> = { restartPolicy: 'Never', volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
    const mounts = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
    await run('writes', sh('echo kept > /data/file', mounts), spec);
    await phase('writes', 'Succeeded');
    await remove('writes');
    await gone('writes');
    await run('reads', sh('cat /data/file', mounts), spec);
    await phase('reads', 'Succeeded');
    expect(await logs('reads')).toBe('kept\n');
    const volumes = join(world.directory, 'volumes');
    expect(readdirSync(volumes)).toHaveLength(1);
    await remove('reads');
    await gone('reads');
    await client.delete(PersistentVolumeClaims, 'data', { namespace: 'default' });
    await wait(async () => (await client.list(PersistentVolumes)).items.length).toBe(0);
    await wait(async () => readdirSync(volumes).length).toBe(0);
  });

  test('a security context holds', async () => {
    const { run, phase, logs } = world;
    const look = 'id -u; id -g; id -G; touch /file 2>&1; grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status | tr "\\t" " "';
    await run('narrow', sh(look, { securityContext: { runAsUser: 1234, runAsGroup: 1235, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }), { restartPolicy: 'Never', securityContext: { fsGroup: 1236 } });
    await run('usual', sh(`${look}; mount -t tmpfs none /mnt 2>/dev/null || echo no mount; mknod /tmp/disk b 254 0 2>/dev/null && head -c 1 /tmp/disk >/dev/null 2>&1 || echo no disk; chroot / true && echo chroot`), { restartPolicy: 'Never' });
    await phase('narrow', 'Succeeded');
    await phase('usual', 'Succeeded');
    expect((await logs('narrow')).trimEnd().split('\n')).toEqual(['1234', '1235', '1235 1236', "touch: cannot touch '/file': Read-only file system", 'CapEff: 0000000000000000', 'CapBnd: 0000000000000000', 'NoNewPrivs: 1']);
    // 00000000a80425fb: the default set of docker, containerd and CRI-O.
    expect((await logs('usual')).trimEnd().split('\n')).toEqual(['0', '0', '0', 'CapEff: 00000000a80425fb', 'CapBnd: 00000000a80425fb', expect.stringMatching(/^NoNewPrivs: /), 'no mount', 'no disk', 'chroot']);
  });

  test('a pod sees nothing of this machine or of other pods that it should not', async () => {
    const { run, ready, phase, logs, get } = world;
    const home = mkdtempSync(join(homedir(), '.coracle-test-'));
    try {
      writeFileSync(join(home, 'key'), 'secret');
      await run('neighbour', sh('touch /neighbour-file /tmp/neighbour-file; sleep 1000'));
      await ready('neighbour');
      const uid = (await get('neighbour')).metadata.uid;
      await run('nosy', sh([
        `cat ${home}/key 2>/dev/null && echo home`, `ls -A ${world.directory}/ 2>/dev/null | head -3`, 'ls /neighbour-file /tmp/neighbour-file 2>/dev/null',
        'ls /proc | grep -E "^[0-9]+$" | wc -l', `kill -0 ${process.pid} 2>/dev/null && echo process`, `find / -xdev -path "*${uid}*" 2>/dev/null | head -3`,
        'ls /sys/class/net | tr "\\n" " "', 'hostname', 'ls -d /run/*.sock /var/run/docker.sock 2>/dev/null', 'echo end',
      ].join('\n')), { restartPolicy: 'Never' });
      await phase('nosy', 'Succeeded', 30_000);
      const [processes = '', ...rest] = (await logs('nosy')).trimEnd().split('\n');
      expect(Number(processes)).toBeLessThan(6);
      expect(rest.map((line) => line.trim())).toEqual(['eth0 lo nosy', 'end']);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  test('an image behind credentials: with the secret of the pod or of its account, and not without', async () => {
    const { run, get, wait, phase, logs, events, client } = world;
    const credentials = { username: 'me', password: 'pa:ss' };
    // On the machine's own file system, for a program that can be run.
    const config = { Cmd: ['cat', '/etc/motd'], Env: ['PATH=/usr/bin:/bin'], Labels: { 'dev.coracle.base': 'host' } };
    const registries = await Promise.all([startRegistry({ credentials, config }), startRegistry({ credentials, config, token: true })]);
    try {
      const auths = Object.fromEntries(registries.map(({ host }) => [host, { auth: btoa('me:pa:ss') }]));
      await client.create(Secrets, { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata: { name: 'registry', namespace: 'default' }, data: { '.dockerconfigjson': btoa(JSON.stringify({ auths })) } });
      await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'puller', namespace: 'default' }, imagePullSecrets: [{ name: 'registry' }] });
      for (const [i, { host }] of registries.entries()) {
        const app: Container = { name: 'app', image: `${host}/app:v1`, imagePullPolicy: 'Always' };
        await run(`denied-${i}`, app, { restartPolicy: 'Never' });
        await wait(async () => status(await get(`denied-${i}`)).state?.waiting?.reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
        await wait(() => events(`denied-${i}`)).toContainEqual(expect.stringMatching(i === 0 ? /^Failed: Failed to pull image .* pull access denied/ : /^Failed: Failed to pull image .* failed to authorize: failed to fetch anonymous token: .* 401 Unauthorized/));
        await run(`own-${i}`, app, { restartPolicy: 'Never', imagePullSecrets: [{ name: 'registry' }] });
        await run(`account-${i}`, app, { restartPolicy: 'Never', serviceAccountName: 'puller' });
        for (const name of [`own-${i}`, `account-${i}`]) {
          await phase(name, 'Succeeded');
          expect(await logs(name)).toBe('pulled');
        }
        expect(status(await get(`own-${i}`)).imageID).toMatch(new RegExp(`^${host}/app@sha256:`));
        await world.remove(`denied-${i}`, 0);
      }
    } finally {
      for (const registry of registries) registry.stop();
    }
  });

  test('the real kubectl: exec, logs --previous, cp, delete', async ({ skip }) => {
    const kubectl = installedKubectls().at(-1);
    if (!kubectl) return skip('kubectl is not installed');
    const file = join(world.directory, 'kubeconfig');
    writeFileSync(file, world.cluster.kubeconfig, { mode: 0o600 });
    const run = async (...args: string[]) => (await promisify(execFile)(kubectl.path, ['--kubeconfig', file, ...args])).stdout;
    await world.run('handled', sh('echo life; sleep 1000'));
    await run('wait', '--for=condition=Ready', 'pod/handled', '--timeout=20s');
    expect(await run('exec', 'handled', '--', 'sh', '-c', 'echo in; cat /proc/1/comm')).toBe('in\nsh\n');
    await run('cp', join(import.meta.dirname, 'vitest.config.ts'), 'handled:/copied');
    expect(await run('exec', 'handled', '--', 'sh', '-c', 'wc -l < /copied')).toMatch(/^\d+\n$/);
    await run('exec', 'handled', '--', 'sh', '-c', 'kill -9 -1; kill -TERM 1').catch(() => {});
    expect(await run('delete', 'pod', 'handled', '--now')).toMatch(/^pod "handled" (force )?deleted/);
  });

  test(`${long ? 200 : 60} pods at once, ${long ? 2000 : 200} made and deleted: nothing is left`, async () => {
    const { client, wait, run, gone, ready } = world;
    const wave = long ? 200 : 60;
    const all = long ? 2000 : 200;
    const pods = () => client.list(Pods, { namespace: 'default', labelSelector: 'wave' });
    const make = (from: number, many: number) => Promise.all(Array.from({ length: many }, (_, i) => run(`wave-${from + i}`, sh(OBEDIENT), {}, { wave: 'yes' })));
    const clear = async () => {
      await client.deleteCollection(Pods, { namespace: 'default', labelSelector: 'wave' });
      await wait(async () => (await pods()).items.length, 120_000).toBe(0);
    };
    await make(0, 1);
    await ready('wave-0');
    await clear();
    await gone('wave-0');
    const settled = () => count(tracesOf(world.directory, world.name));
    const before = settled();
    const memory = () => Math.round((globalThis.gc?.(), process.memoryUsage().rss / 2 ** 20));
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const [rss, fds] = [memory(), descriptors()];
    let made = 0;
    const figures: string[] = [];
    while (made < all) {
      const many = Math.min(wave, all - made);
      const at = performance.now();
      await make(made, many);
      await wait(async () => (await pods()).items.filter(isReady).length, 180_000).toBe(many);
      const up = performance.now();
      await clear();
      figures.push(`${many} Ready in ${Math.round(up - at)} ms, gone in ${Math.round(performance.now() - up)} ms, ${memory()} MiB`);
      made += many;
    }
    // Fewer is well: what the first pod had may have been counted while it went.
    const more = () => Object.entries(settled()).filter(([kind, now]) => now > before[kind as keyof typeof before]);
    await wait(async () => more(), 30_000).toEqual([]);
    await wait(async () => descriptors(), 30_000).toBeLessThanOrEqual(fds + 5);
    console.log(`${figures.join('\n')}\nRSS ${rss} → ${memory()} MiB, descriptors ${fds} → ${descriptors()}, traces ${JSON.stringify(before)}`);
    if (!long) expect(memory() - rss).toBeLessThan(150);
  }, 1_200_000);

  test('whoever follows a log sees every line, also when the file is rotated', { timeout: 30_000 }, async () => {
    await world.run('chatty', { name: 'app', image: IMAGE, command: [process.execPath, '-e', CHATTY] });
    await world.ready('chatty');
    const followed = followLogs(world, 'chatty');
    const files = () => readdirSync(world.directory, { recursive: true, encoding: 'utf8' }).filter((path) => /_chatty_.*app\/0\.log/.test(path));
    await world.wait(async () => files().length, 20_000).toBe(2);
    await world.remove('chatty');
    const lines = (await followed).trimEnd().split('\n').map((line) => parseInt(line, 10));
    expect(lines.length).toBeGreaterThan(11_001);
    expect(lines).toEqual(lines.map((_, i) => i));
  });

  test('a crash loop waits 10 s, then 20 s', async () => {
    const { get, wait, events } = world;
    await wait(async () => status(await get('crash')).restartCount, 20_000).toBeGreaterThanOrEqual(2);
    const seen = (await events('crash')).join('\n');
    expect(seen).toMatch(/^BackOff: Back-off restarting failed container app in pod crash_default\(/m);
    await wait(async () => status(await get('crash')).state?.waiting?.message ?? '', 60_000).toMatch(/^back-off (10s|20s|40s|1m20s|2m40s|5m0s) restarting failed container=app pod=crash_default\([-0-9a-f]+\)$/);
    expect(status(await get('crash'))).toMatchObject({ ready: false, started: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 3, reason: 'Error' } } });
  }, 120_000);
});

describe.runIf(isRoot)('three nodes in one process', () => {
  let world: PodWorld;
  beforeAll(async () => {
    world = await podWorld({ nodes: 3 });
  });
  afterAll(async () => {
    await world?.stop();
    if (world) expect(count(tracesOf(world.directory, world.name))).toEqual(nothing);
    await world?.close();
    if (world) expect(existsSync(world.directory)).toBe(false);
  });

  test('their pods reach each other, directly and by a Service', async () => {
    const { run, ready, phase, get, logs, client } = world;
    const nodes = ['node-1', 'node-2', 'node-3'];
    await client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'web' }] } });
    await Promise.all(nodes.map((nodeName) => run(`on-${nodeName}`, server(nodeName), { nodeName }, { app: 'web' })));
    await Promise.all(nodes.map((node) => ready(`on-${node}`)));
    const pods: Pod[] = await Promise.all(nodes.map((node) => get(`on-${node}`)));
    expect(new Set(pods.map((pod) => pod.status?.podIP)).size).toBe(3);
    const urls = pods.map((pod) => `http://${pod.status?.podIP}:8080/`);
    const script = `(async()=>{const text=async u=>(await fetch(u,{headers:{connection:'close'}})).text();const seen=new Set();for(let i=0;i<30;i++)seen.add(await text('http://web'));
      console.log((await Promise.all(${JSON.stringify(urls)}.map(text))).join());console.log([...seen].sort().join())})()`;
    await Promise.all(nodes.map((nodeName) => run(`asks-${nodeName}`, { name: 'app', image: 'machine:1', command: [process.execPath, '-e', script] }, { nodeName, restartPolicy: 'Never' })));
    for (const node of nodes) {
      await phase(`asks-${node}`, 'Succeeded');
      expect(await logs(`asks-${node}`)).toBe('node-1,node-2,node-3\nnode-1,node-2,node-3\n');
    }
  });
});
