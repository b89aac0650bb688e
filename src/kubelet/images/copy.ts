import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, lchown, lstat, lutimes, mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { isPrivileged } from '../../base/privileges.ts';
import { globMatcher } from './ignore.ts';
import { decompressed, extractTar } from './layer.ts';
import type { Entry, MergedView } from './merged.ts';

/** Something that COPY or ADD brings. */
export type CopyItem =
  | { readonly kind: 'file'; readonly name: string; readonly entry: Entry }
  | { readonly kind: 'tree'; readonly name: string; readonly root: string; readonly entries: readonly Entry[] }
  | { readonly kind: 'archive'; readonly name: string; readonly entry: Entry }
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Buffer };

/** Finds what the sources mean. A directory brings its content; ADD unpacks tar archives and fetches URLs. */
export async function collect(view: MergedView, isIgnored: (path: string) => boolean, sources: readonly string[], isAdd: boolean): Promise<CopyItem[]> {
  const items: CopyItem[] = [];
  for (const source of sources) {
    if (isAdd && /^https?:\/\//.test(source)) {
      const response = await fetch(source).catch((error: Error) => {
        throw new Error(`ADD ${source}: ${error.cause instanceof Error ? error.cause.message : error.message}`, { cause: error });
      });
      if (!response.ok) throw new Error(`ADD ${source}: ${response.status} ${response.statusText}`);
      items.push({ kind: 'bytes', name: posix.basename(new URL(source).pathname), bytes: Buffer.from(await response.arrayBuffer()) });
      continue;
    }
    const found = await glob(view, posix.join('/', source));
    const kept = found.filter((path) => !isIgnored(path.slice(1)));
    if (kept.length === 0) throw new Error(found.length > 0 ? `${JSON.stringify(source)} is excluded by .dockerignore` : `failed to compute cache key: ${JSON.stringify(posix.join('/', source))}: not found`);
    for (const path of kept) {
      const entry = (await view.lookup(await view.resolve(path)))!;
      const name = posix.basename(path);
      if (entry.stat.isDirectory()) items.push({ kind: 'tree', name, root: entry.path, entries: await walk(view, entry, isIgnored) });
      else items.push({ kind: isAdd && (await isArchive(entry.source)) ? 'archive' : 'file', name, entry });
    }
  }
  return items;
}

async function glob(view: MergedView, pattern: string): Promise<string[]> {
  let paths = ['/'];
  for (const part of pattern.split('/').filter(Boolean)) {
    const next: string[] = [];
    for (const path of paths) {
      const entry = await view.lookup(await view.resolve(path));
      if (!entry?.stat.isDirectory()) continue;
      const names = /[*?[\\]/.test(part) ? (await view.list(entry)).filter(globMatcher(part)) : [part];
      for (const name of names) if (await view.lookup(await view.resolve(posix.join(path, name)))) next.push(posix.join(path, name));
    }
    paths = next;
  }
  return paths;
}

/** Everything below a directory, parents first. */
async function walk(view: MergedView, directory: Entry, isIgnored: (path: string) => boolean): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const name of await view.list(directory)) {
    const path = posix.join(directory.path, name);
    const entry = await view.lookup(path);
    if (!entry) continue;
    // What is ignored may still hold something that a later `!` takes back.
    const inside = entry.stat.isDirectory() ? await walk(view, entry, isIgnored) : [];
    if (!isIgnored(path.slice(1)) || inside.length > 0) found.push(entry, ...inside);
  }
  return found;
}

async function isArchive(path: string): Promise<boolean> {
  const head: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of decompressed(createReadStream(path) as AsyncIterable<Buffer>)) {
      head.push(chunk);
      length += chunk.length;
      if (length >= 512) break;
    }
  } catch {
    return false;
  }
  return Buffer.concat(head).subarray(257, 262).toString() === 'ustar';
}

/** What the items are, content included: equal for equal input. */
export async function fingerprint(items: readonly CopyItem[]): Promise<string> {
  const hash = createHash('sha256');
  const add = async (name: string, { stat, source }: Entry) => {
    hash.update(`${name}\0${stat.mode}\0`);
    if (stat.isSymbolicLink()) hash.update(await readlink(source));
    else if (stat.isFile()) {
      hash.update(`${stat.size}\0`);
      for await (const chunk of createReadStream(source)) hash.update(chunk as Buffer);
    }
  };
  for (const item of items) {
    hash.update(`${item.kind}\0${item.name}\0`);
    if (item.kind === 'bytes') hash.update(item.bytes);
    else if (item.kind === 'tree') for (const entry of item.entries) await add(entry.path.slice(item.root.length), entry);
    else await add('', item.entry);
  }
  return hash.digest('hex');
}

export interface CopyRequest {
  /** What the layer comes to lie upon. */
  readonly base: MergedView;
  readonly draft: string;
  readonly items: readonly CopyItem[];
  /** Absolute; a trailing slash makes it a directory. */
  readonly destination: string;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly mode: number | undefined;
}

/** Writes items into a new layer. Directories that the layers below have keep their owner and mode; links there are followed, inside the image. */
export async function copyInto({ base, draft, items, destination, owner, mode }: CopyRequest): Promise<void> {
  const { uid, gid } = owner ?? { uid: 0, gid: 0 };
  const resolved = await base.resolve(destination);
  const there = await base.lookup(resolved);
  const isDirectory = destination.endsWith('/') || there?.stat.isDirectory() === true || items.length > 1 || items.some(({ kind }) => kind === 'tree' || kind === 'archive');
  if (items.length > 1 && !destination.endsWith('/') && !there?.stat.isDirectory()) throw new Error('When using COPY with more than one source file, the destination must be a directory and end with a /');
  const own = async (path: string) => {
    if (isPrivileged) await lchown(path, uid, gid);
  };
  const directory = async (path: string): Promise<string> => {
    const real = await base.resolve(path);
    const at = join(draft, real);
    if (await lstat(at).then((stat) => stat.isDirectory(), () => false)) return at;
    if (real !== '/') await directory(posix.dirname(real));
    const below = await base.lookup(real);
    await mkdir(at, { recursive: true });
    if (below?.stat.isDirectory()) {
      if (isPrivileged) await lchown(at, below.stat.uid, below.stat.gid);
      await chmod(at, below.stat.mode & 0o7777);
    } else {
      await own(at);
      await chmod(at, 0o755);
    }
    return at;
  };
  const place = async (path: string, entry: Entry) => {
    const at = join(await directory(posix.dirname(path)), posix.basename(path));
    const { stat } = entry;
    await rm(at, { recursive: true, force: true });
    if (stat.isSymbolicLink()) await symlink(await readlink(entry.source), at);
    else if (stat.isFile()) await copyFile(entry.source, at);
    else return;
    await own(at);
    if (stat.isSymbolicLink()) return;
    await chmod(at, mode ?? stat.mode & 0o7777);
    await lutimes(at, stat.atime, stat.mtime);
  };
  if (isDirectory) await directory(resolved);
  for (const item of items) {
    const target = isDirectory && item.kind !== 'tree' && item.kind !== 'archive' ? posix.join(resolved, item.name) : resolved;
    if (item.kind === 'bytes') {
      const at = join(await directory(posix.dirname(target)), posix.basename(target));
      await writeFile(at, item.bytes);
      await own(at);
      await chmod(at, mode ?? 0o644);
    } else if (item.kind === 'file') await place(target, item.entry);
    else if (item.kind === 'archive') await extractTar(Readable.from(decompressed(createReadStream(item.entry.source) as AsyncIterable<Buffer>)), await directory(target), { chown: isPrivileged, whiteouts: false });
    else
      for (const entry of item.entries) {
        const path = posix.join(target, entry.path.slice(item.root.length));
        if (!entry.stat.isDirectory()) await place(path, entry);
        else {
          const at = await directory(path);
          if (!(await base.lookup(await base.resolve(path)))) await chmod(at, mode ?? entry.stat.mode & 0o7777);
        }
      }
  }
}
