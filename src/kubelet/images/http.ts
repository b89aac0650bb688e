import { request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';

export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 10;
/** A connection on which nothing comes for this long is given up. */
const SILENCE_MS = 60_000;

/**
 * Asks a registry, and follows where it sends us (to a store of blobs, mostly). Not `fetch`, which refuses ports that browsers must not reach: a registry may well listen on 6000. Rejects with what
 * the connection failed of.
 */
export async function ask(url: string, options: HttpRequest): Promise<IncomingMessage> {
  let at = new URL(url);
  let headers = { ...options.headers };
  for (let hops = 0; ; hops++) {
    const response = await once(at, { ...options, headers });
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined || options.method === 'POST') return response;
    response.destroy();
    if (hops === MAX_REDIRECTS) throw new Error(`stopped after ${MAX_REDIRECTS} redirects`);
    const next = new URL(location, at);
    if (next.protocol !== 'http:' && next.protocol !== 'https:') throw new Error(`unsupported protocol scheme "${next.protocol.slice(0, -1)}"`);
    // Credentials are for the one they were given for.
    if (next.origin !== at.origin) headers = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
    at = next;
  }
}

/** The whole body; rejects beyond `limit` bytes. */
export async function bodyOf(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new Error(`answer of more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function once(url: URL, { method = 'GET', headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http)(url, { method, headers: { 'user-agent': 'coracle', ...headers }, signal, timeout: SILENCE_MS }, resolve);
    request.on('timeout', () => request.destroy(new Error(`no answer for ${SILENCE_MS / 1000} s`)));
    request.on('error', reject);
    request.end(body);
  });
}
