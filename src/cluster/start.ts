import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pods } from '../api/kinds/core/pod.ts';
import { createApiServer } from '../apiserver/index.ts';
import { realClock, type Clock } from '../base/clock.ts';
import { systemRandom, type Random } from '../base/random.ts';
import { informerFactory, type Component, type InformerFactory } from '../client/index.ts';
import { openImages } from '../kubelet/images/images.ts';
import { createMetrics } from '../metrics/index.ts';
import { proxyHandler, streamServer } from '../kubelet/index.ts';
import { createScheduler } from '../scheduler/index.ts';
import { compactor, durableStore, memoryStore } from '../store/index.ts';
import { withLive } from '../store/live.ts';
import { createNetwork } from '../network/index.ts';
import { ensureSystemObjects, publishApi } from './addons.ts';
import { loadAddresses, type Addresses } from './addresses.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { decisionObjects, FAST_AUTOSCALING, horizontalPodAutoscalerController, STANDARD_AUTOSCALING, type Autoscaler } from '../controllers/index.ts';
import { allControllers } from './controllers.ts';
import { recorders } from './recorders.ts';
import { managedBy } from './field-manager.ts';
import { loadIdentity } from './identity.ts';
import { kubeconfigOf } from './kubeconfig.ts';
import { createNodes, imageDirectory, type ClusterNode } from './nodes.ts';
import { localPathProvisioner } from './provisioner.ts';
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
  const { host = '127.0.0.1', nodes: nodeCount = 1, cadence = 'standard', runtime = 'processes' } = options;
  const isRoot = process.getuid?.() === 0;
  let keepPods = false;
  const undo: (() => Promise<void> | void)[] = [];
  const unwind = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const directory = options.dataDir ?? mkdtempSync(join(tmpdir(), 'coracle-'));
    if (options.dataDir === undefined) undo.push(() => rmSync(directory, { recursive: true, force: true }));
    else mkdirSync(directory, { recursive: true, mode: 0o700 });
    const name = options.name ?? clusterName(directory);
    const addresses = loadAddresses(options.dataDir, name);
    const [stored, identity] = await Promise.all([
      options.dataDir === undefined ? memoryStore() : durableStore(join(directory, 'store')),
      loadIdentity(options.dataDir, servingHosts(host, addresses), clock),
    ]);
    undo.push(() => stored.close());
    undo.push(compactor(stored, clock));

    let nodes: readonly ClusterNode[] = [];
    const kubeletOf = (name: string) => nodes.find(({ kubelet }) => kubelet.nodeName === name)?.kubelet;
    let autoscaler: Autoscaler | undefined;
    const metrics = createMetrics({
      clock,
      nodes: () => nodes.map(({ kubelet }) => ({ nodeName: kubelet.nodeName, stats: () => kubelet.stats() })),
      podLabels: (namespace, pod) => informers?.informer(Pods).get(namespace, pod)?.metadata.labels,
      resolutionMs: cadence === 'fast' ? 1_000 : 15_000,
    });
    const store = withLive(stored, [
      { prefix: 'pods.metrics.k8s.io/', list: () => metrics.pods() },
      { prefix: 'nodes.metrics.k8s.io/', list: () => metrics.nodes() },
      decisionObjects(() => autoscaler),
    ]);
    const proxy = proxyHandler({ client: () => api.client(), random, kubelet: kubeletOf, loopbackPods: !isRoot });
    const api = await createApiServer({
      store, clock, random, pki: identity.pki, services: { serviceCidr: addresses.serviceCidr },
      nodes: (name) => kubeletOf(name)?.streams, streams: streamServer({ clock }),
      proxy: proxy.request, proxyUpgrade: proxy.upgrade,
    });
    undo.push(() => api.close());
    const client = api.client();
    const { url, port } = await api.listen({ host, port: options.port ?? 0 });
    await ensureSystemObjects(client, addresses);

    const informers: InformerFactory = informerFactory(client, clock, random);
    undo.push(() => informers.stop());
    const events = recorders(client, clock, random);
    undo.push(events.stop);
    const context = { client: managedBy(client, 'kube-controller-manager'), clock, random, informers, events: events.of, options: {} };
    const provisioner = localPathProvisioner(join(directory, 'volumes'));
    autoscaler = horizontalPodAutoscalerController(context, { settings: cadence === 'fast' ? FAST_AUTOSCALING : STANDARD_AUTOSCALING });
    const components: Component[] = [
      ...allControllers({ context, resources: async () => deletableResources(api.scheme), caCertificate: identity.pki.ca.cert, provisioner, autoscaler }),
      createScheduler({ client: managedBy(client, 'kube-scheduler'), clock, random, informers, events: events.of('default-scheduler') }),
      metrics,
    ];
    undo.push(async () => {
      await Promise.all(components.map((component) => component.stop()));
    });
    await Promise.all(components.map((component) => component.start()));

    const network = nodeCount > 0 && runtime === 'processes' ? createNetwork({
      client, clock, random, nodeName: 'node-1', serviceCidr: addresses.serviceCidr, podCidr: addresses.podCidr, dnsAddress: addresses.dns, clusterDomain: 'cluster.local',
      loadBalancer: { addresses: ['localhost'] }, mode: isRoot ? 'anyip' : 'loopback',
      ...(options.ingress !== false && { ingress: { ...(options.ingress ?? { httpPort: 0, httpsPort: 0 }), hosts: ['0.0.0.0'] } }),
    }) : undefined;
    const images = nodeCount > 0 && runtime === 'processes' ? await openImages({ directory: imageDirectory(directory), cgroupRoot: `coracle-${name}-build`, clock, random }) : undefined;
    if (images) undo.push(() => images.close());
    nodes = await createNodes({
      client: managedBy(client, 'kubelet'), clock, random, events: events.of('kubelet'), count: nodeCount, capacity: options.nodeCapacity, kind: runtime, directory, clusterName: name, addresses,
      images, drain: network?.drain,
    });
    undo.push(async () => {
      await Promise.all(nodes.map(({ kubelet }) => kubelet.stop()));
      await Promise.all(nodes.map((node) => node.end(keepPods)));
    });
    if (network) {
      undo.push(() => network.stop());
      await network.start();
      // Pods reach the API by the bridge's address; where there is no bridge they share this machine's loopback.
      const reached = isRoot ? await api.listen({ host: addresses.gateway, port }).then(() => addresses.gateway) : host;
      await publishApi(client, reached, port);
    }
    await Promise.all(nodes.map(({ kubelet }) => kubelet.start()));

    return {
      url,
      kubeconfig: kubeconfigOf(name, url, identity.pki.ca.cert, identity.admin),
      client,
      images,
      limitations: [...new Set(nodes.flatMap((node) => node.runtime.limitations))],
      ingress: network?.ingressPorts && { http: `http://localhost:${network.ingressPorts.http}`, https: `https://localhost:${network.ingressPorts.https}` },
      async stop(how = {}) {
        keepPods = how.keepPods ?? false;
        await unwind();
      },
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}

/** A name for interfaces and control groups, the same for the same directory. */
function clusterName(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 8);
}

function servingHosts(host: string, addresses: Addresses): string[] {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  return [...new Set([host, '127.0.0.1', 'localhost', ...service, addresses.kubernetes, addresses.gateway])];
}
