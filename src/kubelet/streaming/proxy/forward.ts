/** Passes an HTTP request on and its answer back (apimachinery pkg/util/proxy/upgradeaware.go, transport.go). */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { serviceUnavailable } from '../../../api/errors.ts';
import { withLinks } from './links.ts';

export interface Forwarded {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The path under which the client reaches it: `/api/v1/namespaces/default/services/web/proxy`. */
  readonly prefix: string;
  /** Links of pages are made to lead through the proxy. */
  readonly linked: boolean;
}

export interface Answered {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Readable;
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings']);
/** The caller's credentials are the API server's business, not the pod's. */
const PRIVATE = /^(authorization|content-length|expect|impersonate-.*)$/;
const CORS = /^access-control-allow-/;

/** Rejects with ServiceUnavailable when it cannot be reached. */
export function forwardHttp(to: Forwarded): Promise<Answered> {
  const host = hostOf(to);
  const headers = requestHeaders(to);
  if (to.body.length > 0) headers['content-length'] = String(to.body.length);
  const options = { host: to.host, port: to.port, method: to.method, path: to.path, headers, agent: false as const };
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: IncomingMessage) => {
      const answered = passed(answer.headers, (name) => CORS.test(name));
      if (typeof answered['location'] === 'string') answered['location'] = rewriteLocation(answered['location'], to, host);
      const linked = to.linked && withLinks(answer, answered, (url) => rewriteLocation(url, to, host));
      if (linked) delete answered['content-length'];
      resolve({ status: answer.statusCode ?? 502, headers: answered, body: linked || answer });
    };
    // What a pod shows as its certificate is signed by nobody that we could know; upstream does not verify it either.
    const request = to.scheme === 'https' ? httpsRequest({ ...options, rejectUnauthorized: false }, onAnswer) : httpRequest(options, onAnswer);
    request.on('error', (error) => reject(serviceUnavailable(`error trying to reach service: ${reason(error, to)}`)));
    request.end(to.body);
  });
}

function hostOf({ headers }: Pick<Forwarded, 'headers'>): string {
  const host = headers['host'] ?? headers[':authority'];
  return typeof host === 'string' ? host : '';
}

/** What the target is sent of the client's headers. */
export function requestHeaders(to: Omit<Forwarded, 'linked'>): Record<string, string | string[]> {
  const host = hostOf(to);
  return { ...passed(to.headers, (name) => PRIVATE.test(name)), ...(host !== '' && { host }), 'x-forwarded-uri': `${to.prefix}${to.path.replace(/\?.*/s, '')}` };
}

function passed(headers: Readonly<Record<string, string | string[] | undefined>>, drop: (name: string) => boolean): Record<string, string | string[]> {
  const connection = headers['connection'];
  const named = new Set(typeof connection === 'string' ? connection.toLowerCase().split(',').map((name) => name.trim()) : []);
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || name.startsWith(':') || HOP_BY_HOP.has(name) || named.has(name) || drop(name) ? [] : [[name, value]]));
}

/** A redirect to the same host, with an absolute path, goes through the proxy again. */
export function rewriteLocation(location: string, to: Pick<Forwarded, 'host' | 'port' | 'prefix'>, requestHost: string): string {
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/is.exec(location);
  const host = absolute?.[1] ?? '';
  const path = absolute ? absolute[2] || '/' : location;
  if (host !== '' && host !== `${to.host}:${to.port}` && host !== to.host && host !== requestHost) return location;
  if (!path.startsWith('/') || path.startsWith('//') || path.startsWith(to.prefix)) return location;
  return `${to.prefix}${path}`;
}

/** In Go's words, which is what users know. */
export function reason(error: NodeJS.ErrnoException, { host, port }: Pick<Forwarded, 'host' | 'port'>): string {
  const words: Readonly<Record<string, string>> = { ECONNREFUSED: 'connection refused', EHOSTUNREACH: 'no route to host', ENETUNREACH: 'network is unreachable', ETIMEDOUT: 'i/o timeout' };
  if (error.code === 'EPROTO' && error.message.includes('wrong version number')) return 'http: server gave HTTP response to HTTPS client';
  const known = words[error.code ?? ''];
  return known ? `dial tcp ${host.includes(':') ? `[${host}]` : host}:${port}: connect: ${known}` : error.message;
}
