/** The network side of probes and hooks: Go's error texts included, since users read them in events. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container, HTTPGetAction, HTTPHeader } from '../../api/types/core.v1.ts';

const MAX_BODY = 10 * 1024;

/** A port by number or by the name of one of the container's ports (pkg/probe/util.go ResolveContainerPort). */
export function resolvePort(port: number | string, container: Container): number {
  const named = typeof port === 'string' ? container.ports?.find((p) => p.name === port)?.containerPort ?? Number(port) : port;
  if (Number.isInteger(named) && named > 0 && named < 65_536) return named;
  throw new Error(typeof port === 'string' && Number.isNaN(named) ? `couldn't find port: ${port} in container ${container.name}` : `invalid port number: ${port}`);
}

export function httpUrl(action: HTTPGetAction, container: Container, podIP: string): URL {
  const host = action.host || podIP;
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const path = action.path ?? '/';
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${resolvePort(action.port, container)}${path.startsWith('/') ? '' : '/'}${path}`);
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One GET on a fresh connection, without checking certificates (pkg/probe/http). Rejects with Go's text. */
export function httpGet(url: URL, headers: readonly HTTPHeader[], agent: string, signal: AbortSignal): Promise<HttpAnswer> {
  const sent: Record<string, string | string[]> = Object.create(null);
  const given = new Set(headers.map((h) => h.name.toLowerCase()));
  if (!given.has('user-agent')) sent['User-Agent'] = agent;
  if (!given.has('accept')) sent['Accept'] = '*/*';
  for (const { name, value } of headers) {
    // An empty User-Agent or Accept asks to send none (pkg/probe/http/request.go).
    if (value === '' && /^(user-agent|accept)$/i.test(name)) continue;
    const before = sent[name];
    sent[name] = before === undefined ? value : [...[before].flat(), value];
  }
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const req = send(url, { headers: sent, agent: false, signal, ...(url.protocol === 'https:' && { rejectUnauthorized: false }) }, (res) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString('utf8') });
      res.on('data', (chunk: Buffer) => {
        chunks.push(chunk.subarray(0, Math.max(0, MAX_BODY - size)));
        size += chunk.length;
        if (size >= MAX_BODY) {
          done();
          res.destroy();
        }
      });
      res.on('end', done);
      res.on('error', (error) => reject(new Error(goText(url, error, signal))));
    });
    req.on('error', (error) => reject(new Error(goText(url, error, signal))));
    req.end();
  });
}

function goText(url: URL, error: NodeJS.ErrnoException, signal: AbortSignal): string {
  if (signal.aborted) return `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
  return `Get "${url}": ${dialText(url.hostname, Number(url.port || (url.protocol === 'https:' ? 443 : 80)), error)}`;
}

/** Connects and hangs up. Rejects with Go's text. */
export function tcpConnect(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const onAbort = () => {
      socket.destroy();
      reject(new Error(`dial tcp ${host}:${port}: i/o timeout`));
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve();
    });
    socket.once('error', (error) => {
      signal.removeEventListener('abort', onAbort);
      reject(new Error(dialText(host, port, error)));
    });
  });
}

function dialText(host: string, port: number, error: NodeJS.ErrnoException): string {
  const address = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
  switch (error.code) {
    case 'ECONNREFUSED': return `dial tcp ${address}: connect: connection refused`;
    case 'EHOSTUNREACH': return `dial tcp ${address}: connect: no route to host`;
    case 'ENETUNREACH': return `dial tcp ${address}: connect: network is unreachable`;
    case 'ENOTFOUND': return `dial tcp: lookup ${host}: no such host`;
    case 'ECONNRESET': return `read tcp ${address}: read: connection reset by peer`;
    default: return error.message === 'socket hang up' ? 'EOF' : error.message;
  }
}
