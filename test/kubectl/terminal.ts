import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kubectl } from './versions.ts';

/** Where commands of one transcript run: a directory of its own, a namespace of its own, one kubectl. */
export interface Terminal {
  run(command: string): Promise<{ readonly printed: string; readonly exitCode: number }>;
  /** Deletes the namespace and what is in it. */
  close(): Promise<unknown>;
}

/** Terminals for one kubectl and one cluster; they share kubectl's cache of discovery. Call `close` at the end. */
export function terminals(kubectl: Kubectl, kubeconfig: string) {
  const home = mkdtempSync(join(tmpdir(), 'coracle-kubectl-'));
  mkdirSync(join(home, 'bin'));
  symlinkSync(kubectl.path, join(home, 'bin', 'kubectl'));
  return {
    async open(namespace: string): Promise<Terminal> {
      const directory = join(home, namespace);
      mkdirSync(directory);
      writeFileSync(join(directory, 'kubeconfig'), kubeconfig);
      const env = { PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`, HOME: home, KUBECONFIG: join(directory, 'kubeconfig'), LANG: 'C' };
      const run: Terminal['run'] = (command) => shell(command, directory, env);
      const made = await run(`kubectl create namespace ${namespace} && kubectl config set-context --current --namespace=${namespace} && until kubectl get sa default; do sleep 0.05; done`);
      if (made.exitCode !== 0) throw new Error(made.printed);
      return { run, close: () => run(`kubectl delete namespace ${namespace}`) };
    },
    close() {
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function shell(command: string, cwd: string, env: NodeJS.ProcessEnv): ReturnType<Terminal['run']> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', `exec 2>&1\n${command}`], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], timeout: 30_000 });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code === null ? { printed: `${printed}\n(ended by ${signal} after 30 s)`, exitCode: -1 } : { printed, exitCode: code }));
  });
}
