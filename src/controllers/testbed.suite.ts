/** The real API over the memory store, and a pod runner, all on the virtual clock: for this room's tests. */
import { isReason } from '../api/errors.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { ServiceAccounts } from '../api/kinds/core/service-account.ts';
import { groupResource, type KubeObject, type ResourceType } from '../api/object.ts';
import type { Pod } from '../api/types/core.v1.ts';
import { builtinAdmission, createApiServer } from '../apiserver/index.ts';
import { virtualClock, type VirtualClock } from '../base/clock.ts';
import { seededRandom, type Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createRecorder, informerFactory, type Component } from '../client/index.ts';
import { memoryStore, type Store } from '../store/index.ts';
import { withLive, type LiveSource } from '../store/live.ts';
import type { ControllerContext } from './context.ts';
import { rfc3339 } from '../base/time.ts';

export interface Testbed {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** The API as the cluster's own user; `objects` is all there is of a resource. */
  readonly client: Client & { objects<T extends KubeObject>(type: ResourceType<T>): T[] };
  readonly context: ControllerContext;
  /** What is below the API, for objects that it would not take as they are. */
  readonly store: Store;
  /** Every resource that is served, custom ones included. */
  resources(): Promise<ResourceType[]>;
  /** Everything that was recorded as an event: `time kind/name reason message`. */
  readonly log: string[];
  readonly errors: string[];
  start(...components: Component[]): Promise<void>;
  stop(): Promise<void>;
}

/** A clock, an API and a context for controllers; the same seed gives the same run. */
export async function testbed(options: { seed?: number; live?: (bed: () => Testbed) => readonly LiveSource[]; workers?: number; serviceCidr?: string } = {}): Promise<Testbed> {
  const clock = virtualClock();
  const random = seededRandom(options.seed ?? 1);
  const store = withLive(memoryStore(), options.live?.(() => bed) ?? []);
  // Most beds do without the controller that finds a new node well.
  const admission = builtinAdmission(store, clock, random).filter(({ name }) => name !== 'TaintNodesByCondition');
  const api = await createApiServer({ store, clock, random, admission, authorization: 'always-allow', ...(options.serviceCidr !== undefined && { services: { serviceCidr: options.serviceCidr } }) });
  const client = { ...api.client(), objects: <T extends KubeObject>(type: ResourceType<T>) => store.list(`${groupResource(type)}/`).entries.map((entry) => entry.object as T) };
  await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
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
  const bed: Testbed = {
    clock, random, client, context, log, errors, store,
    resources: async () => api.scheme.kinds().filter((kind) => !kind.verbs || ['list', 'watch', 'delete'].every((verb) => kind.verbs!.includes(verb)))
      .map(({ storage: { group, version }, kind, plural, namespaced }) => ({ group, version, kind, plural, namespaced })),
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
      await api.close();
    },
  };
  return bed;
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
      const { namespace, name = '' } = pod.metadata;
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target: { apiVersion: 'v1', kind: 'Node', name: node } };
      if (same(pod)) await client.create<KubeObject>(Pods, binding, { namespace, name, subresource: 'binding' });
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
