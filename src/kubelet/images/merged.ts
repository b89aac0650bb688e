import { lstat, readFile, readdir, readlink } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join, posix } from 'node:path';

/** A layer as a directory, in overlay's own form: a character device 0:0 is a whiteout, `opaque` directories hide what is below. `hidden` are paths that a mask takes away from it. */
export interface LayerView {
  readonly directory: string;
  readonly opaque: ReadonlySet<string>;
  readonly hidden?: ReadonlySet<string>;
}

/** What a path is in the union: where its file is, and for a directory every layer that has part of it (highest first). */
export interface Entry {
  readonly path: string;
  readonly source: string;
  readonly stat: Stats;
  readonly layers: readonly LayerView[];
}

/** The union of layers, highest first, read without mounting it. */
export interface MergedView {
  /** Follows no link at the end; undefined when there is nothing. */
  lookup(path: string): Promise<Entry | undefined>;
  /** Where a path leads inside the image when its links are followed, also to what is not there yet. */
  resolve(path: string): Promise<string>;
  list(entry: Entry): Promise<readonly string[]>;
  text(path: string): Promise<string | undefined>;
}

export function mergedView(layers: readonly LayerView[]): MergedView {
  const isWhiteout = (stat: Stats) => stat.isCharacterDevice() && stat.rdev === 0;

  async function descend(candidates: readonly LayerView[], path: string): Promise<Entry | undefined> {
    let found: { source: string; stat: Stats } | undefined;
    const next: LayerView[] = [];
    for (const layer of candidates) {
      if (layer.hidden?.has(path)) continue;
      const source = join(layer.directory, path);
      const stat = await lstat(source).catch(() => undefined);
      if (!stat) continue;
      if (isWhiteout(stat)) break;
      found ??= { source, stat };
      if (!stat.isDirectory()) break;
      next.push(layer);
      if (layer.opaque.has(path)) break;
    }
    return found && { path, ...found, layers: found.stat.isDirectory() ? next : [] };
  }

  async function lookup(path: string): Promise<Entry | undefined> {
    let entry = await descend(layers, '/');
    let at = '';
    for (const part of path.split('/').filter(Boolean)) {
      at += `/${part}`;
      entry = entry && (await descend(entry.layers, at));
      if (!entry) return undefined;
    }
    return entry;
  }

  async function resolve(path: string): Promise<string> {
    const left = path.split('/').filter(Boolean);
    let at = '';
    for (let links = 0; left.length > 0; ) {
      const part = left.shift()!;
      if (part === '.') continue;
      if (part === '..') {
        at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
        continue;
      }
      const entry = await lookup(`${at}/${part}`);
      if (!entry?.stat.isSymbolicLink()) {
        at += `/${part}`;
        continue;
      }
      if (++links > 40) throw new Error(`${path}: too many levels of symbolic links`);
      const target = await readlink(entry.source);
      if (posix.isAbsolute(target)) at = '';
      left.unshift(...target.split('/').filter(Boolean));
    }
    return at || '/';
  }

  return {
    lookup,
    resolve,
    async list(entry) {
      const names = new Set<string>();
      for (const layer of entry.layers) for (const name of await readdir(join(layer.directory, entry.path)).catch(() => [])) names.add(name);
      const alive = await Promise.all([...names].map(async (name) => ((await descend(entry.layers, posix.join(entry.path, name))) ? name : undefined)));
      return alive.filter((name) => name !== undefined).sort();
    },
    async text(path) {
      const entry = await lookup(await resolve(path));
      return entry?.stat.isFile() ? await readFile(entry.source, 'utf8') : undefined;
    },
  };
}
