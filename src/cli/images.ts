import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { load as loadYaml } from 'js-yaml';
import { Pods } from '../api/kinds/core/pod.ts';
import type { Pod } from '../api/types/core.v1.ts';
import { realClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { imageDirectory } from '../cluster/nodes.ts';
import type { BuildProgress } from '../kubelet/images/build.ts';
import { openImages, type Images } from '../kubelet/images/images.ts';
import pc from './colors.ts';
import { connect } from './connect.ts';
import { podsThatNeed } from './image-use.ts';
import { columns, sizeText } from './output.ts';
import { place, type Place, type PlaceOptions } from './place.ts';

export interface BuildCommandOptions extends PlaceOptions {
  readonly tag: readonly string[];
  readonly file?: string;
  readonly buildArg: readonly string[];
  readonly target?: string;
  readonly base?: string;
  readonly baseImages?: string;
  readonly cache: boolean;
  readonly quiet?: boolean;
}

/** `coracle build`. */
export async function build(context: string, options: BuildCommandOptions): Promise<void> {
  if (options.base !== undefined && options.base !== 'host') throw new Error(`--base ${options.base}: only "host" is known`);
  const directory = resolve(context);
  if (!existsSync(directory)) throw new Error(`${context}: no such directory`);
  const file = options.file === undefined ? undefined : resolve(options.file);
  await withImages(options, async (images) => {
    const image = await images.build({
      context: directory,
      ...(file !== undefined && { dockerfile: readFileSync(file, 'utf8') }),
      tags: options.tag,
      buildArgs: Object.fromEntries(options.buildArg.map(buildArgument)),
      target: options.target,
      ...(options.base === 'host' && { base: 'host' as const }),
      ...(options.baseImages !== undefined && { baseMapping: readMapping(options.baseImages) }),
      noCache: !options.cache,
      ...(!options.quiet && { onProgress: showProgress }),
    });
    process.stdout.write(options.quiet ? `${image.id}\n` : `${pc.green('Built')} ${image.id.slice(0, 19)}${options.tag.length > 0 ? ` as ${pc.bold(options.tag.join(', '))}` : ''}\n`);
  });
}

/** A step is told when it begins, and once more when it turns out to be cached. */
function showProgress({ kind, step, steps, text }: BuildProgress): void {
  if (kind === 'cached') process.stdout.write(`  ${pc.dim('cached')}\n`);
  else if (kind === 'step') process.stdout.write(`${pc.dim(`[${step}/${steps}]`)} ${text}\n`);
  else process.stdout.write(`${kind === 'note' ? pc.yellow('! ') : '  '}${text}\n`);
}

/** `NAME=value`, or `NAME` alone for the environment's value, as docker has it. */
function buildArgument(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, process.env[text] ?? ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** A YAML file of `pattern: image or host`. */
function readMapping(file: string): Record<string, string> {
  const value = loadYaml(readFileSync(file, 'utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.values(value).some((v) => typeof v !== 'string')) throw new Error(`${file}: write it as lines of \`python:*: host\``);
  return value as Record<string, string>;
}

/** `coracle images`. */
export async function list(options: PlaceOptions & { output: string }): Promise<void> {
  if (options.output !== 'table' && options.output !== 'json') throw new Error(`-o ${options.output}: it is table or json`);
  await withKnownImages(options, async (images) => {
    const all = await images.list();
    if (options.output === 'json') {
      process.stdout.write(`${JSON.stringify(all.map(({ id, names, sizeBytes, host }) => ({ id, names, sizeBytes, host })))}\n`);
      return;
    }
    const rows = all.flatMap((image) => (image.names.length > 0 ? image.names : ['<none>:<none>']).map((name) => {
      const colon = name.lastIndexOf(':');
      return [name.slice(0, colon), name.slice(colon + 1), image.id.replace('sha256:', '').slice(0, 12), sizeText(image.sizeBytes), image.host ? 'host' : ''];
    }));
    process.stdout.write(`${columns([['REPOSITORY', 'TAG', 'IMAGE ID', 'SIZE', 'BASE'], ...rows])}\n`);
  });
}

/** `coracle rmi`: refuses what pods of the running cluster need. */
export async function remove(references: readonly string[], options: PlaceOptions & { force?: boolean }): Promise<void> {
  const where = place(options);
  const pods = options.force || !where.running() ? [] : await podsOf(where);
  await withKnownImages(options, async (images) => {
    for (const reference of references) {
      const image = await images.status(reference);
      const users = image ? podsThatNeed(reference, image, pods) : [];
      if (users.length > 0) throw new Error(`image ${reference} is used by ${users.length === 1 ? 'pod' : 'pods'} ${users.join(', ')}: delete ${users.length === 1 ? 'it' : 'them'} first, or remove the image all the same with --force`);
      process.stdout.write(`${(await images.remove(reference)).join('\n')}\n`);
    }
  });
}

async function podsOf(where: Place): Promise<readonly Pod[]> {
  const client = connect(where);
  try {
    return (await client.list(Pods)).items;
  } finally {
    await client.close();
  }
}

/** `coracle tag`. */
export async function tag(source: string, target: string, options: PlaceOptions): Promise<void> {
  await withKnownImages(options, (images) => images.tag(source, target));
}

/** `coracle pull`. */
export async function pull(reference: string, options: PlaceOptions): Promise<void> {
  await withImages(options, async (images) => {
    const image = await images.pull(reference, undefined, new AbortController().signal);
    process.stdout.write(`${image.reference} ${image.id}\n`);
  });
}

/** `coracle save`. */
export async function save(references: readonly string[], options: PlaceOptions & { output?: string }): Promise<void> {
  if (options.output === undefined && process.stdout.isTTY) throw new Error('refusing to write an archive to the terminal: give -o FILE, or redirect');
  await withKnownImages(options, async (images) => pipeline(await images.save(references), options.output === undefined ? process.stdout : createWriteStream(options.output)));
}

/** `coracle load-image`. */
export async function loadArchive(options: PlaceOptions & { input?: string }): Promise<void> {
  await withImages(options, async (images) => {
    for (const name of await images.load(options.input === undefined ? process.stdin : createReadStream(options.input))) process.stdout.write(`Loaded image: ${name}\n`);
  });
}

/** The images of a cluster that was made before; a mistyped name is told, and makes nothing. */
async function withKnownImages<T>(options: PlaceOptions, act: (images: Images) => Promise<T>): Promise<T> {
  const where = place(options);
  if (!existsSync(where.directory)) throw new Error(`there is no cluster "${where.name}" (no ${where.directory}): name the one that is meant with --name or --data-dir, or make it with \`${where.start}\``);
  return withImages(options, act);
}

async function withImages<T>(options: PlaceOptions, act: (images: Images) => Promise<T>): Promise<T> {
  const where = place(options);
  mkdirSync(where.directory, { recursive: true, mode: 0o711 });
  const images = await openImages({ directory: imageDirectory(where.directory), cgroupRoot: `coracle-${where.name}-build-${process.pid}`, clock: realClock(), random: systemRandom() });
  try {
    return await act(images);
  } finally {
    await images.close();
  }
}
