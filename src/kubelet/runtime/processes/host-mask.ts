import { opendir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One entry of the mask over the host's files: `hide` makes a path vanish, `empty` shows an empty directory, `dir` only holds the entries below it. */
export type MaskEntry = readonly [kind: 'hide' | 'empty' | 'dir', mode: number, path: string];

/** What makes up a base system. Everything else at the top is hidden, whatever its name: it is the user's. */
const BASE = /^(bin|sbin|lib|lib32|lib64|libx32|usr|etc)$/;
/** Directories that programs expect (FHS), shown empty. /opt and /srv hold what people added, so they count as the user's. */
const EMPTY: Readonly<Record<string, number>> = { boot: 0o755, dev: 0o755, home: 0o755, media: 0o755, mnt: 0o755, opt: 0o755, proc: 0o555, root: 0o700, run: 0o755, srv: 0o755, sys: 0o555, tmp: 0o1777 };
/** Of /var only the package databases are the system's own; logs, spools, databases and data directories are somebody's. */
const VAR: Readonly<Record<string, number>> = { backups: 0o755, cache: 0o755, local: 0o755, log: 0o755, mail: 0o755, opt: 0o755, spool: 0o755, tmp: 0o1777 };
const VAR_LIB = /^(dpkg|apt)$/;

/**
 * Decides what a container on the host's own file system does not see. Under /etc the rule is permission: what the world may not read (shadow, private keys, sudoers) a container may not
 * either, although it runs as root.
 */
export async function hostMask(root = '/'): Promise<MaskEntry[]> {
  const entries: MaskEntry[] = [];
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const path = `/${entry.name}`;
    if (BASE.test(entry.name) || entry.isSymbolicLink()) continue;
    if (entry.name === 'var') entries.push(...(await variable(root)));
    else if (EMPTY[entry.name] !== undefined) entries.push(['empty', EMPTY[entry.name]!, path]);
    else entries.push(['hide', 0, path]);
  }
  entries.push(...(await secrets(root, '/etc')));
  return entries;
}

async function variable(root: string): Promise<MaskEntry[]> {
  const entries: MaskEntry[] = [['dir', 0o755, '/var']];
  for (const entry of await readdir(join(root, 'var'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    if (entry.name === 'lib') {
      entries.push(['dir', 0o755, '/var/lib']);
      for (const name of await readdir(join(root, 'var/lib'))) if (!VAR_LIB.test(name)) entries.push(['hide', 0, `/var/lib/${name}`]);
    } else if (VAR[entry.name] !== undefined) entries.push(['empty', VAR[entry.name]!, `/var/${entry.name}`]);
    else entries.push(['hide', 0, `/var/${entry.name}`]);
  }
  return entries;
}

/** Directories come before what is in them, and only those that hold something hidden. */
async function secrets(root: string, directory: string): Promise<MaskEntry[]> {
  const found: MaskEntry[] = [];
  for await (const entry of await opendir(join(root, directory))) {
    if (entry.isSymbolicLink()) continue;
    const path = `${directory}/${entry.name}`;
    const { mode } = await stat(join(root, path)).catch(() => ({ mode: 0 }));
    if ((mode & 0o004) === 0) found.push(['hide', 0, path]);
    else if (entry.isDirectory()) found.push(...(await secrets(root, path)));
  }
  if (found.length === 0) return [];
  const { mode } = await stat(join(root, directory));
  return [['dir', mode & 0o7777, directory], ...found];
}

/** The mask as the launcher reads it; NUL ends an entry, for a path may hold any other byte. */
export function maskText(entries: readonly MaskEntry[]): string {
  return entries.map(([kind, mode, path]) => `${kind} ${mode.toString(8)} ${path}\0`).join('');
}
