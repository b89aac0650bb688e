import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { applyPatch, type Operation } from 'rfc6902';
import { alreadyExists, badRequest, expired, modified, notFound, StatusError } from '../api/errors.ts';
import { apiVersionOf, groupResource, type KubeObject, type ObjectList, type ResourceType, type WatchEvent } from '../api/object.ts';
import { Compacted, type Store, WriteConflict } from '../store/store.ts';
import type { Client, ListOptions, Patch, RawResponse, WatchHandler, WatchOptions } from './client.ts';

/** A Client straight on a store, without admission, defaults or selectors: what the tests of this room stand on until they run against the apiserver. */
export function tinyApi(store: Store): Client {
  const prefixOf = (type: ResourceType<KubeObject>, namespace?: string) => (namespace === undefined ? `${groupResource(type)}/` : `${groupResource(type)}/${namespace}/`);
  const keyOf = (type: ResourceType<KubeObject>, namespace: string | undefined, name: string) => `${prefixOf(type)}${type.namespaced ? (namespace ?? '') : ''}/${name}`;
  const read = <T extends KubeObject>(type: ResourceType<T>, namespace: string | undefined, name: string): T => {
    const entry = store.get(keyOf(type, namespace, name));
    if (!entry) throw notFound(type, name);
    return entry.object as T;
  };
  const refusal = (type: ResourceType<KubeObject>, name: string) => (error: unknown): never => {
    if (!(error instanceof WriteConflict)) throw error;
    throw error.why === 'exists' ? alreadyExists(type, name) : error.why === 'missing' ? notFound(type, name) : modified(type, name);
  };
  const write = async <T extends KubeObject>(type: ResourceType<T>, object: T, namespace: string | undefined): Promise<T> => {
    const name = object.metadata.name ?? '';
    const version = object.metadata.resourceVersion;
    const written = { ...object, metadata: { ...object.metadata, namespace } };
    return (await store.update(keyOf(type, namespace, name), written, version ? Number(version) : undefined).catch(refusal(type, name))).object as T;
  };
  const api: Client = {
    get: async (type, name, options = {}) => read(type, options.namespace, name),
    async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
      const [at, after] = options.continue ? options.continue.split(' ') : [];
      try {
        const page = store.list(prefixOf(type, options.namespace), { limit: options.limit, ...(after && { after, revision: Number(at) }) });
        const last = page.entries.at(-1);
        const more = page.remaining > 0 && last && { continue: `${page.revision} ${last.key}`, remainingItemCount: page.remaining };
        return { apiVersion: apiVersionOf(type), kind: `${type.kind}List`, metadata: { resourceVersion: String(page.revision), ...more }, items: page.entries.map((entry) => entry.object as T) };
      } catch (error) {
        throw error instanceof Compacted ? expired('The provided continue parameter is too old') : error;
      }
    },
    watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions, handler: WatchHandler<T>) {
      let stopped = false;
      let stop = () => {};
      try {
        stop = store.watch(prefixOf(type, options.namespace), Number(options.resourceVersion ?? store.revision), (event) => {
          if (!stopped) handler.event({ type: event.type, object: event.entry.object as T });
        });
      } catch (error) {
        const status = expired(`too old resource version: ${options.resourceVersion} (${store.oldest})`);
        queueMicrotask(() => {
          if (!stopped) handler.event({ type: 'ERROR', object: status.status });
          if (!stopped) handler.closed(error instanceof Compacted ? status : (error as Error));
        });
      }
      return {
        stop: () => {
          stopped = true;
          stop();
        },
      };
    },
    async create<T extends KubeObject>(type: ResourceType<T>, object: T, options = {}) {
      const { namespace = object.metadata.namespace } = options as { namespace?: string };
      const name = object.metadata.name ?? '';
      const uid = `uid-${store.revision}`;
      return (await store.create(keyOf(type, namespace, name), { ...object, metadata: { ...object.metadata, namespace, uid } }).catch(refusal(type, name))).object as T;
    },
    update: async (type, object, options = {}) => write(type, object, options.namespace ?? object.metadata.namespace),
    patch: async (type, name, patch, options = {}) => write(type, patched(read(type, options.namespace, name), patch), options.namespace),
    delete: async (type, name, options = {}) => {
      await store.delete(keyOf(type, options.namespace, name)).catch(refusal(type, name));
      return { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success' };
    },
    deleteCollection: async (type, options = {}) => {
      for (const entry of store.list(prefixOf(type, options.namespace)).entries) await store.delete(entry.key);
    },
    raw: async ({ path }): Promise<RawResponse> => (path === '/version' ? { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{"major":"1"}') } : { status: 404, headers: {}, body: Buffer.from('404 page not found\n') }),
  };
  return api;
}

function patched<T extends KubeObject>(object: T, patch: Patch): T {
  const copy = structuredClone(object);
  if (patch.type === 'json') {
    const failed = applyPatch(copy, patch.operations as Operation[]).find((result) => result !== null);
    if (failed) throw badRequest(failed.message);
    return copy;
  }
  return merged(copy, patch.body) as T;
}

function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(target as object) };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = merged(result[field], value);
  }
  return result;
}

/** The same behind real HTTP, for one resource. `requests` are what came, `drop` cuts every connection. */
export async function tinyServer<T extends KubeObject>(api: Client, type: ResourceType<T>): Promise<{ url: string; requests: IncomingMessage[]; drop(): void; close(): Promise<void>; answer?: (request: IncomingMessage, response: ServerResponse) => boolean }> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    if (handle.answer?.(request, response)) return;
    serve(api, type, request, response).catch((error: unknown) => {
      const status = error instanceof StatusError ? error.status : { code: 500, message: String(error) };
      response.writeHead(status.code ?? 500, { 'content-type': 'application/json' }).end(JSON.stringify(status));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const handle: Awaited<ReturnType<typeof tinyServer>> = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    drop: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return handle;
}

const PATCHES: Record<string, 'json' | 'merge' | 'strategic' | 'apply'> = { 'application/json-patch+json': 'json', 'application/merge-patch+json': 'merge', 'application/strategic-merge-patch+json': 'strategic', 'application/apply-patch+yaml': 'apply' };

async function serve<T extends KubeObject>(api: Client, type: ResourceType<T>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://x');
  const match = /^\/api(?:s\/[^/]+)?\/v1(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname);
  const send = (value: unknown, code = 200) => void response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (match?.[2] !== type.plural) {
    const answer = await api.raw({ method: 'GET', path: url.pathname });
    return void response.writeHead(answer.status, answer.headers).end(answer.body);
  }
  const [namespace, name] = [match[1], decodeURIComponent(match[3] ?? '')];
  const query = Object.fromEntries(url.searchParams);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const body = text === '' ? undefined : (JSON.parse(text) as T);
  if (request.method === 'GET' && query['watch']) return stream(api, type, { ...query, namespace }, response);
  if (request.method === 'GET' && name === '') return send(await api.list(type, { ...query, namespace, ...(query['limit'] && { limit: Number(query['limit']) }) }));
  if (request.method === 'GET') return send(await api.get(type, name, { namespace }));
  if (request.method === 'POST') return send(await api.create(type, body!, { namespace }), 201);
  if (request.method === 'PUT') return send(await api.update(type, body!, { namespace }));
  if (request.method === 'DELETE' && name === '') return send((await api.deleteCollection(type, { namespace })) ?? {});
  if (request.method === 'DELETE') return send(await api.delete(type, name, { namespace }));
  const kind = PATCHES[request.headers['content-type'] ?? '']!;
  const patch = (kind === 'json' ? { type: kind, operations: body } : { type: kind, body }) as Patch;
  return send(await api.patch(type, name, patch, { namespace }));
}

function stream<T extends KubeObject>(api: Client, type: ResourceType<T>, options: WatchOptions, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const watch = api.watch(type, options, {
    event: (event: WatchEvent<T>) => {
      // In two halves, so that readers must join them.
      const line = `${JSON.stringify(event)}\n`;
      response.write(line.slice(0, 20));
      response.write(line.slice(20));
    },
    closed: () => response.end(),
  });
  response.on('close', () => watch.stop());
}
