import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import type { Clock } from '../../base/clock.ts';
import { isPrivileged } from '../../base/privileges.ts';
import type { Random } from '../../base/random.ts';
import { ImageError } from '../types.ts';
import type { ImageInfo, ImageService, RegistryAuth } from '../types.ts';
import { openBlobs } from './blobs.ts';
import type { Blobs, Descriptor } from './blobs.ts';
import type { BuildOptions } from './build.ts';
import { imageConfig, isHostBased } from './config.ts';
import type { OciConfig } from './config.ts';
import { REF_NAME, REPO_DIGEST, indexFile } from './index-file.ts';
import { openLayers } from './layers.ts';
import type { Layer } from './layers.ts';
import { mergedView } from './merged.ts';
import { familiar, parseReference } from '../../base/image-reference.ts';
import { MANIFEST, pullBlobs } from './registry.ts';
import type { Manifest } from './registry.ts';
import { resolveUser } from './users.ts';
import { openWorkshop } from './workshop.ts';

export interface ImagesOptions {
  /** An OCI layout: blobs, index.json; and beside it the extracted layers and the build cache. */
  readonly directory: string;
  /** Top control group of ours, for the processes of RUN. */
  readonly cgroupRoot: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** The local image store: what the kubelet asks for, and what `coracle images`, `build`, `tag`, `rmi`, `save` and `load` do. */
export interface Images extends ImageService {
  /** Builds a Dockerfile. Rejects with DockerfileError, which names the line. */
  build(options: BuildOptions): Promise<ImageInfo>;
  /** Gives an image one more name. */
  tag(source: string, target: string): Promise<void>;
  /** Takes a name away, or by id all of them; what nothing names any more is deleted. Answers what docker prints: `Untagged: …`, `Deleted: …`. */
  remove(reference: string): Promise<readonly string[]>;
  /** An OCI layout as a tar, which docker and others load as well. */
  save(references: readonly string[]): Promise<Readable>;
  /** Loads a tar made by `save`, `docker save` or another OCI tool; answers the names it had. */
  load(archive: Readable): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** An image as it is stored. */
export interface StoredImage {
  readonly id: string;
  readonly manifest: Descriptor;
  readonly names: readonly string[];
  readonly repoDigests: readonly string[];
  readonly config: OciConfig;
  readonly layers: readonly Layer[];
  readonly sizeBytes: number;
}

const KEEP_UNNAMED_MS = 600_000;

/** Opens the store, making it if it isn't there. */
export async function openImages(options: ImagesOptions): Promise<Images> {
  const { directory, clock, random } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}\n');
  const blobs = await openBlobs(directory, random);
  const index = indexFile(directory, clock);
  const workshop = openWorkshop(options);
  const layers = await openLayers(directory, blobs, { chown: isPrivileged, mark: workshop.mark });

  async function all(): Promise<StoredImage[]> {
    const byManifest = groupByDigest(await index.read());
    return Promise.all([...byManifest.values()].map((entries) => stored(blobs, entries)));
  }

  async function find(reference: string): Promise<StoredImage | undefined> {
    const id = /^(?:sha256:)?([a-f0-9]{64})$/.exec(reference)?.[1];
    const images = await all();
    if (id) return images.find((image) => image.id === `sha256:${id}`);
    const { full, digest, name } = parse(reference);
    return images.find((image) => image.names.includes(full) || image.repoDigests.includes(full) || (digest === image.manifest.digest && image.names.some((each) => each.startsWith(`${name}:`))));
  }

  const parse = (reference: string) => {
    try {
      return parseReference(reference);
    } catch (error) {
      throw new ImageError('InvalidImageName', `couldn't parse image name "${reference}": ${(error as Error).message}`);
    }
  };

  async function must(reference: string): Promise<StoredImage> {
    const image = await find(reference);
    if (!image) throw new Error(`No such image: ${reference}`);
    return image;
  }

  async function info(image: StoredImage, asked?: string): Promise<ImageInfo> {
    return {
      id: image.id,
      reference: (asked && image.names.find((name) => name === asked)) ?? image.names[0] ?? image.repoDigests[0] ?? image.id,
      imageId: image.repoDigests[0] ?? image.id,
      names: [...image.names, ...image.repoDigests],
      sizeBytes: image.sizeBytes,
      layers: await Promise.all(image.layers.map(layers.ensure)),
      host: isHostBased(image.config),
      config: imageConfig(image.config),
    };
  }

  async function viewOf(image: StoredImage) {
    const own = await Promise.all(image.layers.map(layers.view));
    return mergedView([...own.reverse(), ...(isHostBased(image.config) ? await workshop.hostViews() : [])]);
  }

  /** Names an image; who had the name before loses it. */
  async function name(manifest: Descriptor, names: readonly string[], repoDigest?: string): Promise<void> {
    await index.update((entries) => [
      ...entries.filter(({ annotations }) => !names.includes(annotations?.[REF_NAME] ?? '')),
      ...names.map((each) => ({ mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.size, annotations: { [REF_NAME]: each, ...(repoDigest ? { [REPO_DIGEST]: repoDigest } : {}) } })),
    ]);
  }

  /** Stores a manifest over blobs that are there. */
  async function put(config: OciConfig, parts: readonly Layer[], names: readonly string[]): Promise<StoredImage> {
    const written = await blobs.write(Buffer.from(JSON.stringify(config)));
    const manifest: Manifest = { schemaVersion: 2, mediaType: MANIFEST, config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...written }, layers: parts.map(({ descriptor }) => descriptor) };
    const descriptor = { mediaType: MANIFEST, ...(await blobs.write(Buffer.from(JSON.stringify(manifest)))) };
    // Without a name it is found by its id until the next clean-up.
    await name(descriptor, names.length > 0 ? names : [written.digest]);
    return must(written.digest);
  }

  async function collectGarbage(): Promise<void> {
    const images = await all();
    const used = new Set(images.flatMap((image) => [image.manifest.digest, image.id, ...image.layers.map(({ descriptor }) => descriptor.digest)]));
    const store = join(directory, 'blobs', 'sha256');
    for (const hex of await readdir(store)) {
      if (used.has(`sha256:${hex}`)) continue;
      // A pull or build that goes on now has blobs that nothing names yet.
      const { mtimeMs } = await stat(join(store, hex));
      if (clock.now() - mtimeMs > KEEP_UNNAMED_MS) await rm(join(store, hex), { force: true });
    }
    await layers.keep(new Set(images.flatMap((image) => image.layers.map(({ diffId }) => diffId))), clock.now() - KEEP_UNNAMED_MS);
  }

  async function pull(reference: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<ImageInfo> {
    const parsed = parse(reference);
    try {
      const { manifest, manifestDigest, repoDigest } = await pullBlobs({ reference: parsed, auth, blobs, clock, signal });
      const size = (await blobs.read(manifestDigest)).length;
      await name({ mediaType: manifest.mediaType ?? MANIFEST, digest: manifestDigest, size }, [parsed.full], repoDigest);
      return await info(await must(manifest.config.digest), parsed.full);
    } catch (error) {
      signal.throwIfAborted();
      const wayOut = (await find(reference)) ? '' : `. No local image has this name; "coracle build -t ${familiar(parsed.full)} DIRECTORY" or "coracle load-image" would make it one`;
      throw new ImageError('ErrImagePull', `failed to pull and unpack image "${parsed.full}": ${(error as Error).message}${wayOut}`);
    }
  }

  return {
    pull,
    async status(reference) {
      const image = await find(reference);
      return image && info(image, /^(sha256:)?[a-f0-9]{64}$/.test(reference) ? undefined : parse(reference).full);
    },
    list: async () => Promise.all((await all()).map((image) => info(image))),
    async resolveUser(image, user) {
      const view = await viewOf(await must(image.id));
      return resolveUser(user, (await view.text('/etc/passwd')) ?? '', (await view.text('/etc/group')) ?? '');
    },
    async build(request) {
      const names = request.tags.map((tag) => parse(tag).full);
      // With its parser a part of the program that a cluster which only runs images never reads.
      const { buildImage } = await import('./build.ts');
      const { config, layers: parts } = await buildImage(request, { directory, clock, blobs, layers, workshop, find, pull: async (reference) => must((await pull(reference, undefined, request.signal ?? new AbortController().signal)).id) });
      return info(await put(config, parts, names), names[0]);
    },
    async tag(source, target) {
      const image = await must(source);
      await name(image.manifest, [parse(target).full], image.repoDigests[0]);
    },
    async remove(reference) {
      const image = await must(reference);
      const byId = /^(sha256:)?[a-f0-9]{64}$/.test(reference);
      const wanted = byId ? undefined : parse(reference).full;
      const gone = image.names.filter((each) => wanted === undefined || each === wanted || image.repoDigests.includes(wanted));
      await index.update((entries) => entries.filter(({ digest, annotations }) => digest !== image.manifest.digest || (!byId && !gone.includes(annotations?.[REF_NAME] ?? ''))));
      const last = gone.length === image.names.length;
      if (last) await collectGarbage();
      return [...gone.map((each) => `Untagged: ${each}`), ...(last ? [`Deleted: ${image.id}`] : [])];
    },
    async save(references) {
      const chosen = await Promise.all(references.map(must));
      const archive = pack();
      const add = (path: string, body: Buffer) => new Promise<void>((resolve, reject) => archive.entry({ name: path, mode: 0o644 }, body, (error) => (error ? reject(error) : resolve())));
      const write = async () => {
        await add('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
        const written = new Set<string>();
        for (const image of chosen) {
          for (const digest of [image.manifest.digest, image.id, ...image.layers.map(({ descriptor }) => descriptor.digest)]) {
            if (written.has(digest)) continue;
            written.add(digest);
            await addFile(archive, `blobs/sha256/${digest.slice(7)}`, blobs.path(digest));
          }
        }
        const manifests = chosen.flatMap((image, at) => [{ ...image.manifest, annotations: { [REF_NAME]: nameFor(image, references[at]!), 'io.containerd.image.name': nameFor(image, references[at]!) } }]);
        await add('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })));
        // What `docker load` of older versions reads.
        await add('manifest.json', Buffer.from(JSON.stringify(chosen.map((image, at) => ({ Config: `blobs/sha256/${image.id.slice(7)}`, RepoTags: [nameFor(image, references[at]!)], Layers: image.layers.map(({ descriptor }) => `blobs/sha256/${descriptor.digest.slice(7)}`) })))));
        archive.finalize();
      };
      write().catch((error: Error) => archive.destroy(error));
      return Readable.from(archive);
    },
    load: (archive) => loadArchive(archive, { blobs, put, name }),
    close: workshop.close,
  };

  function nameFor(image: StoredImage, reference: string): string {
    const full = /^(sha256:)?[a-f0-9]{64}$/.test(reference) ? undefined : parse(reference).full;
    return full ?? image.names[0] ?? image.id;
  }
}

function groupByDigest(entries: readonly Descriptor[]): Map<string, Descriptor[]> {
  const groups = new Map<string, Descriptor[]>();
  for (const entry of entries) groups.set(entry.digest, [...(groups.get(entry.digest) ?? []), entry]);
  return groups;
}

async function stored(blobs: Blobs, entries: readonly Descriptor[]): Promise<StoredImage> {
  const [manifest] = entries as [Descriptor];
  const { config: described, layers } = await blobs.json<Manifest>(manifest.digest);
  const config = await blobs.json<OciConfig>(described.digest);
  const names = entries.map(({ annotations }) => annotations?.[REF_NAME] ?? '').filter((each) => each !== '' && each !== described.digest);
  return {
    id: described.digest,
    manifest,
    names,
    repoDigests: [...new Set(entries.map(({ annotations }) => annotations?.[REPO_DIGEST]).filter((each) => each !== undefined))],
    config,
    layers: layers.map((descriptor, at) => ({ descriptor, diffId: config.rootfs.diff_ids[at] ?? descriptor.digest })),
    sizeBytes: layers.reduce((sum, { size }) => sum + size, described.size + manifest.size),
  };
}

async function addFile(archive: ReturnType<typeof pack>, path: string, source: string): Promise<void> {
  const { size } = await stat(source);
  await new Promise<void>((resolve, reject) => {
    const entry = archive.entry({ name: path, mode: 0o644, size }, (error) => (error ? reject(error) : resolve()));
    const copy = async () => {
      for await (const chunk of createReadStream(source)) if (!entry.write(chunk)) await new Promise<void>((drained) => void entry.once('drain', drained));
      entry.end(undefined);
    };
    copy().catch(reject);
  });
}

/** Both forms: an OCI layout (index.json) and docker's (manifest.json naming files). */
async function loadArchive(
  archive: Readable,
  store: { blobs: Blobs; put: (config: OciConfig, layers: readonly Layer[], names: readonly string[]) => Promise<StoredImage>; name: (manifest: Descriptor, names: readonly string[]) => Promise<void> },
): Promise<readonly string[]> {
  const files = new Map<string, Descriptor>();
  const reader = extract();
  archive.on('error', (error: Error) => reader.destroy(error)).pipe(reader as unknown as NodeJS.WritableStream);
  for await (const entry of reader) {
    if (entry.header.type === 'file') {
      const written = await store.blobs.write(entry as unknown as AsyncIterable<Buffer>);
      files.set(entry.header.name.replace(/^\.\//, ''), { mediaType: 'application/octet-stream', ...written });
    } else if (entry.header.type === 'symlink' && entry.header.linkname) {
      // docker save links layers that images share.
      const target = files.get(join(entry.header.name, '..', entry.header.linkname));
      if (target) files.set(entry.header.name, target);
    }
    entry.resume();
  }
  const json = async <T>(name: string): Promise<T | undefined> => {
    const file = files.get(name);
    return file && store.blobs.json<T>(file.digest);
  };
  const docker = await json<{ Config: string; RepoTags: string[] | null; Layers: string[] }[]>('manifest.json');
  const names: string[] = [];
  for (const image of docker ?? []) {
    const config = await json<OciConfig>(image.Config);
    const parts = image.Layers.map((path) => files.get(path));
    if (!config || parts.some((part) => part === undefined)) throw new Error('the archive lacks parts of its image');
    const tags = (image.RepoTags ?? []).map((tag) => parseReference(tag).full);
    await store.put(config, parts.map((part, at) => ({ descriptor: { ...part!, mediaType: 'application/vnd.oci.image.layer.v1.tar' }, diffId: config.rootfs.diff_ids[at] ?? part!.digest })), tags);
    names.push(...tags);
  }
  if (docker) return names;
  const oci = await json<{ manifests: Descriptor[] }>('index.json');
  if (!oci) throw new Error('neither an OCI layout nor a docker archive: index.json and manifest.json are missing');
  for (const descriptor of oci.manifests) {
    if (!(await store.blobs.has(descriptor.digest))) throw new Error(`the archive lacks ${descriptor.digest}`);
    const tag = descriptor.annotations?.['io.containerd.image.name'] ?? descriptor.annotations?.[REF_NAME];
    const full = tag ? parseReference(tag).full : descriptor.digest;
    await store.name(descriptor, [full]);
    names.push(full);
  }
  return names;
}
