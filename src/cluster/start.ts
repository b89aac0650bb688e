import { join } from 'node:path';
import { createApiServer } from '../apiserver/index.ts';
import { builtinAdmission } from '../apiserver/admission/index.ts';
import { realClock, type Clock } from '../base/clock.ts';
import { systemRandom, type Random } from '../base/random.ts';
import { createRecorder, informerFactory, type Component, type StoppableRecorder } from '../client/index.ts';
import { createScheduler } from '../scheduler/index.ts';
import { durableStore, memoryStore } from '../store/index.ts';
import { ensureSystemObjects } from './addons.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { allControllers } from './controllers.ts';
import { loadIdentity } from './identity.ts';
import { kubeconfigOf } from './kubeconfig.ts';
import { deletableResources } from './resources.ts';

/** For tests and simulations: time and randomness from outside. */
export interface Surroundings {
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * Starts a cluster in this process and resolves once its API answers and its nodes are ready. Rejects, with everything undone, when the port or the directory
 * cannot be had.
 *
 * @example
 * const cluster = await startCluster();
 * await cluster.client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } });
 * await cluster.stop();
 */
export async function startCluster(options: ClusterOptions = {}, { clock = realClock(), random = systemRandom() }: Surroundings = {}): Promise<Cluster> {
  const host = options.host ?? '127.0.0.1';
  const undo: (() => Promise<void> | void)[] = [];
  const unwind = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const [store, identity] = await Promise.all([
      options.dataDir === undefined ? memoryStore() : durableStore(join(options.dataDir, 'store')),
      loadIdentity(options.dataDir, [...new Set([host, '127.0.0.1', 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', '10.96.0.1'])], clock),
    ]);
    undo.push(() => store.close());
    const api = await createApiServer({ store, clock, random, pki: identity.pki, admission: builtinAdmission(store, clock, random) });
    undo.push(() => api.close());
    const client = api.client();
    const { url } = await api.listen({ host, port: options.port ?? 0 });
    await ensureSystemObjects(client);

    const informers = informerFactory(client, clock, random);
    undo.push(() => informers.stop());
    const recorders = new Map<string, StoppableRecorder>();
    const events = (component: string) => {
      let recorder = recorders.get(component);
      if (!recorder) recorders.set(component, recorder = createRecorder(client, clock, random, component));
      return recorder;
    };
    undo.push(async () => {
      await Promise.all([...recorders.values()].map((recorder) => recorder.flush()));
      for (const recorder of recorders.values()) recorder.stop();
    });
    const resources = async () => deletableResources(api.scheme);
    const components: Component[] = [
      ...allControllers({ context: { client, clock, random, informers, events, options: {} }, resources, caCertificate: identity.pki.ca.cert }),
      createScheduler({ client, clock, random, informers, events: events('default-scheduler') }),
    ];
    undo.push(async () => {
      await Promise.all(components.map((component) => component.stop()));
    });
    await Promise.all(components.map((component) => component.start()));

    return {
      url,
      kubeconfig: kubeconfigOf(options.name ?? 'coracle', url, identity.pki.ca.cert, identity.admin),
      client,
      limitations: [],
      ingress: undefined,
      stop: unwind,
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}
