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

const directory = mkdtempSync(join(tmpdir(), 'coracle-bench-'));
writeFileSync(join(directory, 'nginx.conf'), `daemon off;\nworker_processes 1;\npid ${directory}/nginx.pid;\nerror_log /dev/null;\nevents { worker_connections 4096; }\nhttp { access_log off; keepalive_requests 1000000000; server { listen 127.0.0.1:${PORT}; location / { return 200 "hello\\n"; } } }\n`);
const server = spawn('nginx', ['-c', join(directory, 'nginx.conf'), '-p', directory], { stdio: 'inherit' });
try {
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const connections of [10, 125]) {
    const rates = { wrk: 0, coracle: 0 };
    for (let round = 0; round < 3; round++) {
      const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', URL]);
      const theirs = { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]), p99: /^\s+99%\s+(\S+)/m.exec(stdout)?.[1] ?? '' };
      const ours = summarize(await runLoad({ target: target(URL), clock: realClock(), connections, durationMs: seconds * 1000 }));
      rates.wrk = Math.max(rates.wrk, theirs.perSecond);
      rates.coracle = Math.max(rates.coracle, ours.requestsPerSecond);
      console.log(`${connections} connections, round ${round + 1}: wrk ${theirs.perSecond.toFixed(0)}/s (p99 ${theirs.p99}), coracle load ${ours.requestsPerSecond.toFixed(0)}/s (p99 ${ours.latency.p99.toFixed(2)}ms, ${ours.failed} failed); machine load ${loadavg()[0]!.toFixed(1)}`);
    }
    console.log(`${connections} connections: best of coracle load is ${(rates.coracle / rates.wrk).toFixed(2)} of wrk's best`);
  }
} finally {
  server.kill();
  rmSync(directory, { recursive: true, force: true });
}
