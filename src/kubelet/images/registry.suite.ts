/** A registry for tests, over HTTP, with one image of one layer: `app:v1`. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

export interface RegistryOptions {
  readonly address?: string;
  readonly port?: number;
  /** The layer that is sent is not what its digest says. */
  readonly corrupt?: boolean;
  /** Anybody gets a token, but needs one. */
  readonly token?: boolean;
  /** Only who brings these is let in: by Basic, or with `token` in exchange for a token. */
  readonly credentials?: { readonly username: string; readonly password: string } | { readonly identityToken: string };
  /** The layer is elsewhere, and whoever brings the registry's credentials there is turned away, as clouds' stores do. */
  readonly redirect?: boolean;
  readonly config?: object;
}

export interface TestRegistry {
  readonly host: string;
  /** Path, query and range of every request, in order. */
  readonly requests: readonly string[];
  readonly layer: { readonly digest: string };
  readonly list: { readonly digest: string };
  stop(): void;
}

export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const blobs = new Map<string, Buffer>();
  const requests: string[] = [];
  const put = (body: Buffer) => {
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    blobs.set(digest, body);
    return { digest, size: body.length };
  };
  const tar = await layerTar(JSON.stringify(options));
  const layer = put(gzipSync(tar));
  const config = put(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Cmd: ['/x'], ...options.config }, rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(tar).digest('hex')}`] } })));
  const manifest = put(Buffer.from(JSON.stringify({ schemaVersion: 2, config: { mediaType: 'c', ...config }, layers: [{ mediaType: 'l', ...layer }] })));
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const list = put(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: 'm', digest: `sha256:${'0'.repeat(64)}`, size: 1, platform: { os: 'windows', architecture } }, { mediaType: 'm', ...manifest, platform: { os: 'linux', architecture } }] })));
  let broken = false;

  const server = createServer((request, response) => void (async () => {
    requests.push(`${request.url} ${request.headers.range ?? ''}`.trim());
    const url = request.url!;
    const { host, authorization } = request.headers;
    if (url.startsWith('/token')) return (await maySign(request, options)) ? response.end(JSON.stringify({ token: 'let-me-in' })) : response.writeHead(401).end();
    const stored = url.startsWith('/store/');
    if (stored && authorization !== undefined) return response.writeHead(400).end();
    if (!stored && !maySee(authorization, options)) {
      const challenge = options.token ? `Bearer realm="http://${host}/token",service="s",scope="repository:app:pull"` : 'Basic realm="registry"';
      return response.writeHead(401, { 'www-authenticate': challenge }).end();
    }
    const name = url.split('/').pop()!;
    const body = blobs.get(name === 'v1' ? list.digest : name);
    if (!body) return response.writeHead(404).end();
    // Another name of the same server: another origin.
    if (options.redirect && !stored && name === layer.digest) return response.writeHead(307, { location: `http://localhost:${host!.split(':')[1]}/store/${name}` }).end();
    // The first time it breaks off.
    if (name === layer.digest && !broken) {
      broken = true;
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.subarray(0, 1000));
      return setTimeout(() => response.destroy(), 20);
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const part = Buffer.from(body.subarray(from));
    if (options.corrupt && name === layer.digest) part[part.length - 1]! ^= 1;
    return response.writeHead(from > 0 ? 206 : 200).end(part);
  })());
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port ?? 0, options.address ?? '127.0.0.1', resolve));
  const { address, port } = server.address() as AddressInfo;
  return { host: `${address}:${port}`, requests, layer, list, stop: () => server.close().closeAllConnections() };
}

/** `salt`: no two are the same, lest a test finds in the store what another brought. */
async function layerTar(salt: string): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: 'etc/', type: 'directory' });
  archive.entry({ name: 'etc/motd' }, 'pulled');
  archive.entry({ name: 'salt' }, salt);
  archive.entry({ name: 'etc/.wh.gone' }, '');
  archive.entry({ name: 'opt/.wh..wh..opq' }, '');
  archive.entry({ name: 'big' }, Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 7919) % 251)));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function basic({ credentials }: RegistryOptions): string | undefined {
  return credentials && 'username' in credentials ? `Basic ${btoa(`${credentials.username}:${credentials.password}`)}` : undefined;
}

async function maySign(request: IncomingMessage, options: RegistryOptions): Promise<boolean> {
  const { credentials } = options;
  if (credentials && 'identityToken' in credentials) {
    const form = new URLSearchParams(await text(request));
    return request.method === 'POST' && form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === credentials.identityToken && form.get('scope') === 'repository:app:pull';
  }
  return !credentials || request.headers.authorization === basic(options);
}

function maySee(authorization: string | undefined, options: RegistryOptions): boolean {
  if (options.token) return authorization === 'Bearer let-me-in';
  return !options.credentials || authorization === basic(options);
}
