import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Descriptor } from './blobs.ts';
import { isRunning } from './is-running.ts';

export const REF_NAME = 'org.opencontainers.image.ref.name';
/** Where a pulled image came from, by digest. */
export const REPO_DIGEST = 'dev.coracle.repo-digest';

/** The names of an OCI layout: `index.json`, one entry a name. */
export interface IndexFile {
  read(): Promise<readonly Descriptor[]>;
  /** Changes it; several processes (a cluster and `coracle build`) take turns. */
  update(change: (entries: readonly Descriptor[]) => readonly Descriptor[]): Promise<void>;
}

export function indexFile(directory: string, clock: Clock): IndexFile {
  const path = join(directory, 'index.json');
  const lock = join(directory, 'index.lock');
  let turn: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<readonly Descriptor[]> => {
    const text = await readFile(path, 'utf8').catch(() => '{"manifests":[]}');
    return (JSON.parse(text) as { manifests: Descriptor[] }).manifests;
  };
  const locked = async (work: () => Promise<void>) => {
    for (;;) {
      const file = await open(lock, 'wx', 0o600).catch(() => undefined);
      if (file) {
        await file.writeFile(String(process.pid));
        await file.close();
        break;
      }
      const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
      // Left by a process that was killed; an empty one is just being made.
      if (owner > 0 && !isRunning(owner)) await rm(lock, { force: true });
      else await clock.sleep(10);
    }
    try {
      await work();
    } finally {
      await rm(lock, { force: true });
    }
  };
  return {
    read,
    update(change) {
      const next = turn.then(() =>
        locked(async () => {
          const manifests = change(await read());
          await writeFile(`${path}.new`, `${JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }, undefined, 1)}\n`, { mode: 0o600 });
          await rename(`${path}.new`, path);
        }),
      );
      turn = next.catch(() => {});
      return next;
    },
  };
}
