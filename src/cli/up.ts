import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import pc from './colors.ts';
import { realClock } from '../base/clock.ts';
import { parseQuantity } from '../base/quantity.ts';
import { systemRandom } from '../base/random.ts';
import { openAccessLog } from './access-log.ts';
import { follow } from './follow.ts';
import { live } from './live/watch.ts';
import { place, startTimeOf, type Place, type PlaceOptions, type Running } from './place.ts';
import { explainStart, makeDirectory } from './start-errors.ts';

export interface UpOptions extends PlaceOptions {
  readonly detach?: boolean;
  readonly port: number;
  readonly nodes: number;
  readonly nodeCapacity?: string;
  readonly cadence: 'standard' | 'fast';
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly accessLog?: string;
}

/** `coracle up`. */
export async function up(options: UpOptions): Promise<void> {
  const where = place(options);
  const running = where.running();
  if (running) {
    // A second `up` is not an error: what was asked for is there.
    process.stdout.write(`Cluster "${where.name}" already runs (pid ${running.pid}, ${running.url}).\n${surroundings(running)}${usage(where)}`);
    return;
  }
  parseCapacity(options.nodeCapacity);
  makeDirectory(where.directory);
  await (options.detach ? detach(where) : foreground(where, options));
}

async function foreground(where: Place, options: UpOptions): Promise<void> {
  const root = process.getuid?.() === 0;
  const clock = realClock();
  const began = clock.monotonic();
  const httpPort = options.httpPort ?? (root ? 80 : 8080);
  const httpsPort = options.httpsPort ?? (root ? 443 : 8443);
  const accessLog = options.accessLog === undefined ? undefined : openAccessLog(options.accessLog, clock);
  // Loaded here, so that `up -d` does not read the whole cluster only to start it elsewhere.
  const { startCluster } = await import('../cluster/start.ts');
  const cluster = await startCluster({
    dataDir: where.directory,
    name: where.name,
    port: options.port,
    nodes: options.nodes,
    nodeCapacity: parseCapacity(options.nodeCapacity),
    cadence: options.cadence,
    ingress: { httpPort, httpsPort },
  }).catch((error: unknown) => {
    throw explainStart(error, { directory: where.directory, port: options.port, httpPort, httpsPort });
  });
  writeKubeconfig(where.kubeconfig, cluster.kubeconfig);
  where.claim({ pid: process.pid, startTime: startTimeOf(process.pid) ?? '', url: cluster.url, startedAt: new Date(clock.now()).toISOString(), ingress: cluster.ingress, limitations: cluster.limitations });

  if (accessLog) cluster.onAccess(accessLog.write);
  const out = process.stdout;
  const lively = out.isTTY === true && process.env['TERM'] !== 'dumb';
  const told = (text: string) => void (lively || out.write(text));
  told(`${pc.green('●')} Cluster ${pc.bold(where.name)} is up in ${Math.round(clock.monotonic() - began)} ms at ${pc.cyan(cluster.url)}\n`);
  told(surroundings(cluster));
  told(`${usage(where)}\n`);
  const facts = { name: where.name, url: cluster.url, ingress: cluster.ingress && `${cluster.ingress.http} and ${cluster.ingress.https}`, kubeconfig: where.kubeconfig, limitations: cluster.limitations };
  const stopFollowing = lively ? await live({ client: cluster.client, clock, random: systemRandom(), out, facts }) : follow(cluster.client, out, clock);

  await new Promise<void>((resolve) => {
    const end = (signal: NodeJS.Signals) => {
      stopFollowing();
      out.write(`\n${signal === 'SIGINT' ? 'Ctrl-C' : signal}: stopping pods and removing what was made on this machine …\n`);
      // A second signal does not wait any more; the next `up` or `down` clears what is left.
      for (const again of ['SIGINT', 'SIGTERM'] as const) process.once(again, () => process.exit(130));
      resolve();
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
  await cluster.stop();
  await accessLog?.close();
  where.release();
  out.write('Down. The objects are kept; `coracle down --delete` removes them.\n');
  process.exit(0);
}

/** Leaves a kubeconfig that still leads here as it is: its owner may have set a namespace or added contexts. */
function writeKubeconfig(file: string, text: string): void {
  const identity = text.split('\n').filter((line) => /^ {4}(server|certificate-authority-data|client-key-data):/.test(line));
  const known = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!identity.every((line) => known.includes(line.trim()))) writeFileSync(file, text, { mode: 0o600 });
}

/** Starts the same command in the background and waits until it answers. */
async function detach(where: Place): Promise<void> {
  const log = openSync(where.log, 'a', 0o600);
  const from = readFileSync(where.log, 'utf8').length;
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach' && arg !== '-d');
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let exited: number | null | undefined;
  child.once('exit', (code) => { exited = code; });
  const clock = realClock();
  const deadline = clock.monotonic() + 60_000;
  while (!where.running()) {
    if (exited !== undefined) throw new Error(`the cluster did not start: ${readFileSync(where.log, 'utf8').slice(from).trim().replace(/^error: /, '')}`);
    if (clock.monotonic() > deadline) throw new Error(`the cluster did not answer within a minute; its log is ${where.log}`);
    await clock.sleep(20);
  }
  child.unref();
  const running = where.running();
  process.stdout.write(`Cluster "${where.name}" is up at ${running?.url ?? ''} (pid ${child.pid ?? ''}, log ${where.log}).\n${surroundings(running)}${usage(where)}`);
}

/** Where requests come in, and what is missing on this machine. */
function surroundings({ ingress, limitations = [] }: Pick<Running, 'ingress' | 'limitations'> = {}): string {
  const entrance = ingress ? `  Ingress at ${pc.cyan(ingress.http)} and ${pc.cyan(ingress.https)}; every *.localhost name reaches it\n` : '';
  return entrance + limitations.map((sentence) => `${pc.yellow('!')} ${sentence}\n`).join('');
}

function usage(where: Place): string {
  return `\n  export KUBECONFIG=${where.kubeconfig}\n${hasKubectl() ? '  kubectl get pods -A\n' : ''}`;
}

const hasKubectl = (): boolean => (process.env['PATH'] ?? '').split(delimiter).some((directory) => existsSync(join(directory, 'kubectl')));

/** `cpu=8,memory=16Gi` */
function parseCapacity(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const entries = text.split(',').map((part) => {
    const [name, quantity, ...rest] = part.split('=');
    if (!name || !quantity || rest.length > 0 || !isQuantity(quantity)) throw new Error(`--node-capacity ${text}: write it as cpu=8,memory=16Gi`);
    return [name, quantity] as const;
  });
  return Object.fromEntries(entries);
}

function isQuantity(text: string): boolean {
  try {
    return parseQuantity(text).nanos >= 0n;
  } catch {
    return false;
  }
}
