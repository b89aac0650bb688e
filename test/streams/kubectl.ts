import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { delimiter } from 'node:path';

export interface Kubectl {
  readonly version: string;
  readonly path: string;
}

export interface Result {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Those that CORACLE_KUBECTLS names (separated as in PATH), else the one on the PATH. */
export function installedKubectls(): Kubectl[] {
  const paths = process.env['CORACLE_KUBECTLS']?.split(delimiter) ?? ['kubectl'];
  return paths.flatMap((path) => {
    try {
      const { clientVersion } = JSON.parse(execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as { clientVersion: { gitVersion: string } };
      return [{ path, version: clientVersion.gitVersion }];
    } catch {
      return [];
    }
  });
}

/** Runs it to its end, with `stdin` as input. */
export async function run(kubectl: Kubectl, kubeconfig: string, args: readonly string[], stdin?: Buffer): Promise<Result> {
  const child = spawn(kubectl.path, args, { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ['pipe', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, stdout: Buffer.concat(stdout), stderr };
}

/** A port-forward to a port of its choice. */
export async function portForward(kubectl: Kubectl, kubeconfig: string, target: string, port: number): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = spawn(kubectl.path, ['port-forward', '--address', '127.0.0.1', target, `:${port}`], { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const closed = once(child, 'close');
  const local = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(said);
      if (found) resolve(Number(found[1]));
    });
    void closed.then(() => reject(new Error(`port-forward ended: ${said}`)));
  });
  return { port: local, stop: async () => { child.kill(); await closed; } };
}

/** Sends bytes to an echo and gives back what comes, until the other side ends. */
export async function echo(port: number, bytes: Buffer): Promise<Buffer> {
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.end(bytes);
  await once(socket, 'end');
  return Buffer.concat(chunks);
}
