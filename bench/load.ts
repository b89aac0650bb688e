/**
 * `coracle load` beside wrk on the same server, one after the other in turns: `npx tsx bench/load.ts [seconds]`. Needs Debian's `nginx` and `wrk`. Both have one thread; everything shares this machine's cores.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { realClock } from '../src/base/clock.ts';
import { summarize } from '../src/platform/load/report.ts';
import { runLoad } from '../src/platform/load/run.ts';
import { target } from '../src/platform/load/target.ts';

const run = promisify(execFile);
const seconds = Number(process.argv[2] ?? 5);
const PORT = 18_911;
const URL = `http://127.0.0.1:${PORT}/`;

const ROUNDS = 5;
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** One run of wrk: requests a second, and microseconds of processor time a request. */
async function wrk(connections: number): Promise<{ perSecond: number; p99: string; processor: number }> {
  const { stdout, stderr } = await run('bash', ['-c', `TIMEFORMAT='%U %S'; time wrk -t1 -c${connections} -d${seconds}s --latency ${URL}`]);
  const used = stderr.trim().split(' ').map(Number).reduce((a, b) => a + b, 0);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p99: /^\s+99%\s+(\S+)/m.exec(stdout)?.[1] ?? '',
    processor: (used * 1e6) / Number(/(\d+) requests in/.exec(stdout)?.[1]),
  };
}

const directory = mkdtempSync(join(tmpdir(), 'coracle-bench-'));
writeFileSync(join(directory, 'nginx.conf'), `daemon off;\nworker_processes 1;\npid ${directory}/nginx.pid;\nerror_log /dev/null;\nevents { worker_connections 4096; }\nhttp { access_log off; keepalive_requests 1000000000; server { listen 127.0.0.1:${PORT}; location / { return 200 "hello\\n"; } } }\n`);
const server = spawn('nginx', ['-c', join(directory, 'nginx.conf'), '-p', directory], { stdio: 'inherit' });
try {
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const connections of [10, 125]) {
    const ratios: number[] = [];
    const processor = { wrk: [] as number[], coracle: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      const theirs = await wrk(connections);
      const before = process.cpuUsage();
      const ours = summarize(await runLoad({ target: target(URL), clock: realClock(), connections, durationMs: seconds * 1000 }));
      const used = process.cpuUsage(before);
      ratios.push(ours.requestsPerSecond / theirs.perSecond);
      processor.wrk.push(theirs.processor);
      processor.coracle.push((used.user + used.system) / ours.requests);
      console.log(`${connections} connections, round ${round + 1}: wrk ${theirs.perSecond.toFixed(0)}/s (p99 ${theirs.p99}), coracle load ${ours.requestsPerSecond.toFixed(0)}/s (p99 ${ours.latency.p99.toFixed(2)}ms, ${ours.failed} failed); machine load ${loadavg()[0]!.toFixed(1)}`);
    }
    console.log(`${connections} connections: coracle load makes ${median(ratios).toFixed(2)} of wrk's requests (median of the rounds; bar 0.9), with ${median(processor.coracle).toFixed(1)} µs of processor time each, wrk ${median(processor.wrk).toFixed(1)} µs`);
  }
} finally {
  server.kill();
  rmSync(directory, { recursive: true, force: true });
}
