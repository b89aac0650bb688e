/** A scheduler over the real API and, where a test wants pods to run and stop, real kubelets on the simulated runtime; all on the virtual clock. */
import { Events } from '../api/kinds/core/event.ts';
import { Nodes } from '../api/kinds/core/node.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { ServiceAccounts } from '../api/kinds/core/service-account.ts';
import { PriorityClasses } from '../api/kinds/scheduling/priority-class.ts';
import type { Node, Pod, PodSpec } from '../api/types/core.v1.ts';
import type { PriorityClass } from '../api/types/scheduling.v1.ts';
import { createRecorder, type Component } from '../client/index.ts';
import { testbed, type Testbed } from '../controllers/testbed.suite.ts';
import { createKubelet } from '../kubelet/kubelet.ts';
import { simulatedImages } from '../kubelet/runtime/simulated-images.ts';
import { simulatedRuntime, type ContainerBehaviour } from '../kubelet/runtime/simulated.ts';
import { createScheduler } from './scheduler.ts';

export interface SchedulerBed extends Testbed {
  addNode(name: string, more?: { labels?: Record<string, string>; allocatable?: Record<string, string>; spec?: Node['spec'] }): Promise<Node>;
  /** A node whose kubelet runs pods in virtual time; each takes `stopMs` to end when asked. */
  addKubelet(name: string, cpu: string, container?: ContainerBehaviour): Promise<void>;
  addPod(name: string, spec?: Partial<PodSpec> & { cpu?: string }, metadata?: Pod['metadata']): Promise<Pod>;
  addClass(name: string, value: number, more?: Partial<PriorityClass>): Promise<unknown>;
  pod(name: string): Pod;
  /** `pod→node` of all pods that have one, in the order they were given it. */
  assigned(): string[];
  /** `milliseconds type reason: message` of all events recorded about a pod. */
  events(name: string): string[];
  /** When the scheduler looked at the pod in vain: what is left of its FailedScheduling events. */
  attempts(name: string): number[];
}

export async function schedulerBed(options: { components?: (bed: Testbed) => readonly Component[] } = {}): Promise<SchedulerBed> {
  const bed = await testbed();
  const { client, clock, random, context } = bed;
  const scheduler = createScheduler({ client, clock, random, informers: context.informers, events: context.events('default-scheduler') });
  const kubelets: Component[] = [];
  const recorded = (name: string) => bed.log.map((line) => /^(\d+) (\w+)\/(\S+) (\w+) (\w+) (.*)$/s.exec(line)!).filter((m) => m[2] === 'Pod' && m[3] === name);
  // Nobody here makes the ConfigMap that a mounted token comes with.
  await client.patch(ServiceAccounts, 'default', { type: 'merge', body: { automountServiceAccountToken: false } }, { namespace: 'default' });
  await bed.start(scheduler, ...(options.components?.(bed) ?? []));
  return {
    ...bed,
    addNode: (name, { labels = {}, allocatable = {}, spec = {} } = {}) => client.create(Nodes, {
      apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } }, spec,
      status: { allocatable: { cpu: '2', memory: '4Gi', pods: '110', ...allocatable } },
    } as Node),
    async addKubelet(name, cpu, container = {}) {
      const runtime = simulatedRuntime({ clock, name, addressBlock: 100 + kubelets.length, model: () => ({ container: () => container }) });
      const kubelet = createKubelet({
        nodeName: name, client, clock, random, runtime, images: simulatedImages({ clock }), events: createRecorder(client, clock, random, 'kubelet', { host: name }), probes: runtime.probes,
        capacity: { cpu, memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' }, clusterDns: '10.96.0.10',
        network: { addresses: [{ type: 'InternalIP', address: `10.0.0.${kubelets.length + 1}` }, { type: 'Hostname', address: name }] },
      });
      kubelets.push(kubelet);
      const started = kubelet.start();
      await clock.advance(1);
      await started;
    },
    addPod: (name, { cpu, ...spec } = {}, metadata = {}) => client.create(Pods, {
      apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', ...metadata },
      spec: { containers: [{ name: 'c', image: 'i', ...(cpu !== undefined && { resources: { requests: { cpu } } }) }], ...spec },
    }),
    addClass: (name, value, more = {}) => client.create(PriorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, ...more }),
    pod: (name) => client.objects(Pods).find((p) => p.metadata.name === name)!,
    assigned: () => bed.log.map((line) => /Successfully assigned default\/(\S+) to (\S+)/.exec(line)).filter((m) => m !== null).map((m) => `${m[1]}→${m[2]}`),
    events: (name) => recorded(name).map((m) => `${m[1]} ${m[4]} ${m[5]}: ${m[6]}`),
    attempts: (name) => recorded(name).filter((m) => m[5] === 'FailedScheduling').map((m) => Number(m[1])),
    async stop() {
      await Promise.all(kubelets.map((kubelet) => kubelet.stop()));
      await bed.stop();
    },
  };
}

/** The events about an object that the API holds: `count × reason: message`. */
export async function storedEvents(bed: Testbed, name: string): Promise<string[]> {
  await bed.context.events('default-scheduler').flush();
  return bed.client.objects(Events).filter((e) => e.involvedObject.name === name).map((e) => `${e.count} × ${e.reason}: ${e.message}`);
}

export const scheduled = (pod: Pod) => pod.status?.conditions?.find((c) => c.type === 'PodScheduled');
