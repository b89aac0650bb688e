import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { RegistryAuth } from '../types.ts';
import type { Blobs, Descriptor } from './blobs.ts';
import { ask, bodyOf } from './http.ts';
import type { Reference } from '../../base/image-reference.ts';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFESTS = [MANIFEST, INDEX, 'application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.docker.distribution.manifest.list.v2+json'];
/** Manifests are small; a larger one is no manifest. */
const MAX_MANIFEST = 8 << 20;
const ATTEMPTS = 4;

export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface Index {
  readonly manifests: readonly (Descriptor & { readonly platform?: { readonly os: string; readonly architecture: string } })[];
}

export interface PullRequest {
  readonly reference: Reference;
  readonly auth: RegistryAuth | undefined;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: (digest: string, done: number, total: number) => void;
}

/** Fetches an image's blobs from its registry (OCI distribution-spec). Rejects with containerd's words. Answers its manifest and the digest that the tag stood for. */
export async function pullBlobs(request: PullRequest): Promise<{ manifest: Manifest; manifestDigest: string; repoDigest: string }> {
  const { reference, blobs } = request;
  const registry = connection(request);
  const top = await registry.manifest(reference.digest ?? reference.tag ?? 'latest').catch((error: Error) => {
    throw new Error(`failed to resolve reference "${reference.full}": ${error.message}`, { cause: error });
  });
  let body = top.body;
  let manifestDigest = top.digest;
  const list = JSON.parse(body.toString()) as Partial<Index>;
  if (list.manifests) {
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const fit = list.manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === architecture);
    if (!fit) throw new Error(`no match for platform in manifest: not found (linux/${architecture})`);
    ({ body, digest: manifestDigest } = await registry.manifest(fit.digest));
  }
  const manifest = JSON.parse(body.toString()) as Manifest;
  if (!manifest.config?.digest || !Array.isArray(manifest.layers)) throw new Error(`unsupported manifest of ${reference.full} (schema version ${String(manifest.schemaVersion)})`);
  const wanted = [manifest.config, ...manifest.layers];
  // Three at a time, as containerd does.
  const queue = [...new Map(wanted.map((each) => [each.digest, each])).values()];
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await registry.blob(next);
    }),
  );
  await blobs.write(body);
  return { manifest, manifestDigest, repoDigest: `${reference.name}@${top.digest}` };
}

function connection({ reference, auth, blobs, clock, signal, onProgress }: PullRequest) {
  const host = reference.domain === 'docker.io' ? 'registry-1.docker.io' : reference.domain;
  // As Docker does, a registry on this machine is spoken to without TLS.
  const scheme = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host) ? 'http' : 'https';
  const base = `${scheme}://${host}/v2/${reference.path}`;
  let authorization = auth?.registryToken ? `Bearer ${auth.registryToken}` : undefined;

  async function get(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
    for (let tried = 0; ; tried++) {
      const response = await ask(url, { headers: { ...headers, ...(authorization ? { authorization } : {}) }, signal }).catch((error: Error) => {
        signal.throwIfAborted();
        throw new Error(`failed to do request: Get "${url}": ${causeOf(error)}`, { cause: error });
      });
      if (response.statusCode !== 401 || tried > 0) return response;
      response.destroy();
      authorization = await authorize(response.headers['www-authenticate'] ?? '', auth, signal);
      if (!authorization) return response;
    }
  }

  async function manifest(name: string): Promise<{ body: Buffer; digest: string }> {
    const known = name.startsWith('sha256:') && (await blobs.has(name)) ? await blobs.read(name) : undefined;
    if (known) return { body: known, digest: name };
    const response = await get(`${base}/manifests/${name}`, { accept: MANIFESTS.join(', ') });
    if (!isOk(response)) response.destroy();
    if (response.statusCode === 404) throw new Error(`${reference.full}: not found`);
    if (response.statusCode === 401 || response.statusCode === 403) throw new Error('pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed');
    if (!isOk(response)) throw unexpected(`${base}/manifests/${name}`, response);
    const body = await bodyOf(response, MAX_MANIFEST);
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    if (name.startsWith('sha256:') && name !== digest) throw new Error(`unexpected manifest digest ${digest}, expected ${name}`);
    await blobs.write(body);
    return { body, digest };
  }

  async function blob({ digest, size }: Descriptor): Promise<void> {
    if (await blobs.has(digest)) return;
    const file = blobs.partial(digest);
    for (let attempt = 1; ; attempt++) {
      try {
        const have = await stat(file).then((stats) => stats.size, () => 0);
        if (have < size || size === 0) await download(digest, file, have, size);
        return await blobs.accept(digest);
      } catch (error) {
        signal.throwIfAborted();
        if (attempt === ATTEMPTS) throw new Error(`failed to copy ${digest}: ${(error as Error).message}`, { cause: error });
        await clock.sleep(200 * 2 ** attempt, signal);
      }
    }
  }

  async function download(digest: string, file: string, have: number, size: number): Promise<void> {
    const response = await get(`${base}/blobs/${digest}`, have > 0 ? { range: `bytes=${have}-` } : {});
    if (!isOk(response)) {
      response.destroy();
      throw unexpected(`${base}/blobs/${digest}`, response);
    }
    let done = response.statusCode === 206 ? have : 0;
    const count = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        done += chunk.length;
        if (done > size) throw new Error(`blob ${digest} is longer than its ${size} bytes`);
        onProgress?.(digest, done, size);
        yield chunk;
      }
    };
    await pipeline(response, count, createWriteStream(file, { flags: done > 0 ? 'a' : 'w', mode: 0o600 }), { signal });
  }

  return { manifest, blob };
}

/** Answers a registry's challenge: a token from its token server, or the credentials themselves. */
async function authorize(challenge: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<string | undefined> {
  const basic = auth?.username !== undefined ? `Basic ${Buffer.from(`${auth.username}:${auth.password ?? ''}`).toString('base64')}` : undefined;
  if (/^basic/i.test(challenge)) return basic;
  if (!/^bearer/i.test(challenge)) return undefined;
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`, 'i').exec(challenge)?.[1];
  const realm = field('realm');
  if (!realm) return undefined;
  const query = new URLSearchParams();
  for (const name of ['service', 'scope']) {
    const value = field(name);
    if (value) query.set(name, value);
  }
  const response = auth?.identityToken
    ? await ask(realm, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: refresh(query, auth.identityToken), signal })
    : await ask(`${realm}${realm.includes('?') ? '&' : '?'}${query}`, { headers: basic ? { authorization: basic } : {}, signal });
  if (!isOk(response)) {
    response.destroy();
    throw new Error(`failed to authorize: failed to fetch ${basic ? 'oauth' : 'anonymous'} token: ${unexpected(realm, response).message}`);
  }
  const { token, access_token: other } = JSON.parse((await bodyOf(response, MAX_MANIFEST)).toString()) as { token?: string; access_token?: string };
  return `Bearer ${token ?? other ?? ''}`;
}

/** OAuth2's way to turn an identity token into one for this scope. */
function refresh(query: URLSearchParams, token: string): string {
  return new URLSearchParams([...query, ['grant_type', 'refresh_token'], ['client_id', 'coracle'], ['refresh_token', token]]).toString();
}

const isOk = ({ statusCode = 0 }: IncomingMessage) => statusCode >= 200 && statusCode < 300;

function unexpected(url: string, { statusCode = 0, statusMessage = '' }: IncomingMessage): Error {
  return new Error(`unexpected status from GET request to ${url}: ${statusCode} ${statusMessage}`);
}

function causeOf(error: Error & { readonly code?: string; readonly hostname?: string }): string {
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return `dial tcp: lookup ${error.hostname ?? ''}: no such host`;
  // When every address of a name fails, what is thrown has a code and no words.
  return error.message || error.code || error.name;
}
