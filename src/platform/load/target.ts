import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../base/clock.ts';

/** What is asked, and of whom. */
export interface Target {
  readonly url: URL;
  /** The whole request, as bytes. */
  readonly request: Buffer;
  /** Whether answers have no body whatever their head says: those to HEAD. */
  readonly bodiless: boolean;
  /** Opens a connection; it may still fail. What arrives is read into `onread`'s buffer, where one is given. */
  open(onread?: OnReadOpts): Socket;
}

export interface TargetOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly keepAlive?: boolean;
  /** Do not verify the server's certificate. */
  readonly insecure?: boolean;
}

/** Throws an Error that says what is wrong with the URL. */
export function target(text: string, options: TargetOptions = {}): Target {
  const url = parse(text);
  const credentials = credentialsOf(url);
  const { method = 'GET', headers = {}, body, keepAlive = true } = options;
  const secure = url.protocol === 'https:';
  const port = Number(url.port || (secure ? 443 : 80));
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`];
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const add = (name: string, value: string) => {
    if (!given.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  };
  add('Host', url.host);
  add('User-Agent', 'coracle-load');
  add('Accept', '*/*');
  if (credentials !== undefined) add('Authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  if (!keepAlive) add('Connection', 'close');
  if (body !== undefined) add('Content-Length', String(Buffer.byteLength(body)));
  for (const [name, value] of Object.entries(headers)) {
    if (/[\r\n]/.test(name + value)) throw new Error(`header ${JSON.stringify(name)}: line breaks are not allowed`);
    lines.push(`${name}: ${value}`);
  }
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  // *.localhost is this machine (RFC 6761), also where the resolver does not know it.
  const host = /(^|\.)localhost$/.test(url.hostname) ? '127.0.0.1' : bare;
  // A server is not named by its address (RFC 6066 3).
  const servername = isIP(bare) === 0 ? bare : '';
  return {
    url,
    request: Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`),
    bodiless: method.toUpperCase() === 'HEAD',
    open: (onread) => {
      const to = { host, port, ...(onread && { onread }) };
      const socket = secure ? connectTls({ ...to, servername, rejectUnauthorized: options.insecure !== true }) : connectTcp(to);
      socket.setNoDelay(true);
      return socket;
    },
  };
}

/** `name:password` of the URL, taken out of it: it is shown. */
function credentialsOf(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return credentials;
}

/** Connects once. Rejects with a sentence that says why nobody can be reached, and what to do. */
export async function reach({ url, open }: Target, clock: Clock, timeoutMs: number): Promise<void> {
  const socket = open();
  const late = clock.after(timeoutMs, () => socket.destroy(new Error(`no connection to ${url.host} within ${timeoutMs / 1000} s`)));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', resolve);
      socket.once('error', (error: NodeJS.ErrnoException) => reject(new Error(unreachable(url, error), { cause: error })));
      socket.once('close', () => reject(new Error(`${url.host} closed the connection`)));
    });
  } finally {
    late.cancel();
    socket.destroy();
  }
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;

function unreachable(url: URL, error: NodeJS.ErrnoException): string {
  const code = error.code ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${url.hostname} has no address (${code})`;
  if (code === 'ECONNREFUSED') return `nothing listens at ${url.host} (ECONNREFUSED)`;
  if (CERTIFICATE.test(code)) return `the certificate of ${url.host} does not hold: ${error.message} (${code}); -k takes it all the same`;
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') return `${url.host} does not speak TLS; try http://`;
  return error.message || `${url.host}: ${code}`;
}

function parse(text: string): URL {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  let url: URL;
  try {
    url = new URL(withScheme);
  } catch {
    throw new Error(`${text} is no URL; write it as http://HOST:PORT/PATH`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`${text}: only http and https can be loaded`);
  return url;
}
