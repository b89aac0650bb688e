import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Blobs } from './blobs.ts';
import { BASE_LABEL, DEFAULT_PATH, isHostBased } from './config.ts';
import type { OciConfig, OciRunConfig } from './config.ts';
import { collect, copyInto, fingerprint } from './copy.ts';
import { DockerfileError, expand, parseDockerfile, words } from './dockerfile.ts';
import type { Step } from './dockerfile.ts';
import { globMatcher, ignoreFilter } from './ignore.ts';
import type { StoredImage } from './images.ts';
import type { Layer, Layers } from './layers.ts';
import { mergedView } from './merged.ts';
import type { MergedView } from './merged.ts';
import { familiar, parseReference } from '../../base/image-reference.ts';
import { runMounts, runScript } from './run-step.ts';
import { duration, keyValues } from './settings.ts';
import { resolveUser } from './users.ts';
import type { Workshop } from './workshop.ts';

export interface BuildOptions {
  /** The directory that COPY and ADD read. */
  readonly context: string;
  /** The Dockerfile's text; default: the context's `Dockerfile`. */
  readonly dockerfile?: string;
  readonly tags: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Stop at this stage. */
  readonly target?: string;
  /** `host`: bases that are not in the store are the host's own file system. */
  readonly base?: 'host';
  /** Base images by pattern: `{'python:*': 'host'}`, or another image. Wins over the store. */
  readonly baseMapping?: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
}

export interface BuildProgress {
  readonly kind: 'step' | 'cached' | 'output' | 'note';
  readonly line: number;
  readonly step: number;
  readonly steps: number;
  readonly text: string;
}

export interface BuildWorld {
  readonly directory: string;
  readonly clock: Clock;
  readonly blobs: Blobs;
  readonly layers: Layers;
  readonly workshop: Workshop;
  readonly find: (reference: string) => Promise<StoredImage | undefined>;
  readonly pull: (reference: string) => Promise<StoredImage>;
}

interface Stage {
  readonly name: string | undefined;
  config: OciRunConfig;
  layers: Layer[];
  history: NonNullable<OciConfig['history']>[number][];
  /** Of everything that made it what it is. */
  key: string;
  /** It has a CMD of its own. */
  hasCommand: boolean;
  /** ARG values in scope. */
  readonly args: Map<string, string | undefined>;
}

const PREDEFINED = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'FTP_PROXY', 'ftp_proxy', 'NO_PROXY', 'no_proxy', 'ALL_PROXY', 'all_proxy'];
const LAST_LINES = 20;

/** Executes a Dockerfile; what comes out has no name yet. Rejects with DockerfileError. */
export async function buildImage(options: BuildOptions, world: BuildWorld): Promise<{ config: OciConfig; layers: readonly Layer[] }> {
  const steps = parseDockerfile(options.dockerfile ?? (await ownDockerfile(options.context)));
  const isIgnored = ignoreFilter(await readFile(join(options.context, '.dockerignore'), 'utf8').catch(() => ''));
  const context = mergedView([{ directory: resolve(options.context), opaque: new Set() }]);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const globals = new Map<string, string | undefined>(Object.entries({ BUILDPLATFORM: `linux/${architecture}`, TARGETPLATFORM: `linux/${architecture}`, TARGETOS: 'linux', TARGETARCH: architecture, BUILDOS: 'linux', BUILDARCH: architecture }));
  const stages: Stage[] = [];
  // Of every stage, also of those behind the target; a trigger of a base image adds its own.
  const declared = new Set(steps.filter(({ keyword }) => keyword === 'ARG').flatMap(({ text }) => words(text).map((word) => word.replace(/=.*/s, ''))));
  let stage: Stage | undefined;
  let at = 0;

  const tell = (kind: BuildProgress['kind'], line: number, message: string) => options.onProgress?.({ kind, line, step: at, steps: steps.length, text: message });
  for (const step of steps) {
    at++;
    options.signal?.throwIfAborted();
    try {
      if (step.keyword === 'FROM') {
        if (stage && options.target !== undefined && isTarget(stage, stages.length - 1)) break;
        tell('step', step.line, `FROM ${step.text}`);
        stage = await from(step);
        stages.push(stage);
        await triggers(step, stage);
      } else if (!stage) declareArg(step, globals, (value) => expand(value, (name) => globals.get(name)));
      else {
        tell('step', step.line, `${step.keyword} ${step.text}`);
        await execute(step, stage);
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error instanceof DockerfileError ? error : new DockerfileError(step.line, (error as Error).message);
    }
  }
  if (!stage || (options.target !== undefined && !isTarget(stage, stages.length - 1))) throw new Error(`target stage "${options.target}" could not be found`);
  const unused = Object.keys(options.buildArgs ?? {}).filter((name) => !declared.has(name) && !PREDEFINED.includes(name)).sort();
  if (unused.length > 0) tell('note', steps.at(-1)!.line, `[Warning] One or more build-args [${unused.join(' ')}] were not consumed`);
  return {
    config: {
      architecture,
      os: 'linux',
      created: new Date(world.clock.now()).toISOString(),
      config: stage.config,
      rootfs: { type: 'layers', diff_ids: stage.layers.map(({ diffId }) => diffId) },
      history: stage.history,
    },
    layers: stage.layers,
  };

  function isTarget(candidate: Stage, index: number): boolean {
    return candidate.name === options.target?.toLowerCase() || String(index) === options.target;
  }

  /** What the base image asked for with ONBUILD is done first, once, and not handed on. */
  async function triggers({ line }: Step, current: Stage): Promise<void> {
    const { OnBuild: wanted = [], ...rest } = current.config;
    current.config = rest;
    for (const text of wanted) {
      for (const step of parseDockerfile(`FROM scratch\n${text}`).slice(1)) {
        tell('step', line, `ONBUILD ${text}`);
        await execute({ ...step, line }, current);
      }
    }
  }

  async function from(step: Step): Promise<Stage> {
    const parts = words(step.text).map((word) => expand(word, (name) => globals.get(name)));
    const [image = '', as, alias] = parts;
    if (image === '' || (parts.length !== 1 && !(parts.length === 3 && as?.toLowerCase() === 'as'))) throw new Error('FROM requires either one or three arguments');
    for (const [flag] of step.flags) {
      if (flag !== 'platform') throw new Error(`unknown flag: --${flag}`);
      tell('note', step.line, `--platform is ignored: images are built for linux/${architecture}`);
    }
    const fresh = { name: alias?.toLowerCase(), args: new Map<string, string | undefined>(), hasCommand: false };
    const earlier = stages.find(({ name }) => name !== undefined && name === image.toLowerCase());
    if (earlier) return { ...fresh, config: { ...earlier.config }, layers: [...earlier.layers], history: [...earlier.history], key: earlier.key };
    if (image === 'scratch') return { ...fresh, config: { Env: [`PATH=${DEFAULT_PATH}`] }, layers: [], history: [], key: 'scratch' };
    const base = await baseImage(image, step);
    if (base === 'host') {
      tell('note', step.line, `${image} stands on this machine's own file system (copy-on-write), not on the image of that name`);
      const config = { Env: [`PATH=${hostPath()}`], Labels: { [BASE_LABEL]: 'host', [`${BASE_LABEL}.replaces`]: image }, Cmd: ['/bin/sh'] };
      return { ...fresh, config, layers: [], history: [{ created_by: `host file system in place of ${image}`, empty_layer: true }], key: `host ${image}` };
    }
    return { ...fresh, config: { ...base.config.config }, layers: [...base.layers], history: [...(base.config.history ?? [])], key: base.id };
  }

  async function baseImage(image: string, step: Step): Promise<StoredImage | 'host'> {
    const { full } = parseReference(image);
    const short = familiar(full);
    const mapped = Object.entries(options.baseMapping ?? {}).find(([pattern]) => [image, short, full].some(globMatcher(pattern)));
    if (mapped?.[1] === 'host') return 'host';
    const wanted = mapped?.[1] ?? image;
    const local = await world.find(wanted);
    if (local) return local;
    if (options.base === 'host') return 'host';
    tell('note', step.line, `pulling ${familiar(parseReference(wanted).full)}`);
    try {
      return await world.pull(wanted);
    } catch (error) {
      throw new Error(`base image ${wanted} is not in the local store and could not be pulled: ${(error as Error).message}. Or build on this machine's own file system: --base host, or a line "${short.replace(/:.*/, ':*')}: host" in the file of --base-images`, { cause: error });
    }
  }

  function declareArg(step: Step, scope: Map<string, string | undefined>, value: (text: string) => string): void {
    for (const word of words(step.text)) {
      const [, name = '', given] = /^([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
      declared.add(name);
      const fallback = scope === globals ? undefined : globals.get(name);
      scope.set(name, options.buildArgs?.[name] ?? (given === undefined ? fallback : value(given)));
    }
  }

  function variablesOf(current: Stage): (name: string) => string | undefined {
    const env = new Map((current.config.Env ?? []).map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const));
    // What ENV sets wins over ARG (Dockerfile reference, "Using ARG variables").
    return (name) => env.get(name) ?? current.args.get(name) ?? (PREDEFINED.includes(name) ? options.buildArgs?.[name] : undefined);
  }

  async function viewOf(current: { config: OciRunConfig; layers: readonly Layer[] }): Promise<MergedView> {
    const own = await Promise.all(current.layers.map(world.layers.view));
    return mergedView([...own.reverse(), ...(isHostBased({ config: current.config } as OciConfig) ? await world.workshop.hostViews() : [])]);
  }

  async function execute(step: Step, current: Stage): Promise<void> {
    const variables = variablesOf(current);
    const value = (raw: string) => expand(raw, variables);
    const set = (change: Partial<OciRunConfig>) => {
      current.config = { ...current.config, ...change };
      current.key = digestOf(current.key, step.keyword, JSON.stringify(change));
      current.history.push({ created_by: `${step.keyword} ${step.text}`, empty_layer: true });
    };
    const command = () => step.json ?? [...(current.config.Shell ?? ['/bin/sh', '-c']), step.text];
    switch (step.keyword) {
      case 'ARG':
        declareArg(step, current.args, value);
        return;
      case 'ENV': {
        const env = new Map((current.config.Env ?? []).map((entry) => [entry.slice(0, entry.indexOf('=')), entry] as const));
        for (const [name, raw] of keyValues(step.text)) env.set(value(name), `${value(name)}=${value(raw)}`);
        return set({ Env: [...env.values()] });
      }
      case 'LABEL':
        return set({ Labels: { ...current.config.Labels, ...Object.fromEntries(keyValues(step.text).map(([name, raw]) => [value(name), value(raw)])) } });
      case 'MAINTAINER':
        return set({ Labels: { ...current.config.Labels, maintainer: step.text } });
      case 'EXPOSE':
        return set({ ExposedPorts: { ...current.config.ExposedPorts, ...Object.fromEntries(words(value(step.text)).map((port) => [exposedPort(port), {}])) } });
      case 'USER':
        return set({ User: value(step.text) });
      case 'STOPSIGNAL':
        return set({ StopSignal: value(step.text) });
      case 'VOLUME':
        return set({ Volumes: { ...current.config.Volumes, ...Object.fromEntries((step.json ?? words(step.text)).map((path) => [value(path), {}])) } });
      case 'SHELL':
        if (!step.json) throw new Error('SHELL requires the arguments to be in JSON form');
        return set({ Shell: step.json });
      case 'CMD':
        current.hasCommand = true;
        return set({ Cmd: command() });
      case 'ENTRYPOINT':
        // A base image's CMD was meant for the base image's ENTRYPOINT.
        return set({ Entrypoint: command(), Cmd: current.hasCommand ? current.config.Cmd : undefined });
      case 'HEALTHCHECK':
        return set({ Healthcheck: healthcheck(step) });
      case 'ONBUILD': {
        const keyword = /^\S*/.exec(step.text)![0].toUpperCase();
        if (['', 'FROM', 'MAINTAINER', 'ONBUILD'].includes(keyword)) throw new Error(keyword === 'ONBUILD' ? "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed" : keyword === '' ? 'ONBUILD requires at least one argument' : `${keyword} isn't allowed as an ONBUILD trigger`);
        return set({ OnBuild: [...(current.config.OnBuild ?? []), step.text] });
      }
      case 'WORKDIR': {
        const path = posix.resolve('/', current.config.WorkingDir ?? '/', value(step.text));
        set({ WorkingDir: path });
        const view = await viewOf(current);
        if (await view.lookup(await view.resolve(path))) return;
        return layer(step, current, [], async (draft) => {
          await copyInto({ base: view, draft, items: [], destination: `${path}/`, owner: undefined, mode: undefined });
          return [];
        });
      }
      case 'COPY':
      case 'ADD':
        return copy(step, current, value, variables);
      case 'RUN':
        return run(step, current);
      default:
        throw new Error(`unknown instruction: ${step.keyword}`);
    }
  }

  function healthcheck(step: Step): OciRunConfig['Healthcheck'] {
    if (/^none$/i.test(step.text)) return { Test: ['NONE'] };
    const test = /^CMD\s+(.*)$/is.exec(step.text)?.[1];
    if (test === undefined) throw new Error(`unknown type ${JSON.stringify(step.text.split(' ')[0])} in HEALTHCHECK (try CMD)`);
    const json = test.startsWith('[') ? (JSON.parse(test) as string[]) : undefined;
    const flag = (name: string) => step.flags.find(([each]) => each === name)?.[1];
    const retries = flag('retries');
    return {
      Test: json ? ['CMD', ...json] : ['CMD-SHELL', test],
      Interval: duration(flag('interval')),
      Timeout: duration(flag('timeout')),
      StartPeriod: duration(flag('start-period')),
      Retries: retries === undefined ? undefined : Number(retries),
    };
  }

  /** Makes a layer, or takes it from the cache when the same was made from the same. */
  async function layer(step: Step, current: Stage, inputs: readonly string[], make: (draft: string) => Promise<readonly string[]>): Promise<void> {
    current.key = digestOf(current.key, step.keyword, step.text, JSON.stringify(step.flags), ...step.heredocs.map(({ content }) => content), ...inputs);
    const file = join(world.directory, 'cache', `${current.key}.json`);
    const cached = options.noCache ? undefined : await readFile(file, 'utf8').then((json) => JSON.parse(json) as Layer | null, () => undefined);
    const usable = cached === null || (cached !== undefined && (await world.blobs.has(cached.descriptor.digest)));
    let made: Layer | undefined;
    if (usable) {
      tell('cached', step.line, `${step.keyword} ${step.text}`);
      made = cached ?? undefined;
    } else {
      const draft = await world.layers.draft();
      try {
        made = await world.layers.commit(draft, await make(draft));
      } catch (error) {
        await rm(draft, { recursive: true, force: true });
        throw error;
      }
      await mkdir(join(world.directory, 'cache'), { recursive: true, mode: 0o700 });
      await writeFile(file, JSON.stringify(made ?? null), { mode: 0o600 });
    }
    if (made) current.layers.push(made);
    current.history.push({ created: new Date(world.clock.now()).toISOString(), created_by: `${step.keyword} ${step.text}`, ...(made ? {} : { empty_layer: true }) });
  }

  async function copy(step: Step, current: Stage, value: (raw: string) => string, variables: (name: string) => string | undefined): Promise<void> {
    const flags = new Map(step.flags.map(([name, raw]) => [name, value(raw)]));
    for (const name of flags.keys()) if (!['from', 'chown', 'chmod', 'link'].includes(name)) throw new Error(`--${name} is not supported`);
    const parts = (step.json ?? words(step.text)).map(value);
    const destination = parts.pop();
    const sources = parts.filter((part) => !/^<<-?["']?\w+["']?$/.test(part));
    if (destination === undefined || sources.length + step.heredocs.length === 0) throw new Error(`${step.keyword} requires at least two arguments, but only ${parts.length} was provided. Destination could not be determined`);
    const fromStage = flags.get('from');
    const origin = fromStage === undefined ? { view: context, skip: isIgnored } : { view: await originOf(fromStage), skip: () => false };
    const base = await viewOf(current);
    // A user by name brings its own group, one by number the group of that number (buildkit's readUser).
    const chown = flags.get('chown');
    const owner = chown === undefined ? undefined : resolveUser(/^\d+$/.test(chown) ? `${chown}:${chown}` : chown, (await base.text('/etc/passwd')) ?? '', (await base.text('/etc/group')) ?? '');
    const mode = flags.get('chmod');
    if (mode !== undefined && !/^[0-7]{3,4}$/.test(mode)) throw new Error(`invalid chmod parameter: '${mode}'. it should be octal string and between 0 and 07777`);
    const items = [
      ...(await collect(origin.view, origin.skip, sources, step.keyword === 'ADD')),
      ...step.heredocs.map(({ name, content, expand: wanted }) => ({ kind: 'bytes' as const, name, bytes: Buffer.from(wanted ? expand(content, variables, { quotes: false }) : content) })),
    ];
    const target = posix.resolve('/', current.config.WorkingDir ?? '/', destination) + (/(^|\/)\.?$/.test(destination) ? '/' : '');
    await layer(step, current, [await fingerprint(items), target, JSON.stringify(owner ?? null)], async (draft) => {
      await copyInto({ base, draft, items, destination: target, owner, mode: mode === undefined ? undefined : Number.parseInt(mode, 8) });
      return [];
    });
  }

  async function originOf(name: string): Promise<MergedView> {
    const index = Number(name);
    const found = stages.find((each) => each.name === name.toLowerCase()) ?? (Number.isInteger(index) ? stages[index] : undefined);
    if (found) return viewOf(found);
    const image = (await world.find(name)) ?? (await world.pull(name));
    return viewOf({ config: image.config.config ?? {}, layers: image.layers });
  }

  async function run(step: Step, current: Stage): Promise<void> {
    const args = [...current.args].filter((entry): entry is [string, string] => entry[1] !== undefined);
    const proxies = PREDEFINED.flatMap((name) => (options.buildArgs?.[name] === undefined ? [] : [[name, options.buildArgs[name]] as const]));
    const env = [...proxies, ...args, ...(current.config.Env ?? []).map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const)];
    const command = step.json ?? [...(current.config.Shell ?? ['/bin/sh', '-c']), runScript(step)];
    const mounts = await runMounts(step, { cache: join(world.directory, 'cache-mounts'), context: resolve(options.context), expand: (raw) => expand(raw, variablesOf(current)) });
    await layer(step, current, [JSON.stringify(args), JSON.stringify(command)], async (draft) => {
      const view = await viewOf(current);
      const user = resolveUser(current.config.User ?? '', (await view.text('/etc/passwd')) ?? '', (await view.text('/etc/group')) ?? '');
      const lines: string[] = [];
      const { exitCode, opaque } = await world.workshop.run({
        layers: await Promise.all(current.layers.map(world.layers.ensure)),
        host: isHostBased({ config: current.config } as OciConfig),
        command, env, mounts, user, draft,
        workingDir: current.config.WorkingDir ?? '/',
        signal: options.signal,
        onOutput: (line) => {
          lines.push(line);
          if (lines.length > LAST_LINES) lines.shift();
          tell('output', step.line, line);
        },
      });
      if (exitCode !== 0) throw new Error(`process "${command.join(' ')}" did not complete successfully: exit code: ${exitCode}${lines.map((line) => `\n  ${line}`).join('')}`);
      return opaque;
    });
  }
}

async function ownDockerfile(context: string): Promise<string> {
  try {
    return await readFile(join(context, 'Dockerfile'), 'utf8');
  } catch (error) {
    throw new Error(`failed to read dockerfile: open ${join(context, 'Dockerfile')}: no such file or directory`, { cause: error });
  }
}

function exposedPort(port: string): string {
  const [number = '', protocol = 'tcp'] = port.split('/');
  if (!/^\d+(-\d+)?$/.test(number) || !['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) throw new Error(`invalid containerPort: ${port}`);
  return `${number}/${protocol.toLowerCase()}`;
}

/** The usual path; and where this Node is, when it is somewhere else, for that is the one program that is surely there. */
function hostPath(): string {
  const own = posix.dirname(process.execPath);
  return DEFAULT_PATH.split(':').includes(own) ? DEFAULT_PATH : `${DEFAULT_PATH}:${own}`;
}

function digestOf(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}
