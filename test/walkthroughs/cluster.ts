import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const CORACLE = join(ROOT, 'bin/coracle');

/** A cluster of its own behind `bin/coracle`, and a terminal in a directory with the walk-through's files. */
export interface Walk {
  /** Runs a line in bash, with kubectl, coracle, $INGRESS, $EXAMPLES, $SHARE and $DATA_DIR at hand. */
  run(command: string): Promise<{ readonly printed: string; readonly exitCode: number }>;
  end(): void;
}

/** Why a walk-through cannot be had on this machine, or undefined. */
export function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'pods of walk-throughs need root';
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'kubectl is not on the PATH';
  }
}

/**
 * Starts a cluster with the fast cadence and builds the images. The files are our own, `manifests/NUMBER`;
 * CORACLE_WALKTHROUGH_INPUTS=DIR takes those in DIR/NUMBER or DIR/NUMBER-* instead.
 */
export async function beginWalk(files: string, images: readonly { readonly context: string; readonly tag: string; readonly args?: readonly string[] }[], upOptions: readonly string[] = []): Promise<Walk> {
  const home = mkdtempSync(join(tmpdir(), 'coracle-walk-'));
  const [directory, data, bin] = ['files', 'data', 'bin'].map((name) => join(home, name)) as [string, string, string];
  cpSync(files, directory, { recursive: true });
  mkdirSync(bin);
  writeFileSync(join(bin, 'coracle'), `#!/bin/sh\nexec '${process.execPath}' '${CORACLE}' "$@"\n`, { mode: 0o755 });
  const [port, http, https] = [await freePort(), await freePort(), await freePort()];
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: home, KUBECONFIG: join(data, 'kubeconfig'), LANG: 'C', NO_COLOR: '1', INGRESS: `127.0.0.1:${http}`, DATA_DIR: data, EXAMPLES: join(ROOT, 'examples'), SHARE: join(import.meta.dirname, 'share.mjs') };
  const coracle = (...args: string[]) => execFileSync(CORACLE, [...args, '--data-dir', data], { cwd: ROOT, stdio: 'pipe' });
  const end = () => {
    coracle('down', '--delete');
    rmSync(home, { recursive: true, force: true });
  };
  try {
    coracle('up', '-d', '--port', String(port), '--http-port', String(http), '--https-port', String(https), '--cadence', 'fast', '--node-capacity', 'cpu=8,memory=16Gi', ...upOptions);
    for (const { context, tag, args = [] } of images) coracle('build', context, '--base', 'host', '-q', '-t', tag, ...args.flatMap((arg) => ['--build-arg', arg]));
  } catch (error) {
    end();
    throw error;
  }
  return { end, run: (command) => shell(command, directory, env) };
}

/** Where a walk-through's files are: ours, or those that CORACLE_WALKTHROUGH_INPUTS names. */
export function filesOf(number: string, folder: string): string {
  const inputs = process.env['CORACLE_WALKTHROUGH_INPUTS'];
  if (inputs === undefined) return join(import.meta.dirname, 'manifests', number);
  const found = [join(inputs, folder), join(inputs, number)].find((path) => existsSync(path));
  if (found === undefined) throw new Error(`CORACLE_WALKTHROUGH_INPUTS=${inputs} has neither ${folder} nor ${number}`);
  return found;
}

function shell(command: string, cwd: string, env: NodeJS.ProcessEnv): ReturnType<Walk['run']> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', `exec 2>&1\n${command}`], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code === null ? { printed: `${printed}\n(ended by ${signal} after 60 s)`, exitCode: -1 } : { printed, exitCode: code }));
  });
}

/** A port of loopback that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
