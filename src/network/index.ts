import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { EndpointSlices } from '../api/kinds/discovery/endpoint-slice.ts';
import { Nodes } from '../api/kinds/core/node.ts';
import { Services } from '../api/kinds/core/service.ts';
import type { Pod, Service } from '../api/types/core.v1.ts';
import type { EndpointSlice } from '../api/types/discovery.v1.ts';
import { createInformer, createRecorder, type Client, type Component } from '../client/index.ts';
import { createIngress } from './ingress/index.ts';
import type { AccessRecord } from './ingress/handler.ts';
import { createForwarder, systemServers } from './dns/forward.ts';
import { createDnsServer } from './dns/server.ts';
import { holds, parseCidr, parseIPv4 } from '../base/ip.ts';
import { addressClaims, claimRange, releaseRange } from './proxy/anyip.ts';
import { createHealthChecks } from './proxy/health-check.ts';
import { createListeners } from './proxy/listeners.ts';
import { expandHosts, machineAddresses } from './proxy/machine.ts';
import { wantedKey } from './proxy/wanted.ts';
import { desiredAddresses, sameAddresses, writeServiceStatus } from './service-status.ts';
import { podRequests, serviceRequests, type RequestStats } from './stats.ts';
import type { HoldTimes } from './table/backend.ts';
import { origins } from './table/origin.ts';
import { SERVICE_NAME_LABEL } from './table/spec.ts';
import { createTable, type HoldHandler, type MayWake, type RoutingTable } from './table/table.ts';

export type { RequestStats, PodRequests, RouteRequests, ServiceRequests } from './stats.ts';
export type { AccessRecord } from './ingress/handler.ts';
export type { HoldHandler, MayWake } from './table/table.ts';

export interface NetworkOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** This machine's own node, for the Local traffic policies and hints to zones: where everybody is who is no pod. */
  readonly nodeName?: string;
  readonly serviceCidr: string;
  readonly podCidr?: string;
  readonly dnsAddress: string;
  /** Default 53. */
  readonly dnsPort?: number;
  readonly clusterDomain: string;
  /** Name servers for everything else, `address[:port]`; default: the machine's own. */
  readonly upstreamDns?: readonly string[];
  /** Absent: no ingress. `hosts`: addresses to listen on. Port 0 takes any free one. */
  readonly ingress?: { readonly httpPort: number; readonly httpsPort: number; readonly hosts: readonly string[] };
  readonly loadBalancer: { readonly addresses: readonly string[] };
  /**
   * anyip (root): the whole service range is made this machine's own. loopback: nothing is changed on the machine; Services can be reached whose addresses are in 127.0.0.0/8.
   */
  readonly mode: 'anyip' | 'loopback';
  /** How long requests wait where there is no endpoint yet. */
  readonly hold?: Partial<HoldTimes>;
}

/** Services, cluster DNS and routes of one node. */
export interface Network extends Component {
  /** What the kubelet calls before it stops a pod. */
  readonly drain: {
    /** Takes the pod out of every table at once; resolves when nothing is open to it, or at `deadlineMs` (Clock.now). Never rejects. */
    unpublish(pod: Pod, deadlineMs: number): Promise<void>;
  };
  requestStats(): RequestStats;
  /** When a pod first took a connection on a port that a Service leads to (Clock.now, ms); false while it has not; undefined when no Service leads to it. */
  provenSince(podUid: string): number | false | undefined;
  /** What cannot be had here (no root …), in sentences. Filled by `start`; empty = all is well. */
  readonly limitations: readonly string[];
  /** Where the ingress listens; undefined without one. */
  readonly ingressPorts: { readonly http: number; readonly https: number } | undefined;
  /** Calls back for every request through the ingress: the access log. Returns the function that ends it. */
  onAccess(handler: (record: AccessRecord) => void): () => void;
  /**
   * Registers who wakes workloads from zero: called with a Service that was asked for and has no endpoints; when it returns true the request waits (up to a minute) for one. `may` says beforehand whether it would (default: always): a Service for which it would not refuses connections. Returns the function that takes it back.
   */
  onHold(handler: HoldHandler, may?: MayWake): () => void;
  /** To be called when what `may` says of some Services has changed. */
  reconsiderWaking(): void;
  /** Resolves when every socket that the API asks for now listens, or failed to. */
  settled(): Promise<void>;
}

const HOLD: HoldTimes = { newMs: 20_000, lostMs: 3_000, wakeMs: 60_000 };
/** How often connections to pods that were not used for a while are closed. */
const SWEEP_MS = 1_000;

/** Creates the network; `start` opens its sockets. */
export function createNetwork(options: NetworkOptions): Network {
  const { client, clock, random } = options;
  const nodes = createInformer(client, clock, random, Nodes);
  let originOf = origins([], options.nodeName);
  const table = createTable({ clock, hold: { ...HOLD, ...options.hold }, originOf: (address) => originOf(address) });
  const services = createInformer(client, clock, random, Services);
  const slices = createInformer(client, clock, random, EndpointSlices, {
    indices: { service: (slice) => [`${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`] },
  });
  const events = createRecorder(client, clock, random, 'coracle-network');
  const slicesOf = (namespace: string, name: string) => slices.byIndex('service', `${namespace}/${name}`);
  const dnsPort = options.dnsPort ?? 53;
  const dns = createDnsServer({
    address: options.dnsAddress,
    port: dnsPort,
    clock,
    random,
    forwarder: createForwarder(options.upstreamDns ?? systemServers(options.dnsAddress), clock),
    source: { clusterDomain: options.clusterDomain, service: (namespace, name) => services.get(namespace, name), services: () => services.list(), slices: slicesOf },
  });
  let machine = machineAddresses();
  const taken = () => {
    const keys = new Set((['TCP', 'UDP'] as const).map((protocol) => wantedKey({ protocol, address: options.dnsAddress, port: dnsPort })));
    if (!ingress) return keys;
    for (const address of expandHosts(options.ingress!.hosts, machine)) for (const port of [ingress.ports.http, ingress.ports.https]) keys.add(wantedKey({ protocol: 'TCP', address, port }));
    return keys;
  };
  const ingress = options.ingress && createIngress({ client, clock, random, table, events, ...options.ingress, addresses: options.loadBalancer.addresses });
  const range = parseCidr(options.serviceCidr);
  const isOwn = (address: string) => address.startsWith('127.') || machine.includes(address) || (range !== undefined && holds(range, parseIPv4(address) ?? 0));
  const claims = options.mode === 'anyip' ? addressClaims(options.serviceCidr, isOwn, () => later()) : undefined;
  const listeners = createListeners(
    table,
    clock,
    claims,
    () => ({ loadBalancerAddresses: options.loadBalancer.addresses, serves: (address) => options.mode === 'anyip' || address.startsWith('127.'), nodeAddresses: machine, taken: taken() }),
    (service, problem) => events.event(service, 'Warning', 'FailedToListen', problem),
    () => publishAddresses(),
  );
  const publishAddresses = () => {
    for (const { service } of table.services()) {
      const wanted = desiredAddresses(service, listeners.listening(service), options.loadBalancer.addresses);
      if (wanted === undefined || sameAddresses(service.status?.loadBalancer?.ingress, wanted)) continue;
      // A failed write comes again with the Service's next change, or the next socket's.
      writeServiceStatus(client, service, wanted).catch(() => {});
    }
  };
  const checks = createHealthChecks((service, problem) => events.event(service, 'Warning', 'FailedToStartServiceHealthcheck', problem));
  const follow = () => {
    listeners.sync();
    checks.sync(table.services(), machine);
  };
  const limitations: string[] = [];
  const startDns = () =>
    dns.start().catch((error: NodeJS.ErrnoException) => {
      const problem = `cluster DNS cannot listen on ${options.dnsAddress}:${dnsPort}: ${error.code === 'EACCES' ? 'ports below 1024 need root' : error.code === 'EADDRNOTAVAIL' ? 'it is not an address of this machine' : error.message}`;
      // With root it is an error; without, the rest of the network is still of use.
      if (options.mode === 'anyip') throw new Error(problem, { cause: error });
      limitations.push(`${problem}. Names of Services are not resolved.`);
    });
  let running = false;
  let stopped = false;
  let sweep = clock.after(0, () => {});

  /** Bridges and interfaces come and go. */
  const followMachine = () => {
    const now = machineAddresses();
    if (now.join() === machine.join()) return;
    machine = now;
    follow();
    ingress?.followMachine(machine);
  };
  const refresh = (namespace: string, name: string) => {
    const service = services.get(namespace, name);
    if (service) table.set(service, slicesOf(namespace, name));
    else table.remove(namespace, name);
  };
  const serviceChanged = (service: Service) => refresh(service.metadata.namespace ?? '', service.metadata.name ?? '');
  const sliceChanged = (slice: EndpointSlice) => {
    const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    if (name !== undefined) refresh(slice.metadata.namespace ?? '', name);
  };
  services.onChange({ added: serviceChanged, updated: (_, next) => serviceChanged(next), deleted: serviceChanged });
  slices.onChange({
    added: sliceChanged,
    updated: (old, next) => {
      if (old.metadata.labels?.[SERVICE_NAME_LABEL] !== next.metadata.labels?.[SERVICE_NAME_LABEL]) sliceChanged(old);
      sliceChanged(next);
    },
    deleted: sliceChanged,
  });
  const nodesChanged = () => { originOf = origins(nodes.list(), options.nodeName); };
  nodes.onChange({ added: nodesChanged, updated: nodesChanged, deleted: nodesChanged });
  let syncDue = false;
  const sync = () => {
    if (!syncDue || !running) return;
    syncDue = false;
    follow();
    publishAddresses();
  };
  // A thousand Services that come at once are one change.
  const later = () => {
    if (syncDue || !running) return;
    syncDue = true;
    clock.after(0, sync);
  };
  table.onChange(later);

  return {
    name: 'network',
    drain: {
      unpublish: (pod, deadlineMs) =>
        table.drains.unpublish({ uid: pod.metadata.uid ?? '', key: `${pod.metadata.namespace}/${pod.metadata.name}` }, clock.monotonic() + (deadlineMs - clock.now())),
    },
    onHold: (handler, may = () => true) => table.onHold(handler, may),
    reconsiderWaking: table.reconsiderWaking,
    limitations,
    settled() {
      sync();
      return listeners.settled();
    },
    requestStats: () => ({ pods: podRequests(table), services: serviceRequests(table), routes: ingress?.requests() ?? [] }),
    provenSince: table.provenSince,
    get ingressPorts() {
      return ingress?.ports;
    },
    onAccess: (handler) => ingress?.onAccess(handler) ?? (() => {}),
    async start() {
      if (options.mode === 'anyip') await claimRange(options.serviceCidr);
      else if (!options.serviceCidr.startsWith('127.')) limitations.push(`Without root, service addresses (${options.serviceCidr}) cannot be reached; node ports, load balancers and the ingress can.`);
      machine = machineAddresses();
      await Promise.all([services.start(), slices.start(), nodes.start(), startDns()]);
      // First the ingress: Services may not take its ports.
      await ingress?.start(machine);
      running = true;
      follow();
      await listeners.settled();
      const tick = () => {
        sweepIdle(table);
        followMachine();
        claims?.clear();
        sweep = clock.after(SWEEP_MS, tick);
      };
      sweep = clock.after(SWEEP_MS, tick);
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      running = false;
      sweep.cancel();
      services.stop();
      slices.stop();
      nodes.stop();
      await ingress?.stop();
      await dns.stop();
      await listeners.close();
      checks.close();
      table.close();
      await events.flush();
      events.stop();
      if (claims) await Promise.all([releaseRange(options.serviceCidr), claims.close()]);
    },
  };
}

function sweepIdle(table: RoutingTable): void {
  for (const endpoint of table.endpoints()) endpoint.dropStale();
}
