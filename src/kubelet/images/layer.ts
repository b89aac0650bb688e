import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lchown, link, lstat, lutimes, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { extract, pack } from 'tar-stream';
import type { Header, Pack } from 'tar-stream';

type HeaderOf = Partial<Header> & { readonly name: string; readonly size: number };

/** Marks of an extracted layer that only the system can make: whiteouts and opaque directories, as absolute paths. */
export interface Marks {
  readonly whiteouts: readonly string[];
  readonly opaque: readonly string[];
}

export interface ExtractOptions {
  /** Give files to the owners that the archive names; only root may. */
  readonly chown: boolean;
  /** A layer's `.wh.` files mean removals; an ordinary archive's are files. */
  readonly whiteouts: boolean;
}

/** Writes a tar stream below `directory`. Refuses entries that lead out of it, by `..` or through a link. Device nodes are left out: a container's are its runtime's. */
export async function extractTar(source: Readable, into: string, options: ExtractOptions): Promise<Marks> {
  const directory = resolve(into);
  const whiteouts: string[] = [];
  const opaque: string[] = [];
  const known = new Set<string>([directory]);
  const times: [path: string, mtime: Date][] = [];
  const parents = async (path: string) => {
    const missing: string[] = [];
    for (let at = path; !known.has(at); at = dirname(at)) missing.push(at);
    for (const at of missing.reverse()) {
      const stat = await lstat(at).catch(() => undefined);
      if (stat?.isSymbolicLink()) throw new Error(`archive entry ${path.slice(directory.length)} goes through a symbolic link`);
      if (stat && !stat.isDirectory()) await rm(at);
      if (!stat?.isDirectory()) await mkdir(at, 0o755);
      known.add(at);
    }
  };
  const entryOf = async (header: Header, body: Readable): Promise<void> => {
    const relative = safePath(header.name);
    const path = join(directory, relative);
    const base = posix.basename(relative);
    if (relative !== '') await parents(dirname(path));
    if (options.whiteouts && base.startsWith('.wh.')) {
      if (base === '.wh..wh..opq') opaque.push(dirname(path));
      else if (!base.startsWith('.wh..wh.')) whiteouts.push(join(dirname(path), base.slice(4)));
      return;
    }
    const mode = (header.mode ?? 0o755) & 0o7777;
    const existing = relative === '' ? undefined : await lstat(path).catch(() => undefined);
    if (existing && !(existing.isDirectory() && header.type === 'directory')) await rm(path, { recursive: true });
    switch (header.type) {
      case 'directory':
        await parents(path);
        break;
      case 'file':
      case 'contiguous-file':
        await pipeline(body, createWriteStream(path, { mode: 0o600 }));
        break;
      case 'symlink':
        await symlink(header.linkname ?? '', path);
        break;
      case 'link':
        await link(join(directory, safePath(header.linkname ?? '')), path);
        return;
      default:
        return;
    }
    if (options.chown) await lchown(path, header.uid ?? 0, header.gid ?? 0);
    if (header.type !== 'symlink') await chmod(path, mode);
    if (header.mtime) {
      if (header.type === 'directory') times.push([path, header.mtime]);
      else await lutimes(path, header.mtime, header.mtime);
    }
  };
  const archive = extract();
  const feeding = pipeline(source, archive);
  feeding.catch(() => {});
  for await (const entry of archive) {
    await entryOf(entry.header, entry as unknown as Readable);
    entry.resume();
  }
  await feeding;
  for (const [path, mtime] of times.reverse()) await lutimes(path, mtime, mtime);
  return { whiteouts, opaque };
}

function safePath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || name.includes('\0')) throw new Error(`archive entry ${JSON.stringify(name)} leads out of the archive`);
  return parts.join('/');
}

/** A layer directory in overlay's form as a tar in OCI's form. `opaque` are the directories, from `/` on, that hide what is below. */
export function layerTar(directory: string, opaque: ReadonlySet<string>): Readable {
  const archive = pack();
  const inodes = new Map<string, string>();
  const add = (header: Partial<Header> & { name: string }, body?: Buffer | string) => new Promise<void>((resolve, reject) => archive.entry(header, body ?? '', (error) => (error ? reject(error) : resolve())));
  const visit = async (relative: string): Promise<void> => {
    for (const name of (await readdir(join(directory, relative))).sort()) {
      const path = relative ? `${relative}/${name}` : name;
      const source = join(directory, path);
      const stat = await lstat(source);
      if (stat.isCharacterDevice() && stat.rdev === 0) await add({ name: `${relative ? `${relative}/` : ''}.wh.${name}`, size: 0 });
      else if (stat.isDirectory()) {
        await add({ ...common(stat), name: `${path}/`, type: 'directory' });
        if (opaque.has(`/${path}`)) await add({ name: `${path}/.wh..wh..opq`, size: 0 });
        await visit(path);
      } else if (stat.isSymbolicLink()) await add({ ...common(stat), name: path, type: 'symlink', linkname: await readlink(source) });
      else if (stat.isFile()) {
        const key = `${stat.dev}:${stat.ino}`;
        const first = stat.nlink > 1 ? inodes.get(key) : undefined;
        if (first) await add({ ...common(stat), name: path, type: 'link', linkname: first });
        else await file(archive, { ...common(stat), name: path, type: 'file', size: stat.size }, source);
        inodes.set(key, first ?? path);
      }
    }
  };
  visit('').then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  return Readable.from(archive);
}

async function file(archive: Pack, header: HeaderOf, source: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const entry = archive.entry(header, (error) => (error ? reject(error) : resolve()));
    const copy = async () => {
      // Never more than was announced: a log that still grows would break the archive.
      if (header.size > 0) for await (const chunk of createReadStream(source, { end: header.size - 1 })) if (!entry.write(chunk)) await once(entry, 'drain');
      entry.end(undefined);
    };
    copy().catch(reject);
  });
}

function common(stat: Stats): { uid: number; gid: number; mode: number; mtime: Date } {
  return { uid: stat.uid, gid: stat.gid, mode: stat.mode & 0o7777, mtime: new Date(Math.floor(stat.mtimeMs / 1000) * 1000) };
}

/** Undoes what a layer's or archive's first bytes say it was compressed with. */
export async function* decompressed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 4) {
    const { value, done } = await iterator.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const all = (async function* () {
    yield head;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return;
      yield value;
    }
  })();
  if (head[0] === 0x1f && head[1] === 0x8b) yield* through(all, createGunzip());
  else if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) yield* unzstd(all);
  else yield* all;
}

async function* through(source: AsyncIterable<Buffer>, transform: NodeJS.ReadWriteStream): AsyncGenerator<Buffer> {
  const feeding = pipeline(Readable.from(source), transform);
  feeding.catch(() => {});
  for await (const chunk of transform) yield chunk as Buffer;
  await feeding;
}

/** Node has zstd from 22.15 on; before, a JavaScript one does. */
async function* unzstd(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const native = (zlib as { createZstdDecompress?: () => NodeJS.ReadWriteStream }).createZstdDecompress;
  if (native) return yield* through(source, native());
  let ready: Buffer[] = [];
  const stream = new Decompress((chunk) => ready.push(Buffer.from(chunk)));
  for await (const chunk of source) {
    stream.push(chunk);
    yield* ready;
    ready = [];
  }
  stream.push(new Uint8Array(0), true);
  yield* ready;
}
