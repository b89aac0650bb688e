import { request as httpsRequest, Agent, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { realClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { memoryStore } from '../store/index.ts';
import { createApiServer, type ApiServer, type ApiServerOptions } from './index.ts';
import { createPki, issueCertificate, type Pki } from './pki.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json(): Record<string, unknown>;
}

/** A server on a port of its own, with an admin's connection to it. */
export interface Served {
  readonly server: ApiServer;
  readonly url: string;
  readonly pki: Pki;
  /** Asks as the admin, unless `anonymous`, or a bearer token in `headers`. */
  ask(method: string, path: string, options?: { body?: string | Buffer; headers?: Record<string, string>; anonymous?: boolean }): Promise<Answer>;
  /** Reads a stream's lines until `until` has seen enough. */
  stream(path: string, until: (lines: readonly string[]) => boolean, options?: { ready?: () => void; headers?: Record<string, string> }): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Starts one. `defects`: what the server reported; a test that expects none looks at it. */
export async function serve(options: Partial<ApiServerOptions> = {}): Promise<Served & { readonly defects: unknown[] }> {
  const clock = realClock();
  const defects: unknown[] = [];
  const pki = await createPki({ clock, hosts: ['127.0.0.1'] });
  const server = await createApiServer({ store: memoryStore(), clock, random: seededRandom(1), pki, report: (error) => void defects.push(error), ...options });
  const { url, port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const admin = await issueCertificate(pki.ca, { commonName: 'admin', organizations: ['system:masters'], usage: 'client' }, clock);
  const known = new Agent({ keepAlive: true, maxSockets: 16, ca: pki.ca.cert, cert: admin.cert, key: admin.key });
  const unknown = new Agent({ keepAlive: true, maxSockets: 16, ca: pki.ca.cert });
  const optionsOf = (method: string, path: string, headers: Record<string, string>, anonymous: boolean): RequestOptions => ({ host: '127.0.0.1', port, method, path, headers, agent: anonymous ? unknown : known });

  return {
    server, url, pki, defects,
    ask: (method, path, { body, headers = {}, anonymous = false } = {}) =>
      new Promise((resolve, reject) => {
        const sent = httpsRequest(optionsOf(method, path, { ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)), 'content-type': 'application/json' }), ...headers }, anonymous), (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) as Record<string, unknown> });
          });
          response.on('error', reject);
        });
        sent.on('error', reject);
        sent.end(body);
      }),
    stream: (path, until, { ready, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const sent = httpsRequest({ ...optionsOf('GET', path, headers, false), agent: new Agent({ ca: pki.ca.cert, cert: admin.cert, key: admin.key }) }, (response) => {
          let rest = '';
          const lines: string[] = [];
          ready?.();
          response.on('data', (chunk: Buffer) => {
            const parts = (rest + chunk.toString()).split('\n');
            rest = parts.pop()!;
            lines.push(...parts.filter((line) => line !== ''));
            if (!until(lines)) return;
            sent.destroy();
            resolve(lines);
          });
          response.on('end', () => resolve(lines));
          response.on('error', () => resolve(lines));
        });
        sent.on('error', reject);
        sent.end();
      }),
    async close() {
      known.destroy();
      unknown.destroy();
      await server.close();
    },
  };
}
