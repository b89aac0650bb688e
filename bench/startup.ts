/**
 * What an empty cluster costs: time to start in process and as a command, memory, idle processor time, time to stop. Run: npx tsx bench/startup.ts [runs]; as root pods are real.
 * Figures of kube-apiserver 1.20 with etcd, controllers and scheduler on a 2-core Debian VM: 5.5 s, 450 MiB; k3s: 421–475 MiB.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Nodes } from '../src/api/kinds/core/node.ts';
import { startCluster } from '../src/cluster/start.ts';
import { median, table, type Row } from './table.ts';

const runs = Number(process.argv[2] ?? 5);
const bin = join(import.meta.dirname, '../bin/coracle');
const rows: Row[] = [];

const inProcess: number[] = [];
const stops: number[] = [];
for (let i = 0; i <= runs; i++) {
  const began = performance.now();
  const cluster = await startCluster({ ingress: false });
  const up = performance.now();
  await cluster.stop();
  // The first run compiles.
  if (i > 0) {
    inProcess.push(up - began);
    stops.push(performance.now() - up);
  }
}
rows.push({ what: 'startCluster() in a process', bar: 100, measured: median(inProcess), unit: 'ms' }, { what: 'stop() of an empty cluster', measured: median(stops), unit: 'ms' });

spawnSync(process.execPath, [bin, '--version']);
const commands: number[] = [];
const downs: number[] = [];
for (let i = 0; i < runs; i++) {
  const directory = mkdtempSync(join(tmpdir(), 'coracle-bench-'));
  const place = ['--data-dir', directory, '--name', `bench${process.pid}`];
  const began = performance.now();
  const child = spawn(process.execPath, [bin, 'up', ...place, '--port', '0', '--http-port', '0', '--https-port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve) => child.stdout.on('data', (chunk: Buffer) => chunk.includes('is up in') && resolve()));
  commands.push(performance.now() - began);
  if (i === runs - 1) {
    // What is made after the start, and the collection of its garbage, may settle first.
    await new Promise((resolve) => setTimeout(resolve, 25_000));
    const before = ticks(child.pid!);
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    rows.push({ what: 'idle, of one core, over 20 s', bar: 0.5, measured: (ticks(child.pid!) - before) / 20, unit: '%', digits: 2 });
    rows.push({ what: 'memory of an empty cluster', bar: 110, measured: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024, unit: 'MiB' });
  }
  const down = performance.now();
  spawnSync(process.execPath, [bin, 'down', ...place]);
  downs.push(performance.now() - down);
  rmSync(directory, { recursive: true, force: true });
}
rows.splice(2, 0, { what: '`coracle up`: API answers, node Ready', bar: 500, measured: median(commands), unit: 'ms' }, { what: '`coracle down`', measured: median(downs), unit: 'ms' });

const simulated: number[] = [];
for (let i = 0; i < runs; i++) {
  const began = performance.now();
  const cluster = await startCluster({ runtime: 'simulated', nodes: 100 });
  simulated.push(performance.now() - began);
  if ((await cluster.client.list(Nodes)).items.length !== 100) throw new Error('nodes are missing');
  await cluster.stop();
}
rows.push({ what: 'startCluster() with 100 simulated nodes', measured: median(simulated), unit: 'ms' });
console.log(`medians of ${runs} runs, load of the machine ${loadavg()[0]!.toFixed(1)}\n${table(rows)}`);

/** Hundredths of a second of processor time so far; so a difference over n seconds, divided by n, is percent of a core. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
