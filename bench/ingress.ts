/**
 * Requests a second and latency through the ingress, beside nginx as a proxy and the backend itself: `npx tsx bench/ingress.ts [seconds]`. Needs Debian's `nginx` and `wrk`. The backend is an nginx that answers
 * from memory; everything shares this machine's cores.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const seconds = Number(process.argv[2] ?? 5);
const CONNECTIONS = 32;
const BACKEND_PORT = 18_900;
const NGINX_PORT = 18_901;

interface Result {
  readonly perSecond: number;
  readonly p50: string;
  readonly p99: string;
  readonly errors: string;
}

async function wrk(port: number, host: string): Promise<Result> {
  const { stdout } = await run('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', '-H', `Host: ${host}`, `http://127.0.0.1:${port}/`]);
  const find = (pattern: RegExp) => pattern.exec(stdout)?.[1] ?? '';
  return { perSecond: Number(find(/Requests\/sec:\s+([\d.]+)/)), p50: find(/^\s+50%\s+(\S+)/m), p99: find(/^\s+99%\s+(\S+)/m), errors: /Non-2xx.*|Socket errors.*/.exec(stdout)?.[0] ?? '' };
}

function nginx(directory: string, name: string, http: string): ChildProcess {
  const path = join(directory, `${name}.conf`);
  writeFileSync(path, `daemon off;\nworker_processes 1;\npid ${directory}/${name}.pid;\nerror_log /dev/null;\nevents { worker_connections 4096; }\nhttp { access_log off; keepalive_requests 1000000000; server_names_hash_bucket_size 128; server_names_hash_max_size 8192;\n${http}\n}\n`);
  return spawn('nginx', ['-c', path, '-p', directory], { stdio: 'inherit' });
}

async function startIngress(routes: number, endpoints: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', new URL('./ingress-server.ts', import.meta.url).pathname, String(routes), '127.0.0.1', String(BACKEND_PORT), String(endpoints)], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) return { child, port: Number(line) };
  throw new Error('the ingress did not start');
}

const directory = mkdtempSync(join(tmpdir(), 'coracle-bench-'));
const children: ChildProcess[] = [];
try {
  children.push(nginx(directory, 'backend', `server { listen 127.0.0.1:${BACKEND_PORT}; location / { return 200 "hello from a pod\\n"; } }`));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const direct = await wrk(BACKEND_PORT, 'h0.localhost');
  console.log(`direct                                  ${row(direct)}`);
  for (const { routes, endpoints } of [{ routes: 1, endpoints: 1 }, { routes: 10, endpoints: 1 }, { routes: 1000, endpoints: 1 }, { routes: 1, endpoints: 1000 }]) {
    const host = `h${routes - 1}.localhost`;
    const servers = Array.from({ length: routes }, (_, i) => `server { listen 127.0.0.1:${NGINX_PORT}; server_name h${i}.localhost; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; } }`);
    const proxy = nginx(directory, `proxy${routes}-${endpoints}`, `upstream up { ${`server 127.0.0.1:${BACKEND_PORT}; `.repeat(endpoints)}keepalive 64; }\n${servers.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const theirs = await wrk(NGINX_PORT, host);
    proxy.kill();
    const { child, port } = await startIngress(routes, endpoints);
    await wrk(port, host);
    const ours = await wrk(port, host);
    child.kill();
    console.log(`nginx, ${String(routes).padStart(4)} routes, ${String(endpoints).padStart(4)} pods each     ${row(theirs)}`);
    console.log(`coracle, ${String(routes).padStart(4)} routes, ${String(endpoints).padStart(4)} pods each   ${row(ours)}   ${(ours.perSecond / theirs.perSecond).toFixed(2)} of nginx`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
} finally {
  for (const child of children) child.kill();
  rmSync(directory, { recursive: true, force: true });
}

function row(result: Result): string {
  return `${result.perSecond.toFixed(0).padStart(8)} req/s   p50 ${result.p50.padStart(8)}   p99 ${result.p99.padStart(8)}   ${result.errors}`;
}
