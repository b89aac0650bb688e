import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Pods } from '../api/kinds/core/pod.ts';
import { createApiServer } from '../apiserver/index.ts';
import { realClock, type Clock } from '../base/clock.ts';
import { isPrivileged } from '../base/privileges.ts';
import { systemRandom, type Random } from '../base/random.ts';
import { informerFactory, type Component, type InformerFactory } from '../client/index.ts';
import { openImages } from '../kubelet/images/images.ts';
import { createMetrics, createScraper, customMetricsApi, externalMetricsApi, ownMetrics } from '../metrics/index.ts';
import { proxyHandler, streamServer } from '../kubelet/index.ts';
import { createScheduler } from '../scheduler/index.ts';
import { compactor, durableStore, memoryStore } from '../store/index.ts';
import { withLive } from '../store/live.ts';
import { bridgeName } from '../kubelet/runtime/processes/pod-network.ts';
import { createNetwork, type Network, type RequestStats } from '../network/index.ts';
import { createActivator } from './activator.ts';
import { ensureSystemObjects, publishApi } from './addons.ts';
import { loadAddresses, type Addresses } from './addresses.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { decisionObjects, FAST_AUTOSCALING, horizontalPodAutoscalerController, STANDARD_AUTOSCALING, type Autoscaler } from '../controllers/index.ts';
import { allControllers } from './controllers.ts';
import { recorders } from './recorders.ts';
import { componentStatuses } from './component-statuses.ts';
import { managedBy } from './field-manager.ts';
import { certificateSigner } from './certificate-signer.ts';
import { loadIdentity } from './identity.ts';
import { loopbackKinds } from './loopback-endpoints.ts';
import { kubeconfigOf } from './kubeconfig.ts';
import { storeDirectory, temporaryDirectory } from './leftovers.ts';
import { createNodes, imageDirectory, type ClusterNodes } from './nodes.ts';
import { localPathProvisioner } from './provisioner.ts';
import { deletableResources } from './resources.ts';

/** Who listens here listens on the pods' bridge as well. */
const ALL_ADDRESSES = new Set(['0.0.0.0', '::']);
const NO_REQUESTS: RequestStats = { pods: [], services: [], routes: [] };

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
    /** Undefined until somebody has said. */
  let keepPods: boolean | undefined;
  const undo: (() => Promise<void> | void)[] = [];
  /** Every step is tried, whatever became of those before it. */
  const unwind = async () => {
    const failures: unknown[] = [];
    for (const step of undo.splice(0).reverse()) await Promise.resolve().then(step).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const temporary = options.dataDir === undefined ? await temporaryDirectory() : undefined;
    if (temporary) undo.push(temporary.release);
    const directory = options.dataDir ?? temporary!.directory;
    const hash = createHash('sha256').update(directory).digest('hex').slice(0, 8);
    const name = options.name ?? hash;
    // Two clusters of one name on different directories are two clusters.
    const groupName = options.name === undefined ? hash : `${name}-${hash}`;
    const stored = options.dataDir === undefined ? memoryStore() : await durableStore(storeDirectory(directory));
    undo.push(() => stored.close());
    const bridge = nodeCount > 0 && runtime === 'processes' && isPrivileged ? bridgeName(directory) : undefined;
    const addresses = loadAddresses({ directory, name, onLoopback: !isPrivileged, bridge });
    const identity = await loadIdentity(options.dataDir, servingHosts(host, addresses), clock);
    undo.push(compactor(stored, clock));

    let nodes: ClusterNodes | undefined;
    const kubeletOf = (name: string) => nodes?.all.find(({ kubelet }) => kubelet.nodeName === name)?.kubelet;
    let autoscaler: Autoscaler | undefined;
    let network: Network | undefined;
    // The server answers before there are informers.
    let shared: InformerFactory | undefined;
    const metrics = createMetrics({
      clock,
      nodes: () => (nodes?.all ?? []).map(({ kubelet }) => ({ nodeName: kubelet.nodeName, stats: () => kubelet.stats() })),
      podLabels: (namespace, pod) => shared?.informer(Pods).get(namespace, pod)?.metadata.labels,
      resolutionMs: cadence === 'fast' ? 1_000 : 15_000,
    });
    const podList = () => shared?.informer(Pods).list() ?? [];
    const scraper = createScraper({ clock, pods: podList, intervalMs: cadence === 'fast' ? 1_000 : 15_000 });
    const requests = () => network?.requestStats() ?? NO_REQUESTS;
    const sources = { pods: podList, scraped: scraper.values, requests, now: clock.now };
    const figures = ownMetrics({ pods: podList, requests });
    const store = withLive(stored, [
      { prefix: 'pods.metrics.k8s.io/', list: () => metrics.pods() },
      { prefix: 'nodes.metrics.k8s.io/', list: () => metrics.nodes() },
      decisionObjects(() => autoscaler),
      componentStatuses,
    ]);
    const proxy = proxyHandler({ client: () => api.client(), random, kubelet: kubeletOf, loopbackPods: !isPrivileged });
    const api = await createApiServer({
      store, clock, random, ...(!isPrivileged && { kinds: loopbackKinds }), pki: identity.pki, services: { serviceCidr: addresses.serviceCidr },
      nodes: (name) => kubeletOf(name)?.streams, streams: streamServer({ clock }),
      proxy: proxy.request, proxyUpgrade: proxy.upgrade,
      extensions: [customMetricsApi(sources), externalMetricsApi(sources)], moreMetrics: figures.text,
    });
    undo.push(() => api.close());
    const client = api.client();
    const { url, port } = await api.listen({ host, port: options.port ?? 0 }).catch(portTaken(host, options.port));

    const informers: InformerFactory = shared = informerFactory(client, clock, random);
    undo.push(() => informers.stop());
    const events = recorders(client, clock, random);
    undo.push(events.stop);

    network = nodeCount > 0 && runtime === 'processes' ? createNetwork({
      client, clock, random, nodeName: 'node-1', serviceCidr: addresses.serviceCidr, podCidr: addresses.podCidr, dnsAddress: addresses.dns, clusterDomain: 'cluster.local',
      loadBalancer: { addresses: ['localhost'] }, mode: isPrivileged ? 'anyip' : 'loopback',
      ...(options.ingress !== false && { ingress: { ...(options.ingress ?? { httpPort: 0, httpsPort: 0 }), hosts: ['0.0.0.0'] } }),
    }) : undefined;
    const images = nodeCount > 0 && runtime === 'processes' ? await openImages({ directory: imageDirectory(directory), cgroupRoot: `coracle-${groupName}-build`, clock, random }) : undefined;
    if (images) undo.push(() => images.close());
    // What the nodes need of the machine takes as long as all the rest, and needs nothing of it.
    const making = createNodes({
      client: managedBy(client, 'kubelet'), clock, random, events: (node) => events.of('kubelet', node), count: nodeCount, capacity: options.nodeCapacity, kind: runtime, directory, groupName, addresses,
      images, drain: network?.drain,
    });
    // Pods of an earlier run are nobody's to end because this start failed.
    undo.push(() => making.then((made) => made.stop(keepPods ?? made.adopts), () => {}));

    const context = { client: managedBy(client, 'kube-controller-manager'), clock, random, informers, events: events.of, options: {} };
    const provisioner = localPathProvisioner(join(directory, 'volumes'));
    autoscaler = horizontalPodAutoscalerController(context, {
      settings: cadence === 'fast' ? FAST_AUTOSCALING : STANDARD_AUTOSCALING,
      servingSince: (pod) => network?.provenSince(pod.metadata.uid ?? ''),
      observe: figures.observe,
      forget: figures.forget,
    });
    const activator = createActivator({ client, clock, informers, events: events.of('activator'), woke: autoscaler.woke });
    const components: Component[] = [
      ...allControllers({ context, resources: async () => deletableResources(api.scheme), caCertificate: identity.pki.ca.cert, signer: certificateSigner(identity.pki.ca, clock), provisioner, autoscaler }),
      createScheduler({ client: managedBy(client, 'kube-scheduler'), clock, random, informers, events: events.of('default-scheduler') }),
      metrics,
      scraper,
      activator,
    ];
    undo.push(async () => {
      await Promise.all(components.map((component) => component.stop()));
    });
    await Promise.all([ensureSystemObjects(client, addresses), ...components.map((component) => component.start())]);

    // Adopted pods find the network as they left it, new ones are made when it stands.
    const { all, start } = nodes = await making;
    let published: Promise<void> | undefined;
    if (network) {
      const running = network;
      running.onHold(activator.wake, activator.mayWake);
      activator.onChange(running.reconsiderWaking);
      undo.push(() => running.stop());
      await running.start();
      // Pods reach the API by the bridge's address; where there is no bridge they share this machine's loopback.
      const reached = isPrivileged ? addresses.gateway : host;
      if (isPrivileged && !ALL_ADDRESSES.has(host)) await api.listen({ host: addresses.gateway, port }).catch(portTaken(addresses.gateway, port));
      published = publishApi(client, reached, port);
    }
    await Promise.all([published, start()]);

    return {
      url,
      kubeconfig: kubeconfigOf(name, url, identity.pki.ca.cert, identity.admin),
      client,
      images,
      limitations: [...new Set([...all.flatMap((node) => node.runtime.limitations), ...(network?.limitations ?? [])])],
      ingress: network?.ingressPorts && { http: `http://localhost:${network.ingressPorts.http}`, https: `https://localhost:${network.ingressPorts.https}` },
      onAccess: (handler) => network?.onAccess(handler) ?? (() => {}),
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

/** Says what to do about a port that another program has. */
function portTaken(host: string, port: number | undefined): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} of ${host} is in use by another program: stop it, or choose another port (coracle up --port ${(port ?? 0) + 1}; 0 takes any free one)`, { cause: error });
  };
}

function servingHosts(host: string, addresses: Addresses): string[] {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  return [...new Set([host, '127.0.0.1', 'localhost', ...service, addresses.kubernetes, addresses.gateway])];
}
