import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../base/random.ts';

/** A blob by what it is made of (OCI image-spec descriptor). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Blobs of an OCI layout: `blobs/sha256/<hex>`. */
export interface Blobs {
  path(digest: string): string;
  has(digest: string): Promise<boolean>;
  read(digest: string): Promise<Buffer>;
  json<T>(digest: string): Promise<T>;
  /** Stores bytes; says what they are. */
  write(source: AsyncIterable<Buffer> | Buffer): Promise<{ digest: string; size: number }>;
  /** A file that becomes the blob `digest` once it is whole; survives an interruption, so that a download goes on where it stopped. */
  partial(digest: string): string;
  /** Checks a partial file and makes it the blob. Rejects, and removes it, when it is something else. */
  accept(digest: string): Promise<void>;
}

export async function openBlobs(directory: string, random: Random): Promise<Blobs> {
  const store = join(directory, 'blobs', 'sha256');
  const ingest = join(directory, 'ingest');
  await mkdir(store, { recursive: true, mode: 0o700 });
  await mkdir(ingest, { recursive: true, mode: 0o700 });
  const hex = (digest: string) => {
    // Digests come from outside and become file names.
    if (!/^sha256:[a-f0-9]{64}$/.test(digest)) throw new Error(`unsupported digest ${JSON.stringify(digest)}`);
    return digest.slice(7);
  };
  const path = (digest: string) => join(store, hex(digest));
  const partial = (digest: string) => join(ingest, hex(digest));
  const read = (digest: string) => readFile(path(digest));
  return {
    path,
    partial,
    read,
    has: (digest) => stat(path(digest)).then(() => true, () => false),
    json: async (digest) => JSON.parse((await read(digest)).toString()),
    async write(source) {
      const temporary = join(ingest, random.uuid());
      const hash = createHash('sha256');
      let size = 0;
      if (Buffer.isBuffer(source)) {
        hash.update(source);
        size = source.length;
        await writeFile(temporary, source, { mode: 0o600 });
      } else {
        const file = await open(temporary, 'w', 0o600);
        try {
          for await (const chunk of source) {
            hash.update(chunk);
            size += chunk.length;
            await file.writeFile(chunk);
          }
        } catch (error) {
          await rm(temporary, { force: true });
          throw error;
        } finally {
          await file.close();
        }
      }
      const digest = `sha256:${hash.digest('hex')}`;
      await rename(temporary, path(digest));
      return { digest, size };
    },
    async accept(digest) {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(partial(digest))) hash.update(chunk as Buffer);
      const got = `sha256:${hash.digest('hex')}`;
      if (got !== digest) {
        await rm(partial(digest), { force: true });
        throw new Error(`unexpected commit digest ${got}, expected ${digest}: failed precondition`);
      }
      await rename(partial(digest), path(digest));
    },
  };
}
