/**
 * Writes a payload into a directory so that a reader sees either all of the old files or all of the new ones: the files live in a timestamped directory, `..data` is a link to it
 * that is swapped by rename, and what users see are links through `..data`. Programs that watch the files wait for that rename (volume/util/atomic_writer.go).
 */
import { chmod, chown, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../../base/random.ts';
import { checkPaths, type Payload } from './payload.ts';

const DATA = '..data';
const DATA_TMP = '..data_tmp';

export interface AtomicWriterOptions {
  readonly now: number;
  readonly random: Random;
  /** The group of the files; undefined = the kubelet's own. */
  readonly fsGroup: number | undefined;
  /** Whether files can be given to other users. */
  readonly mayChown: boolean;
}

/** Returns whether anything changed. Throws for paths that lead out of the directory. */
export async function writeAtomically(directory: string, payload: Payload, options: AtomicWriterOptions): Promise<boolean> {
  checkPaths(payload);
  await mkdir(directory, { recursive: true });
  const old = await readlink(join(directory, DATA)).catch(() => undefined);
  if (old !== undefined && (await same(join(directory, old), payload, options.fsGroup))) return false;

  const fresh = `..${stamp(options.now)}.${options.random.int(2 ** 31)}`;
  await writeFiles(join(directory, fresh), payload, options);
  await rm(join(directory, DATA_TMP), { force: true });
  await symlink(fresh, join(directory, DATA_TMP));
  await rename(join(directory, DATA_TMP), join(directory, DATA));

  const visible = new Set([...payload.keys()].map((path) => path.split('/')[0]!));
  for (const name of await readdir(directory)) {
    if (!name.startsWith('..') && !visible.has(name)) await rm(join(directory, name), { recursive: true, force: true });
  }
  for (const name of visible) await link(directory, name);
  if (old !== undefined) await rm(join(directory, old), { recursive: true, force: true });
  return true;
}

async function link(directory: string, name: string): Promise<void> {
  const path = join(directory, name);
  const target = join(DATA, name);
  const present = await readlink(path).catch(() => undefined);
  if (present === target) return;
  if (present !== undefined) await unlink(path);
  await symlink(target, path);
}

async function writeFiles(root: string, payload: Payload, { fsGroup, mayChown }: AtomicWriterOptions): Promise<void> {
  await mkdir(root);
  // mkdir is subject to the umask; any user of the pod reads through here.
  await chmod(root, 0o755);
  const made = new Set([root]);
  for (const [path, { data, mode, owner }] of payload) {
    const file = join(root, path);
    for (const parent of parents(root, file)) {
      if (made.has(parent)) continue;
      await mkdir(parent, { recursive: true });
      await chmod(parent, 0o755);
      made.add(parent);
    }
    await writeFile(file, data);
    if (mayChown && (owner !== undefined || fsGroup !== undefined)) await chown(file, owner ?? -1, fsGroup ?? -1);
    await chmod(file, withGroup(mode, fsGroup));
  }
}

/** A group that is to read the file can (volume/volume_linux.go SetVolumeOwnership). */
function withGroup(mode: number, fsGroup: number | undefined): number {
  return fsGroup === undefined ? mode : mode | 0o440;
}

function parents(root: string, file: string): string[] {
  const found: string[] = [];
  for (let at = dirname(file); at.length > root.length; at = dirname(at)) found.unshift(at);
  return found;
}

async function same(root: string, payload: Payload, fsGroup: number | undefined): Promise<boolean> {
  const present = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!present || present.filter((e) => e.isFile()).length !== payload.size) return false;
  for (const [path, { data, mode }] of payload) {
    const file = join(root, path);
    const info = await stat(file).catch(() => undefined);
    if (!info || info.size !== data.length || (info.mode & 0o7777) !== withGroup(mode, fsGroup)) return false;
    if (!(await readFile(file)).equals(data)) return false;
  }
  return true;
}

/** `2025_01_31_23_59_59` */
function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, '_');
}
