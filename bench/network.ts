/**
 * What a Service costs: requests/s and latency through its address against the pod's own. The server is a pod, the load comes from a process of its own. Run as root:
 * npx tsx bench/network.ts [seconds]
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EndpointSlices } from '../src/api/kinds/discovery/endpoint-slice.ts';
import { Pods } from '../src/api/kinds/core/pod.ts';
import { Services } from '../src/api/kinds/core/service.ts';
import type { Pod } from '../src/api/types/core.v1.ts';
import { realClock } from '../src/base/clock.ts';
import { startCluster } from '../src/cluster/start.ts';
import { summarize, type LoadSummary } from '../src/platform/load/report.ts';
import { runLoad } from '../src/platform/load/run.ts';
import { target } from '../src/platform/load/target.ts';

interface Job {
  readonly url: string;
  readonly connections: number;
  readonly durationMs: number;
}

if (process.send) process.on('message', (job: Job) => void load(job));
else if (process.getuid?.() !== 0) console.log('pods with addresses of their own need root');
else await measure(Number(process.argv[2] ?? 5) * 1_000);

async function load({ url, connections, durationMs }: Job): Promise<void> {
  process.send?.(summarize(await runLoad({ target: target(url), clock: realClock(), connections, durationMs })));
}

async function measure(durationMs: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'coracle-bench-'));
  const cluster = await startCluster({ dataDir: directory, ingress: false });
  const worker = fork(fileURLToPath(import.meta.url), [], { execArgv: process.execArgv });
  try {
    const { client } = cluster;
    await cluster.images!.build({ context: directory, dockerfile: 'FROM debian\n', tags: ['machine:1'], base: 'host' });
    const service = await client.create(Services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } });
    await client.create(Pods, {
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
      spec: { terminationGracePeriodSeconds: 0, containers: [{
        name: 'app', image: 'machine:1', command: [process.execPath, '-e', 'require("http").createServer((q,s)=>s.end("hello")).listen(8080)'],
        readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
      }] },
    } as Pod);
    const published = async () => (await client.list(EndpointSlices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' })).items.some((slice) => slice.endpoints.some((endpoint) => endpoint.conditions?.ready));
    while (!(await published())) await new Promise((resolve) => setTimeout(resolve, 10));
    const ip = (await client.get(Pods, 'web', { namespace: 'default' })).status?.podIP;
    console.log('connections      direct: requests/s  p50 ms  p99 ms     Service: requests/s  p50 ms  p99 ms   share');
    for (const connections of [1, 16, 64]) {
      const ask = (url: string) => new Promise<LoadSummary>((resolve) => {
        worker.once('message', (summary: LoadSummary) => resolve(summary));
        worker.send({ url, connections, durationMs });
      });
      const direct = await ask(`http://${ip}:8080/`);
      const through = await ask(`http://${service.spec?.clusterIP}/`);
      const figures = ({ requestsPerSecond, latency, failed }: LoadSummary) => `${requestsPerSecond.toFixed(0).padStart(10)}  ${latency.p50.toFixed(2).padStart(6)}  ${latency.p99.toFixed(2).padStart(6)}${failed > 0 ? ` (${failed} failed)` : ''}`;
      console.log(`${String(connections).padStart(11)}              ${figures(direct)}              ${figures(through)}   ${((100 * through.requestsPerSecond) / direct.requestsPerSecond).toFixed(0)} %`);
    }
    console.log(`${durationMs / 1_000} s each, load of the machine ${loadavg()[0]!.toFixed(1)}`);
  } finally {
    worker.kill();
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
