import { createServer, type IncomingMessage, type Server } from 'node:http';

/** What a handler gets: the path's named parts, the query, the JSON body ({} when there is none), and the headers. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** `GET /articles/:slug` */
export type Routes = Readonly<Record<string, (call: Call) => Promise<Answer>>>;

/** An answer that is not the usual one, from anywhere inside a handler. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const BODY_LIMIT = 1 << 20;

/** An HTTP server for the routes, at `/` and under `/api`. Problems are answered as the API says: {"errors": {"body": ["..."]}}. */
export function serve(routes: Routes, log: (line: string) => void): Server {
  const find = compile(routes);
  return createServer((request, response) => {
    const started = process.hrtime.bigint();
    void answer(find, request, log).then(({ status, body }) => {
      log(`[info] ${request.method ?? ''} ${request.url ?? ''}: sent ${status} in ${(process.hrtime.bigint() - started) / 1_000_000n}ms`);
      const text = body === undefined ? '' : JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
      response.end(text);
    });
  });
}

async function answer(find: ReturnType<typeof compile>, request: IncomingMessage, log: (line: string) => void): Promise<Answer> {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const found = find(request.method ?? 'GET', url.pathname);
    if (!found) throw new Refusal(404, 'there is nothing here');
    return await found.handler({ params: found.params, query: url.searchParams, body: await readBody(request), headers: request.headers });
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: { errors: { body: [error.message] } } };
    log(`[error] ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    return { status: 500, body: { errors: { body: ['something went wrong here'] } } };
  }
}

/** The routes as one lookup. Fixed parts are preferred to named ones, so `/articles/feed` is no slug. */
function compile(routes: Routes) {
  const table = Object.entries(routes)
    .map(([route, handler]) => {
      const [method = '', path = ''] = route.split(' ');
      return { method, parts: path.split('/').slice(1), handler };
    })
    .sort((a, b) => named(a.parts) - named(b.parts));
  return (method: string, path: string) => {
    const parts = path.replace(/^\/api(?=\/)/, '').split('/').slice(1);
    for (const route of table) {
      if (route.method !== method || route.parts.length !== parts.length) continue;
      if (!route.parts.every((part, i) => part.startsWith(':') ? parts[i] !== '' : part === parts[i])) continue;
      const params = Object.fromEntries(route.parts.flatMap((part, i) => part.startsWith(':') ? [[part.slice(1), decode(parts[i] ?? '')]] : []));
      return { handler: route.handler, params };
    }
    return undefined;
  };
}

const named = (parts: readonly string[]) => parts.filter((part) => part.startsWith(':')).length;

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(404, 'there is nothing here');
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Refusal(413, 'the body is too large');
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  } catch {
    // Said below, as for any other body that is no object.
  }
  throw new Refusal(422, 'the body is not a JSON object');
}
