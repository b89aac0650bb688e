/** A small API over the memory store and a pod runner on the virtual clock, for this room's tests alone. */
import { alreadyExists, isReason, modified, notFound } from '../api/errors.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { apiVersionOf, groupResource, type KubeObject, type ResourceType } from '../api/object.ts';
import type { Pod } from '../api/types/core.v1.ts';
import { parseLabelSelector, matchesLabels } from '../api/selectors.ts';
import { virtualClock, type Clock, type VirtualClock } from '../base/clock.ts';
import { seededRandom, type Random } from '../base/random.ts';
import type { Client, RawRequest, RawResponse } from '../client/client.ts';
import { createRecorder, informerFactory, type Component } from '../client/index.ts';
import { memoryStore } from '../store/index.ts';
import { WriteConflict } from '../store/store.ts';
import type { ControllerContext } from './context.ts';
import { controllerOf } from './ownership.ts';
import { rfc3339 } from './time.ts';

type Loose = KubeObject & { spec?: Record<string, unknown>; status?: Record<string, unknown> };

export interface Hooks {
  /** Refuses a creation by throwing. */
  onCreate?: (object: KubeObject) => void;
  raw?: (request: RawRequest) => RawResponse | undefined;
}

/** Kubernetes' API as far as the workload controllers lean on it: metadata, generations, status apart, graceful pod deletion, finalizers. */
export function testClient(clock: Clock, random: Random, hooks: Hooks = {}): Client & { objects<T extends KubeObject>(type: ResourceType<T>): T[] } {
  const store = memoryStore();
  const keyOf = (type: ResourceType, namespace: string | undefined, name: string) => `${groupResource(type)}/${type.namespaced ? namespace ?? 'default' : ''}/${name}`;
  const subject = (type: ResourceType) => ({ group: type.group, plural: type.plural });
  const read = (type: ResourceType, namespace: string | undefined, name: string) => {
    const entry = store.get(keyOf(type, namespace, name));
    if (!entry) throw notFound(subject(type), name);
    return entry;
  };
  const put = async (type: ResourceType, next: Loose, expected: number | undefined): Promise<KubeObject> => {
    const key = keyOf(type, next.metadata.namespace, next.metadata.name!);
    try {
      if (next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0 && (type.kind !== 'Pod' || next.metadata.deletionGracePeriodSeconds === 0)) {
        return (await store.delete(key)).object;
      }
      return (await store.update(key, next, expected)).object;
    } catch (error) {
      if (error instanceof WriteConflict) throw error.why === 'missing' ? notFound(subject(type), next.metadata.name!) : modified(subject(type), next.metadata.name!);
      throw error;
    }
  };
  const replace = async (type: ResourceType, object: Loose, subresource: string | undefined): Promise<KubeObject> => {
    const current = read(type, object.metadata.namespace, object.metadata.name!);
    const old = current.object as Loose;
    if (object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion !== old.metadata.resourceVersion) throw modified(subject(type), object.metadata.name!);
    const merged: Loose = subresource === 'status'
      ? { ...structuredClone(old), metadata: { ...structuredClone(old.metadata), annotations: structuredClone(object.metadata.annotations) }, status: structuredClone(object.status) }
      : { ...structuredClone(object), status: structuredClone(old.status), metadata: { ...structuredClone(object.metadata), uid: old.metadata.uid, deletionTimestamp: old.metadata.deletionTimestamp, generation: old.metadata.generation } };
    if (subresource !== 'status' && JSON.stringify(merged.spec) !== JSON.stringify(old.spec)) merged.metadata.generation = (old.metadata.generation ?? 0) + 1;
    if (JSON.stringify(clean(merged)) === JSON.stringify(clean(old))) return old;
    return put(type, clean(merged), current.revision);
  };
  const mergeInto = (target: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> => {
    for (const [name, value] of Object.entries(patch)) {
      if (name.startsWith('$deleteFromPrimitiveList/')) {
        const field = name.slice(name.indexOf('/') + 1);
        target[field] = ((target[field] as unknown[] | undefined) ?? []).filter((item) => !(value as unknown[]).includes(item));
      } else if (value === null) delete target[name];
      else if (Array.isArray(value) && name === 'ownerReferences') {
        for (const item of value as { $patch?: string; uid: string }[]) {
          const others = ((target[name] as { uid: string }[] | undefined) ?? []).filter((other) => other.uid !== item.uid);
          target[name] = item.$patch === 'delete' ? others : [...others, item];
        }
      } else if (Array.isArray(value) && name === 'finalizers') target[name] = [...new Set([...((target[name] as string[] | undefined) ?? []), ...value as string[]])];
      else if (typeof value === 'object' && !Array.isArray(value)) target[name] = mergeInto({ ...(target[name] as Record<string, unknown> | undefined) }, value as Record<string, unknown>);
      else target[name] = value;
    }
    return target;
  };

  const client: Client = {
    get: async (type, name, options) => read(type, options?.namespace, name).object as never,
    list: async (type, options) => {
      const range = store.list(`${groupResource(type)}/${options?.namespace ? `${options.namespace}/` : ''}`);
      const selector = options?.labelSelector === undefined ? undefined : parseLabelSelector(options.labelSelector);
      const items = range.entries.map((entry) => entry.object).filter((object) => !selector || matchesLabels(selector, object.metadata.labels));
      return { apiVersion: apiVersionOf(type), kind: `${type.kind}List`, metadata: { resourceVersion: String(range.revision) }, items } as never;
    },
    watch: (type, options, handler) => {
      const stop = store.watch(`${groupResource(type)}/`, Number(options.resourceVersion ?? store.revision), (event) => handler.event({ type: event.type, object: event.entry.object as never }));
      return { stop };
    },
    create: async (type, object, options) => {
      const { generateName, ...metadata } = object.metadata;
      const name = metadata.name ?? `${generateName}${random.suffix(5)}`;
      const made = clean({
        ...structuredClone(object), apiVersion: apiVersionOf(type), kind: type.kind,
        metadata: { ...structuredClone(metadata), ...(generateName && { generateName }), name, ...(type.namespaced && { namespace: metadata.namespace ?? options?.namespace ?? 'default' }), uid: random.uuid(), creationTimestamp: rfc3339(clock.now()), generation: 1 },
      } as Loose);
      if (type.kind === 'Pod') made.status = { phase: 'Pending', qosClass: 'BestEffort' };
      hooks.onCreate?.(made);
      try {
        return (await store.create(keyOf(type, made.metadata.namespace, name), made)).object as never;
      } catch (error) {
        if (error instanceof WriteConflict) throw alreadyExists(subject(type), name);
        throw error;
      }
    },
    update: async (type, object, options) => (await replace(type, object as unknown as Loose, options?.subresource)) as never,
    patch: async (type, name, patch, options) => {
      if (patch.type === 'json' || patch.type === 'apply') throw new Error('not needed here');
      const current = read(type, options?.namespace, name).object;
      const next = mergeInto(structuredClone(current) as unknown as Record<string, unknown>, structuredClone(patch.body) as Record<string, unknown>);
      return (await replace(type, next as unknown as Loose, options?.subresource)) as never;
    },
    delete: async (type, name, options) => {
      const entry = read(type, options?.namespace, name);
      if (options?.preconditions?.uid !== undefined && options.preconditions.uid !== entry.object.metadata.uid) throw modified(subject(type), name);
      const next = structuredClone(entry.object) as Loose;
      const grace = type.kind === 'Pod' && (next.spec as { nodeName?: string }).nodeName !== undefined && !['Succeeded', 'Failed'].includes(String(next.status?.['phase'])) ? options?.gracePeriodSeconds ?? 30 : 0;
      if (next.metadata.deletionTimestamp !== undefined && grace !== 0) return entry.object as never;
      next.metadata.deletionTimestamp ??= rfc3339(clock.now() + grace * 1000);
      next.metadata.deletionGracePeriodSeconds = grace;
      return (await put(type, next, entry.revision)) as never;
    },
    deleteCollection: async () => {
      throw new Error('not needed here');
    },
    raw: async (request) => hooks.raw?.(request) ?? { status: 404, headers: {}, body: Buffer.from('{}') },
  };
  return { ...client, objects: <T extends KubeObject>(type: ResourceType<T>) => store.list(`${groupResource(type)}/`).entries.map((entry) => entry.object as T) };
}

/** Drops what JSON would not carry. */
const clean = (object: Loose): Loose => JSON.parse(JSON.stringify(object)) as Loose;

export interface Testbed {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly client: ReturnType<typeof testClient>;
  readonly context: ControllerContext;
  /** Everything that was recorded as an event: `time kind/name reason message`. */
  readonly log: string[];
  readonly errors: string[];
  start(...components: Component[]): Promise<void>;
  stop(): Promise<void>;
}

/** A clock, an API and a context for controllers; the same seed gives the same run. */
export function testbed(options: { seed?: number; hooks?: Hooks; workers?: number } = {}): Testbed {
  const clock = virtualClock();
  const random = seededRandom(options.seed ?? 1);
  const client = testClient(clock, random, options.hooks);
  const log: string[] = [];
  const errors: string[] = [];
  const components: Component[] = [];
  const informers = informerFactory(client, clock, random);
  const recorders = new Map<string, ReturnType<typeof createRecorder>>();
  const context: ControllerContext = {
    client, clock, random, informers,
    events: (component) => {
      const recorder = recorders.get(component) ?? createRecorder(client, clock, random, component);
      recorders.set(component, recorder);
      return {
        ...recorder,
        event: (about, type, reason, message, more) => {
          log.push(`${clock.monotonic()} ${about.kind}/${about.metadata.name} ${type} ${reason} ${message}`);
          recorder.event(about, type, reason, message, more);
        },
      };
    },
    options: { workers: options.workers ?? 5, onError: (controller, key, error) => errors.push(`${controller} ${key}: ${error instanceof Error ? error.message : String(error)}`) },
  };
  return {
    clock, random, client, context, log, errors,
    async start(...started) {
      components.push(...started);
      const ready = Promise.all(started.map((component) => component.start()));
      await clock.settle();
      await ready;
    },
    async stop() {
      informers.stop();
      for (const recorder of recorders.values()) recorder.stop();
      await Promise.all(components.map((component) => component.stop()));
    },
  };
}

export interface PodRunnerOptions {
  /** Until a new pod is Ready, in ms. undefined = never. */
  readonly readyMs?: (pod: Pod) => number | undefined;
  /** Until a pod that is asked to stop is gone, in ms. */
  readonly stopMs?: number;
  /** Ends a pod this long after it became Ready. */
  readonly ends?: (pod: Pod) => { readonly afterMs: number; readonly exitCode: number } | undefined;
  readonly nodes?: number;
}

/** Stands in for scheduler and kubelet: assigns, makes ready, ends and removes pods, on the virtual clock. */
export function podRunner(bed: Testbed, options: PodRunnerOptions = {}): Component {
  const { readyMs = () => 1000, stopMs = 100, ends, nodes = 10 } = options;
  const { client, clock } = bed;
  let turn = 0;
  const informer = bed.context.informers.informer(Pods);
  const seen = new Set<string>();
  const attempt = async (change: () => Promise<unknown>): Promise<void> => {
    try {
      await change();
    } catch (error) {
      if (isReason(error, 'Conflict')) return attempt(change);
      if (!isReason(error, 'NotFound')) throw error;
    }
  };
  const current = (pod: Pod) => informer.get(pod.metadata.namespace!, pod.metadata.name!);
  const same = (pod: Pod) => {
    const now = current(pod);
    return now?.metadata.uid === pod.metadata.uid ? now : undefined;
  };
  const setStatus = (pod: Pod, status: (now: Pod) => Pod['status']) => attempt(async () => {
    const now = same(pod);
    if (now) await client.update(Pods, { ...now, status: status(now) }, { subresource: 'status' });
  });
  const assign = async (pod: Pod) => {
    const node = wantedNode(pod) ?? `node-${turn++ % nodes}`;
    await attempt(async () => {
      const now = same(pod);
      if (now && !now.spec.nodeName) await client.update(Pods, { ...now, spec: { ...now.spec, nodeName: node } });
    });
    const wait = readyMs(pod);
    if (wait === undefined) return;
    clock.after(wait, () => void makeReady(pod));
  };
  const makeReady = async (pod: Pod) => {
    if (!same(pod) || same(pod)!.metadata.deletionTimestamp !== undefined) return;
    const at = rfc3339(clock.now());
    await setStatus(pod, (now) => ({ ...now.status, phase: 'Running', startTime: at, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at }], containerStatuses: now.spec.containers.map((c) => ({ name: c.name, ready: true, restartCount: 0, image: c.image ?? '', imageID: '', state: { running: { startedAt: at } } })) }));
    const end = ends?.(pod);
    if (end) clock.after(end.afterMs, () => void finish(pod, end.exitCode));
  };
  const finish = (pod: Pod, exitCode: number) => {
    const at = rfc3339(clock.now());
    return setStatus(pod, (now) => ({
      ...now.status, phase: exitCode === 0 ? 'Succeeded' : 'Failed', conditions: [{ type: 'Ready', status: 'False', reason: 'PodCompleted', lastTransitionTime: at }],
      containerStatuses: now.spec.containers.map((c) => ({ name: c.name, ready: false, restartCount: 0, image: c.image ?? '', imageID: '', state: { terminated: { exitCode, finishedAt: at } } })),
    }));
  };
  return {
    name: 'pod-runner',
    async start() {
      informer.onChange({
        added: (pod) => {
          if (!pod.spec.nodeName && !pod.metadata.deletionTimestamp) void assign(pod);
        },
        updated: (_, pod) => {
          if (pod.metadata.deletionTimestamp === undefined || seen.has(pod.metadata.uid!)) return;
          seen.add(pod.metadata.uid!);
          clock.after(stopMs, () => void attempt(() => client.delete(Pods, pod.metadata.name!, { namespace: pod.metadata.namespace, gracePeriodSeconds: 0 })));
        },
      });
      await informer.start();
    },
    stop: async () => {},
  };
}

/** The node that a pod's affinity names. */
const wantedNode = (pod: Pod) => pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0];

/** Whether a pod is the given owner's. */
export const ownedBy = (owner: KubeObject) => (object: KubeObject) => controllerOf(object)?.uid === owner.metadata.uid;
