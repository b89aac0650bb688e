import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { Ingresses } from '../api/kinds/networking/ingress.ts';
import type { Network } from './index.ts';
import { testClient } from './testing/api.ts';
import { createService, podOf, setPods, type TestPod } from './testing/cluster.ts';
import { clock, get, startNetwork } from './testing/network.ts';
import { httpPod, until, type HttpPod } from './testing/pods.ts';

const client = testClient();
const random = seededRandom(7);
let network: Network;
let made = 0;

beforeAll(async () => {
  network = await startNetwork(client, { ingress: { httpPort: 0, httpsPort: 0, hosts: ['127.0.0.1'] } });
  await createService(client, 'app', { clusterIP: '127.96.4.1', type: 'NodePort', ports: [{ port: 8000, nodePort: 38_400 }] });
  await client.create(Ingresses, {
    apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'app', namespace: 'default' },
    spec: { rules: [{ host: 'app.localhost', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'app', port: { number: 8000 } } } }] } }] },
  });
});
afterAll(() => network.stop());

/** A pod whose process takes `startMs` to listen, answers in 0–8 ms, and dies at once when it is told to. */
interface Running {
  readonly shown: TestPod;
  readonly process: Promise<HttpPod>;
}

function launch(startMs: number): Running {
  const index = ++made;
  const shown = { name: `app-${index}`, ip: `127.97.40.${index}` };
  const process = clock.sleep(startMs).then(() =>
    httpPod(shown.name, shown.ip, 8080, (request, response) => {
      request.resume();
      request.on('end', () => clock.after(random.int(8), () => response.end(shown.name)));
    }),
  );
  return { shown, process };
}

/** What the kubelet does with a pod that is deleted: it is marked, drained, and its process killed without ado. */
async function retire(running: Running, show: () => Promise<void>): Promise<void> {
  await show();
  await network.drain.unpublish(podOf(running.shown.name), clock.now() + 10_000);
  await (await running.process).kill();
}

test('scaling, rolling over and deleting pods under load fails no request, by VIP, node port and ingress, kept alive or not', async () => {
  let pods: Running[] = [launch(0), launch(0)];
  const leaving = new Set<Running>();
  const show = () => setPods(client, 'app', 8080, [...pods.map((p) => p.shown), ...[...leaving].map((p) => ({ ...p.shown, terminating: true, serving: true }))]);
  await show();
  const doors = [
    { host: '127.96.4.1', port: 8000 },
    { host: '127.0.0.1', port: 38_400 },
    { host: '127.0.0.1', port: network.ingressPorts!.http },
  ];
  const headers = { host: 'app.localhost' };
  for (const door of doors) await until(() => get(door.host, door.port, { headers }).then((a) => a.status === 200, () => false));

  const stop = new AbortController();
  let sent = 0;
  const failures: string[] = [];
  const load = async (door: { host: string; port: number }, keepAlive: boolean, method: string) => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (!stop.signal.aborted) {
      sent++;
      const answer = await get(door.host, door.port, { agent, method, headers, ...(method === 'POST' && { body: 'some body' }) }).catch((error: Error) => ({ status: 0, body: error.message }));
      if (answer.status !== 200) failures.push(`${method} ${door.port} keepAlive=${keepAlive}: ${answer.status} ${answer.body}`);
    }
    agent.destroy();
  };
  const clients = doors.flatMap((door) => [load(door, true, 'GET'), load(door, true, 'POST'), load(door, false, 'GET'), load(door, false, 'POST')]);

  const away: Promise<void>[] = [];
  const remove = (running: Running) => {
    pods = pods.filter((p) => p !== running);
    leaving.add(running);
    away.push(retire(running, show).then(() => (leaving.delete(running), show())));
  };
  for (let step = 0; step < 12; step++) {
    const kind = random.int(3);
    if (kind === 0) pods.push(launch(random.int(200)));
    else if (kind === 1 && pods.length > 1) remove(pods[random.int(pods.length)]!);
    else {
      // Replaced before the new one listens, as a Deployment without readiness probes does.
      const old = pods[random.int(pods.length)]!;
      pods.push(launch(100 + random.int(200)));
      remove(old);
    }
    await show();
    await clock.sleep(random.int(150));
  }
  // All of them at once.
  const all = pods;
  pods = [launch(300)];
  await show();
  for (const old of all) remove(old);
  await Promise.all(away);
  await clock.sleep(100);
  stop.abort();
  await Promise.all(clients);
  for (const pod of pods) await (await pod.process).kill();
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(100);
});
