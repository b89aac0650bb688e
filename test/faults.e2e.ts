/** What can go wrong, done on purpose. Skipped where the machine does not let us (no root). CORACLE_LONG=1: the full numbers. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Deployments } from '../src/api/kinds/apps/deployment.ts';
import { ConfigMaps } from '../src/api/kinds/core/config-map.ts';
import { Nodes } from '../src/api/kinds/core/node.ts';
import { Pods } from '../src/api/kinds/core/pod.ts';
import type { Deployment } from '../src/api/types/apps.v1.ts';
import { realClock } from '../src/base/clock.ts';
import { startCluster } from '../src/cluster/start.ts';
import { commandCluster } from './pods/command.ts';
import { count, tracesOf } from './pods/traces.ts';
import { IMAGE, isReady, isRoot, podHelpers, podWorld, sh, status } from './pods/world.ts';

const kills = process.env['CORACLE_LONG'] === '1' ? 20 : 5;
const nothing = { processes: 0, mounts: 0, namespaces: 0, groups: 0, links: 0, addresses: 0, routes: 0 };
const configMap = (name: string, value = 'x') => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { value } });
const deployment = (name: string, replicas: number): Deployment => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 1, containers: [sh('trap "exit 0" TERM; sleep 1000 & wait')] } } },
} as Deployment);
const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The host's number of a container's main process, found by its control group. */
function mainProcess(containerID: string | undefined): number {
  const id = containerID?.split('//')[1] ?? 'none';
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number).filter((pid) => cgroupOf(pid).includes(id));
  const main = pids.find((pid) => /\s1$/m.test(/^NSpid:.*$/m.exec(read(`/proc/${pid}/status`))?.[0] ?? ''));
  if (main === undefined) throw new Error(`${containerID} has no main process`);
  return main;
}
const cgroupOf = (pid: number) => read(`/proc/${pid}/cgroup`);
const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

test.runIf(!isRoot)('faults of real processes need root: run as root', ({ skip }) => skip());

describe.runIf(isRoot)('faults', () => {
  test(`${kills} times kill -9 under load: pods live on, none doubled, nothing lost`, async () => {
    const cluster = commandCluster(`kill${process.pid}`);
    cleanups.push(() => cluster.remove(), () => cluster.down());
    await cluster.up();
    await cluster.buildImage(IMAGE);
    let client = cluster.client();
    cleanups.push(() => client.close());
    let pods = podHelpers(client);
    await client.create(Deployments, deployment('steady', 5));
    const steady = async () => (await client.list(Pods, { namespace: 'default', labelSelector: 'app=steady' })).items;
    const identities = async () => (await steady()).map((pod) => `${pod.metadata.name} ${status(pod).containerID} ${status(pod).restartCount} ${mainProcess(status(pod).containerID)}`).sort();
    await pods.wait(async () => (await steady()).filter(isReady).length).toBe(5);
    const before = await identities();

    const all = async () => (await client.list(Pods, { namespace: 'default' })).items;
    const kept: string[] = [];
    const times: number[] = [];
    for (let round = 0; round < kills; round++) {
      let stop = false;
      const load = [0, 1, 2, 3].map(async (writer) => {
        for (let i = 0; !stop; i++) {
          const name = `load-${round}-${writer}-${i}`;
          await client.create(ConfigMaps, configMap(name)).then(() => kept.push(name), () => { stop = true; });
        }
      });
      const churn = (async () => {
        for (let i = 0; !stop; i++) {
          await pods.run(`churn-${round}-${i}`, sh('sleep 1000')).catch(() => {});
          if (i % 2 === 1) await pods.remove(`churn-${round}-${i - 1}`).catch(() => {});
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 400));
      const ran = new Map((await all()).filter(isReady).map((pod) => [pod.metadata.uid, status(pod).containerID]));
      await cluster.kill();
      await Promise.all([...load, churn]);
      client.close();
      const at = performance.now();
      await cluster.up();
      times.push(performance.now() - at);
      client = cluster.client();
      pods = podHelpers(client);
      expect(await identities()).toEqual(before);
      const others = (await all()).filter((pod) => ran.has(pod.metadata.uid) && pod.metadata.deletionTimestamp === undefined);
      expect(others.filter((pod) => status(pod).containerID !== ran.get(pod.metadata.uid)).map((pod) => pod.metadata.name)).toEqual([]);
    }
    const names = new Set((await client.list(ConfigMaps, { namespace: 'default' })).items.map((object) => object.metadata.name));
    expect(kept.filter((name) => !names.has(name))).toEqual([]);
    expect(kept.length).toBeGreaterThan(kills);
    // Every churned pod that the API has runs once, every other is gone.
    await pods.wait(async () => (await all()).filter((pod) => !isReady(pod) || pod.metadata.deletionTimestamp !== undefined).map((pod) => pod.metadata.name), 30_000).toEqual([]);
    const listed = await all();
    await pods.wait(async () => tracesOf(cluster.directory, cluster.name).namespaces.length).toBe(listed.length);
    expect(new Set(listed.map((pod) => mainProcess(status(pod).containerID))).size).toBe(listed.length);
    // One whose start was cut in two is started again, as upstream's kubelet does it; the next kill may cut that one too.
    expect(listed.map((pod) => status(pod).restartCount).filter((restarts) => restarts > kills)).toEqual([]);
    expect(await identities()).toEqual(before);
    console.log(`${kills} kills, ${kept.length} acknowledged writes, ${listed.length} pods at the end; up again in ${times.map((ms) => Math.round(ms)).join(', ')} ms`);
    client.close();
    await cluster.down();
    expect(count(tracesOf(cluster.directory, cluster.name))).toEqual(nothing);
  }, 600_000);

  test('down after kill -9, and Ctrl-C, leave nothing', async () => {
    const cluster = commandCluster(`end${process.pid}`);
    cleanups.push(() => cluster.remove(), () => cluster.down());
    await cluster.up();
    await cluster.buildImage(IMAGE);
    let client = cluster.client();
    await client.create(Deployments, deployment('web', 3));
    const ready = async () => (await client.list(Pods, { namespace: 'default' })).items.filter(isReady).length;
    await podHelpers(client).wait(ready).toBe(3);
    client.close();
    await cluster.kill();
    expect(count(tracesOf(cluster.directory, cluster.name)).processes).toBeGreaterThan(0);
    expect(await cluster.down()).toMatch(/was not running\. Removed what a killed run had left: node-1\.\n$/);
    expect(count(tracesOf(cluster.directory, cluster.name))).toEqual(nothing);

    const child = await cluster.foreground();
    client = cluster.client();
    await podHelpers(client).wait(ready).toBe(3);
    client.close();
    child.kill('SIGINT');
    await new Promise((resolve) => child.once('close', resolve));
    expect(child.exitCode).toBe(0);
    expect(count(tracesOf(cluster.directory, cluster.name))).toEqual(nothing);
  });

  test('two clusters of one name on two directories do not disturb each other; ports and directories in use are named', async () => {
    const [one, two] = [commandCluster(`twin${process.pid}`), commandCluster(`twin${process.pid}`)];
    cleanups.push(() => one.remove(), () => two.remove(), () => one.down(), () => two.down());
    await Promise.all([one.up(), two.up()]);
    await Promise.all([one.buildImage(IMAGE), two.buildImage(IMAGE)]);
    const clients = [one.client(), two.client()];
    cleanups.push(() => clients.forEach((client) => client.close()));
    await Promise.all(clients.map((client) => client.create(Deployments, deployment('web', 2))));
    const ids = async (client: (typeof clients)[number]) => (await client.list(Pods, { namespace: 'default' })).items.filter(isReady).map((pod) => `${status(pod).containerID} ${mainProcess(status(pod).containerID)}`).sort();
    for (const client of clients) await podHelpers(client).wait(async () => (await ids(client)).length).toBe(2);
    const before = await ids(clients[1]!);
    await one.down();
    expect(await ids(clients[1]!)).toEqual(before);
    const ports = [new URL((await two.run('status', '--data-dir', two.directory, '--name', two.name, '-o', 'json')).out.match(/https:\/\/[^"]+/)![0]).port];
    const taken = await one.run('up', '--data-dir', one.directory, '--name', one.name, '--port', ports[0]!, '--http-port', '0', '--https-port', '0');
    expect(taken).toMatchObject({ code: 1, err: expect.stringContaining(`port ${ports[0]} of 127.0.0.1 is in use by another program: stop it, or choose another port (coracle up --port `) });
    const store = join(two.directory, 'store');
    await expect(startCluster({ dataDir: two.directory })).rejects.toThrow(`the store in ${store} is in use by process ${two.pid()}; stop that process, or choose another directory`);
    expect(await ids(clients[1]!)).toEqual(before);
    await two.down();
    // Both shared a name; nothing of either is left.
    for (const cluster of [one, two]) expect(count(tracesOf(cluster.directory, cluster.name))).toEqual(nothing);
  });

  test('a start that fails half way leaves nothing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'coracle-half-'));
    cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => void server.close());
    const { port } = server.address() as { port: number };
    await expect(startCluster({ dataDir: directory, name: 'half', port, ingress: false })).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`);
    expect(count(tracesOf(directory, 'half'))).toEqual(nothing);
    // The second node's runtime has no room for its state: a file is in its place.
    execFileSync('sh', ['-c', `mkdir -p ${directory}/nodes/node-2 && touch ${directory}/nodes/node-2/runtime`]);
    await expect(startCluster({ dataDir: directory, name: 'half', nodes: 2, ingress: false })).rejects.toThrow(/node-2\/runtime/);
    expect(count(tracesOf(directory, 'half'))).toEqual(nothing);
    rmSync(join(directory, 'nodes/node-2'), { recursive: true });
    const cluster = await startCluster({ dataDir: directory, name: 'half', nodes: 2, ingress: false });
    await cluster.stop();
    expect(count(tracesOf(directory, 'half'))).toEqual(nothing);
  });

  test('a killed process is restarted as its policy says; a killed sandbox is made anew', async () => {
    const world = await podWorld();
    cleanups.push(() => world.close());
    const { run, ready, get, wait, phase, events } = world;
    await run('always', sh('sleep 1000'));
    await run('never', sh('sleep 1000'), { restartPolicy: 'Never' });
    await Promise.all([ready('always'), ready('never')]);
    for (const name of ['always', 'never']) process.kill(mainProcess(status(await get(name)).containerID), 'SIGKILL');
    await phase('never', 'Failed');
    expect(status(await get('never')).state?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    await wait(async () => status(await get('always')).restartCount).toBe(1);
    await ready('always');
    const killed = await get('always');
    expect(status(killed).lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });

    const net = read(`/proc/${mainProcess(status(killed).containerID)}/cgroup`);
    const pod = /pod[-0-9a-f_]+/.exec(net)![0];
    const pause = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).find((pid) => cgroupOf(Number(pid)).includes(pod) && read(`/proc/${pid}/cmdline`).startsWith('coracle: pause'));
    process.kill(Number(pause), 'SIGKILL');
    await wait(async () => (await events('always')).includes('SandboxChanged: Pod sandbox changed, it will be killed and re-created.')).toBe(true);
    await wait(async () => status(await get('always')).containerID !== status(killed).containerID && isReady(await get('always'))).toBe(true);
    await wait(async () => tracesOf(world.directory, world.name).namespaces.length).toBe(1);
  });

  test('a full disk: said clearly, nothing broken, and on it goes when there is room', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'coracle-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'none', directory]);
    cleanups.push(() => rmSync(directory, { recursive: true, force: true }), () => void execFileSync('umount', ['-l', directory]));
    // The mount itself shows in the list of mounts.
    const clean = { ...nothing, mounts: 1 };
    let world = await podWorld({ dataDir: directory });
    let { client } = world;
    await world.run('before', sh('sleep 1000'));
    await world.ready('before');
    const filler = join(directory, 'filler');
    fill(filler, directory);

    const kept: string[] = [];
    const failures: string[] = [];
    for (let i = 0; i < 400 && failures.length < 3; i++) {
      await client.create(ConfigMaps, configMap(`full-${i}`, 'x'.repeat(20_000))).then(() => kept.push(`full-${i}`), (error: Error) => failures.push(error.message));
    }
    expect(failures[0]).toMatch(/no space left on device|ENOSPC|disk is full/i);
    expect((await client.list(Pods, { namespace: 'default' })).items).toHaveLength(1);
    rmSync(filler);
    await world.wait(() => client.create(ConfigMaps, configMap(`again-${Date.now()}`)).then(() => true, (error: Error) => error.message)).toBe(true);
    await world.run('after', sh('sleep 1000'));
    await world.ready('after', 30_000);
    await world.ready('before');
    const { name } = world;
    await world.cluster.stop({ keepPods: true });

    world = await podWorld({ dataDir: directory, name });
    client = world.client;
    const names = new Set((await client.list(ConfigMaps, { namespace: 'default' })).items.map((object) => object.metadata.name));
    expect(kept.filter((each) => !names.has(each))).toEqual([]);
    await world.ready('before');

    // A pod that fills the disk fails, as often as it is tried; where even its status finds no room, that is refused. It starts when it can.
    fill(filler, directory, 256 * 1024);
    await client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'waits', namespace: 'default' }, spec: { containers: [sh('dd if=/dev/zero of=/big bs=1M count=5 && sleep 1000')], terminationGracePeriodSeconds: 0 } });
    const restarted = async () => (status(await world.get('waits'))?.restartCount ?? 0) > 0;
    const refused = () => client.create(ConfigMaps, configMap(`fuller-${Date.now()}`, 'x'.repeat(20_000))).then(() => false, (error: Error) => error.message.includes('no space left on device'));
    await world.wait(async () => (await restarted()) || (await refused())).toBe(true);
    rmSync(filler);
    await world.ready('waits', 60_000);
    await world.stop();
    expect(count(tracesOf(directory, name))).toEqual(clean);
  }, 180_000);

  test('the clock jumps: nothing is evicted, restarted or lost', async () => {
    const real = realClock();
    let offset = 0;
    const directory = mkdtempSync(join(tmpdir(), 'coracle-jump-'));
    cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
    const cluster = await startCluster({ dataDir: directory, name: `jump${process.pid}`, ingress: false }, { clock: { ...real, now: () => real.now() + offset } });
    cleanups.push(() => cluster.stop());
    await cluster.images!.build({ context: tmpdir(), dockerfile: 'FROM debian\n', tags: [IMAGE], base: 'host' });
    const { run, ready, get, phase, wait } = podHelpers(cluster.client);
    await run('stays', sh('sleep 1000', { readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 } }));
    await ready('stays');
    const before = status(await get('stays'));
    for (const jump of [3_600_000, -7_200_000]) {
      offset += jump;
      await run(`made-after-${jump}`, sh('true'), { restartPolicy: 'Never' });
      await phase(`made-after-${jump}`, 'Succeeded');
      // Long enough for the node's lifecycle to be looked at.
      await real.sleep(6_000);
      const node = await cluster.client.get(Nodes, 'node-1');
      expect(node.status?.conditions?.find((condition) => condition.type === 'Ready')?.status).toBe('True');
      expect(node.spec?.taints ?? []).toEqual([]);
    }
    const after = status(await get('stays'));
    expect([after.containerID, after.restartCount, after.ready]).toEqual([before.containerID, 0, before.ready]);
    await wait(async () => isReady(await get('stays'))).toBe(true);
  }, 60_000);
});

/** Fills a file system but for some bytes. */
function fill(file: string, directory: string, leave = 0): void {
  const fd = openSync(file, 'w');
  try {
    const free = () => statfsSync(directory).bavail * statfsSync(directory).bsize;
    for (const size of [1 << 20, 1 << 12]) while (free() - leave >= size) writeSync(fd, Buffer.alloc(size));
  } finally {
    closeSync(fd);
  }
}
