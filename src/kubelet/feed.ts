/** Where kubelets hear of pods, their Nodes, Services, ConfigMaps and Secrets. One feed can serve all nodes of a process, so that a thousand nodes cost one watch. */
import { Nodes } from '../api/kinds/core/node.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { Services } from '../api/kinds/core/service.ts';
import type { Node, Pod, Service } from '../api/types/core.v1.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { createInformer, type Client } from '../client/index.ts';
import { objectCache, type ObjectCache } from './pods/objects.ts';

export interface NodeFeed {
  /** Resolves once pods, Nodes and Services are known. Idempotent. */
  start(): Promise<void>;
  stop(): void;
  podsOf(nodeName: string): readonly Pod[];
  /** Changes of a node's pods from now on. Returns the function that ends it. */
  onPods(nodeName: string, handler: PodHandler): () => void;
  /** Changes of a Node from now on. Returns the function that ends it. */
  onNode(nodeName: string, handler: (node: Node) => void): () => void;
  services(namespace: string): readonly Service[];
  readonly objects: ObjectCache;
}

export interface PodHandler {
  changed(pod: Pod): void;
  removed(pod: Pod): void;
}

export interface NodeFeedOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Only this node and its pods are watched; default: all. */
  readonly nodeName?: string;
  /** Whether Services are watched, for the variables that pods get of them. Default true. */
  readonly services?: boolean;
}

/** A feed over informers of its own; nothing is asked before `start`. */
export function nodeFeed({ client, clock, random, nodeName, services: wantServices = true }: NodeFeedOptions): NodeFeed {
  const nodeOf = (pod: Pod) => pod.spec.nodeName ?? '';
  const pods = createInformer<Pod>(client, clock, random, Pods, { ...(nodeName !== undefined && { fieldSelector: `spec.nodeName=${nodeName}` }), indices: { node: (pod) => [nodeOf(pod)] } });
  const services = createInformer<Service>(client, clock, random, Services);
  const nodes = createInformer<Node>(client, clock, random, Nodes, { ...(nodeName !== undefined && { fieldSelector: `metadata.name=${nodeName}` }) });
  const handlers = new Map<string, PodHandler>();
  const nodeHandlers = new Map<string, (node: Node) => void>();
  const nodeChanged = (node: Node) => nodeHandlers.get(node.metadata.name ?? '')?.(node);
  nodes.onChange({ added: nodeChanged, updated: (_old, node) => nodeChanged(node) });
  const changed = (pod: Pod) => {
    if (pods.synced) handlers.get(nodeOf(pod))?.changed(pod);
  };
  pods.onChange({ added: changed, updated: (_old, pod) => changed(pod), deleted: (pod) => handlers.get(nodeOf(pod))?.removed(pod) });

  return {
    start: async () => void (await Promise.all([pods.start(), nodes.start(), wantServices ? services.start() : undefined])),
    stop() {
      pods.stop();
      nodes.stop();
      services.stop();
      this.objects.stop();
    },
    podsOf: (node) => pods.byIndex('node', node),
    onPods(node, handler) {
      handlers.set(node, handler);
      return () => void handlers.delete(node);
    },
    onNode(node, handler) {
      nodeHandlers.set(node, handler);
      return () => void nodeHandlers.delete(node);
    },
    services: (namespace) => services.list(namespace),
    objects: objectCache(client, clock, random),
  };
}
