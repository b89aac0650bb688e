import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { realClock } from '../../src/base/clock.ts';
import { httpClient, loadKubeconfig, type HttpClient } from '../../src/client/index.ts';

const bin = join(import.meta.dirname, '../../bin/coracle');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A cluster of the command line, on a directory of its own. */
export function commandCluster(name: string, port = 0) {
  const directory = mkdtempSync(join(tmpdir(), 'coracle-faults-'));
  const place = ['--data-dir', directory, '--name', name];
  const upArguments = ['up', ...place, '--port', String(port), '--http-port', '0', '--https-port', '0', '--node-capacity', 'cpu=64,memory=64Gi,pods=3000'];
  const run = async (...args: string[]): Promise<Ran> => {
    const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), new Promise<number | null>((resolve) => child.once('close', resolve))]);
    return { code, out, err };
  };
  const must = async (...args: string[]) => {
    const ran = await run(...args);
    if (ran.code !== 0) throw new Error(`coracle ${args.join(' ')}: exit ${ran.code}\n${ran.out}${ran.err}`);
    return ran.out;
  };
  const pid = () => (JSON.parse(readFileSync(join(directory, 'running.json'), 'utf8')) as { pid: number }).pid;
  return {
    directory,
    name,
    run,
    upArguments,
    up: () => must(...upArguments, '-d'),
    /** In the foreground; resolves once it says that it is up. */
    async foreground(): Promise<ChildProcess> {
      const child = spawn(process.execPath, [bin, ...upArguments], { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise<void>((resolve, reject) => {
        child.stdout.on('data', (chunk: Buffer) => chunk.includes('is up in') && resolve());
        child.once('close', () => reject(new Error('it ended')));
      });
      return child;
    },
    async buildImage(tag: string) {
      const context = mkdtempSync(join(tmpdir(), 'coracle-context-'));
      spawnSync('sh', ['-c', 'echo FROM debian > Dockerfile'], { cwd: context });
      await must('build', context, ...place, '-t', tag, '--base', 'host', '-q');
      rmSync(context, { recursive: true });
    },
    down: () => must('down', ...place),
    pid,
    /** kill -9; resolves when it is gone. */
    async kill() {
      const victim = pid();
      process.kill(victim, 'SIGKILL');
      for (;;) {
        try {
          process.kill(victim, 0);
          if (readFileSync(`/proc/${victim}/stat`, 'utf8').includes(') Z ')) return;
        } catch {
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    client: (): HttpClient => httpClient(loadKubeconfig(realClock(), { file: join(directory, 'kubeconfig') })),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
