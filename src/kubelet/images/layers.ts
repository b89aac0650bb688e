import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Blobs, Descriptor } from './blobs.ts';
import { decompressed, extractTar, layerTar } from './layer.ts';
import type { Marks } from './layer.ts';
import type { LayerView } from './merged.ts';

/** One layer of an image: its blob, and by the digest of its uncompressed tar, its directory. */
export interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
}

/** Layers as directories that an overlay can take. */
export interface Layers {
  /** Extracts it if it isn't yet; its directory. Rejects when the blob's content is not what the image says. */
  ensure(layer: Layer): Promise<string>;
  view(layer: Layer): Promise<LayerView>;
  /** A directory in which a new layer may be made, on the file system where layers are. */
  draft(): Promise<string>;
  /** Makes a draft a layer; undefined when it is empty. `opaque`: directories from `/` on that hide what is below. */
  commit(draft: string, opaque: readonly string[]): Promise<Layer | undefined>;
  /** Removes the directories of all layers but these, and but those that are younger than `before` (ms since the epoch). */
  keep(diffIds: ReadonlySet<string>, before: number): Promise<void>;
}

const LAYER = 'application/vnd.oci.image.layer.v1.tar';

export async function openLayers(directory: string, blobs: Blobs, options: { readonly chown: boolean; readonly mark: (marks: Marks) => Promise<void> }): Promise<Layers> {
  const root = join(directory, 'layers');
  await mkdir(root, { recursive: true, mode: 0o700 });
  // Half a digest is plenty, and overlay's options hold only so much.
  const nameOf = (diffId: string) => diffId.replace(/^sha256:/, '').slice(0, 32);
  const place = (diffId: string) => join(root, nameOf(diffId));
  const running = new Map<string, Promise<string>>();

  async function install(draft: string, diffId: string, opaque: readonly string[]): Promise<void> {
    await writeFile(`${place(diffId)}.json`, JSON.stringify({ opaque }), { mode: 0o600 });
    await rename(draft, place(diffId)).catch(async (error: NodeJS.ErrnoException) => {
      // Somebody else was first with the same.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      await rm(draft, { recursive: true, force: true });
    });
  }

  async function unpack({ descriptor, diffId }: Layer): Promise<string> {
    const there = await access(place(diffId)).then(() => true, () => false);
    if (there) return place(diffId);
    const draft = await mkdtemp(join(root, 'draft-'));
    try {
      const hash = createHash('sha256');
      const bytes = decompressed(createReadStream(blobs.path(descriptor.digest)) as AsyncIterable<Buffer>);
      const hashed = async function* () {
        for await (const chunk of bytes) {
          hash.update(chunk);
          yield chunk;
        }
      };
      const marks = await extractTar(Readable.from(hashed()), draft, { chown: options.chown, whiteouts: true });
      const got = `sha256:${hash.digest('hex')}`;
      if (got !== diffId) throw new Error(`wrong diff id calculated on extraction ${JSON.stringify(got)}, expected ${JSON.stringify(diffId)}`);
      await options.mark(marks);
      await install(draft, diffId, marks.opaque.map((path) => path.slice(draft.length) || '/'));
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
    return place(diffId);
  }

  const ensure = (layer: Layer): Promise<string> => {
    const started = running.get(layer.diffId) ?? unpack(layer).finally(() => running.delete(layer.diffId));
    running.set(layer.diffId, started);
    return started;
  };

  return {
    ensure,
    async view(layer) {
      const path = await ensure(layer);
      const { opaque } = JSON.parse(await readFile(`${path}.json`, 'utf8')) as { opaque: string[] };
      return { directory: path, opaque: new Set(opaque) };
    },
    draft: () => mkdtemp(join(root, 'draft-')),
    async commit(draft, opaque) {
      if ((await readdir(draft)).length === 0) {
        await rm(draft, { recursive: true, force: true });
        return undefined;
      }
      const { digest, size } = await blobs.write(layerTar(draft, new Set(opaque)) as AsyncIterable<Buffer>);
      await install(draft, digest, opaque);
      return { descriptor: { mediaType: LAYER, digest, size }, diffId: digest };
    },
    async keep(diffIds, before) {
      const kept = new Set([...diffIds].flatMap((diffId) => [nameOf(diffId), `${nameOf(diffId)}.json`]));
      for (const name of await readdir(root)) {
        const { ctimeMs } = await lstat(join(root, name));
        if (!kept.has(name) && ctimeMs < before) await rm(join(root, name), { recursive: true, force: true });
      }
    },
  };
}
