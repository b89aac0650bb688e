/**
 * What a pod costs in the processes runtime: sandbox and container to the first line of output, exec, delete, a crowd. `tsx bench/pods-runtime.ts [pods]`; needs root.
 * Peers measured on this class of machine: kubelet + containerd 1.0 s a pod; `runc run` alone 27-30 ms and 110 ms to delete.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { containerConfig, sandboxConfig, testRuntime } from '../src/kubelet/runtime/processes/testing.ts';

const pods = Number(process.argv[2] ?? 100);
const test = await testRuntime('bench');
const { runtime, directory } = test;
const times: Record<string, number[]> = {};
const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await work();
  (times[name] ??= []).push(performance.now() - start);
  return result;
};
const create = async (timing: boolean) => {
  const measure = timing ? timed : <T>(_name: string, work: () => Promise<T>) => work();
  return measure('pod to first output', async () => {
    const sandbox = await measure('  sandbox', () => runtime.createSandbox(sandboxConfig(directory)));
    const config = containerConfig(directory, ['sh', '-c', 'echo up; exec sleep 1000']);
    const container = await runtime.createContainer(sandbox.id, config);
    await measure('  container', () => runtime.startContainer(container));
    while (!readText(config.logPath).includes('up')) await new Promise((resolve) => setImmediate(resolve));
    return { sandbox: sandbox.id, container };
  });
};
const readText = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
const remove = async ({ sandbox }: { sandbox: string }) => {
  await runtime.stopSandbox(sandbox);
  await runtime.removeSandbox(sandbox);
};

try {
  for (let i = 0; i < 5; i++) await remove(await create(false));
  for (let i = 0; i < 40; i++) {
    const pod = await create(true);
    await timed('exec true', async () => {
      const session = await runtime.exec(pod.container, ['true'], { tty: false, stdin: false });
      session.stdout.resume();
      session.stderr?.resume();
      await session.exit;
    });
    await timed('stats', () => runtime.stats(pod.container));
    await timed('delete', () => remove(pod));
  }
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  const crowd: { sandbox: string; container: string }[] = [];
  let left = pods;
  await Promise.all(Array.from({ length: 8 }, async () => { while (left-- > 0) crowd.push(await create(false)); }));
  const made = performance.now() - start;
  delay.disable();
  const memory = helperMemory();
  const gone = performance.now();
  await Promise.all(crowd.map(remove));
  for (const [name, values] of Object.entries(times)) {
    const sorted = values.sort((a, b) => a - b);
    console.log(`${name.padEnd(24)} p50 ${at(sorted, 0.5)} ms   p95 ${at(sorted, 0.95)} ms   min ${at(sorted, 0)} ms`);
  }
  console.log(`${pods} pods, 8 at a time  ${made.toFixed(0)} ms (${(made / pods).toFixed(1)} each); event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`);
  console.log(`delete all of them      ${(performance.now() - gone).toFixed(0)} ms`);
  console.log(`helpers' memory a pod    ${(memory / pods / 1024).toFixed(2)} MiB (proportional set size of pause and shim)`);
} finally {
  await test.end();
}

function at(sorted: number[], quantile: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? 0).toFixed(1).padStart(6);
}

/** Of every process named by us: KiB. */
function helperMemory(): number {
  let sum = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!/^coracle: (pause|shim)/.test(readText(`/proc/${pid}/cmdline`))) continue;
    sum += Number(/^Pss:\s+(\d+)/m.exec(readText(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  }
  return sum;
}
