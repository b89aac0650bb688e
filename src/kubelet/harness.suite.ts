/** A small cluster for tests: an API on a memory store, one node, a clock of one's choice. */
import { createApiServer } from '../apiserver/index.ts';
import { Events } from '../api/kinds/core/event.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { ServiceAccounts } from '../api/kinds/core/service-account.ts';
import type { Pod, PodSpec } from '../api/types/core.v1.ts';
import { virtualClock, type Clock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { createRecorder } from '../client/index.ts';
import { memoryStore } from '../store/index.ts';
import { createKubelet } from './kubelet.ts';
import { simulatedImages } from './runtime/simulated-images.ts';
import { simulatedRuntime, type PodBehaviour, type SimulatedRuntime } from './runtime/simulated.ts';
import type { SandboxConfig } from './runtime/runtime.ts';
import type { KubeletOptions } from './types.ts';

export interface HarnessOptions {
  readonly clock?: Clock;
  readonly model?: (config: SandboxConfig) => PodBehaviour;
  readonly pull?: Parameters<typeof simulatedImages>[0]['pull'];
  readonly kubelet?: Partial<KubeletOptions>;
}

export async function harness(options: HarnessOptions = {}) {
  const clock = options.clock ?? virtualClock();
  const random = seededRandom(1);
  const store = memoryStore();
  const api = await createApiServer({ store, clock, random, authorization: 'always-allow', admission: [] });
  const client = api.client();
  await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
  const runtime: SimulatedRuntime = simulatedRuntime({ clock, ...(options.model && { model: options.model }) });
  const recorder = createRecorder(client, clock, random, 'kubelet', { host: 'n1' });
  const images = simulatedImages({ clock, ...(options.pull && { pull: options.pull }) });
  const kubeletOptions: KubeletOptions = {
    nodeName: 'n1', client, clock, random, runtime, images, events: recorder, probes: runtime.probes,
    capacity: { cpu: '8', memory: '16Gi', pods: '2000', 'ephemeral-storage': '100Gi' },
    network: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }, { type: 'Hostname', address: 'n1' }] },
    clusterDns: '10.96.0.10',
    ...options.kubelet,
  };
  const make = () => createKubelet(kubeletOptions);
  const kubelet = make();
  await kubelet.start();
  const get = (name: string): Promise<Pod> => client.get(Pods, name, { namespace: 'default' });
  return {
    clock, client, runtime, kubelet, make, options: kubeletOptions, get, store, images,
    create: (name: string, spec: Partial<PodSpec> = {}, metadata: Pod['metadata'] = {}) => client.create(Pods, pod(name, spec, metadata)),
    remove: (name: string, gracePeriodSeconds?: number) => client.delete(Pods, name, { namespace: 'default', ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) }),
    /** `reason: message` of all events about a pod, in order. */
    async events(name: string): Promise<string[]> {
      await recorder.flush();
      const { items } = await client.list(Events, { namespace: 'default' });
      const own = items.filter((e) => e.involvedObject.name === name).sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
      return own.map((e) => `${e.reason}: ${e.message}`);
    },
    async stop() {
      await kubelet.stop();
      recorder.stop();
      await api.close();
      await store.close();
    },
  };
}

export function pod(name: string, spec: Partial<PodSpec> = {}, metadata: Pod['metadata'] = {}): Pod {
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name, namespace: 'default', ...metadata },
    spec: { nodeName: 'n1', containers: [{ name: 'app', image: 'app:1' }], ...spec },
  };
}

export const condition = (p: Pod, type: string) => p.status?.conditions?.find((c) => c.type === type);
export const app = (p: Pod) => p.status!.containerStatuses!.find((c) => c.name === 'app')!;
