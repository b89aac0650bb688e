import type { Clock } from '../../base/clock.ts';
import type { Service } from '../../api/types/core.v1.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import { Backend, type BackendContext, type HoldTimes, type Member, type Policies } from './backend.ts';
import { createDrains, type Drains } from './drain.ts';
import { Endpoint, endpointKey } from './endpoint.ts';
import type { Origin } from './origin.ts';
import { prove } from './prove.ts';
import { isProxied, portsOf, type EndpointSpec } from './spec.ts';

/** Asked when a request finds a service's workload at zero: true means that it will be scaled up, and the request waits. */
export type HoldHandler = (service: { readonly namespace: string; readonly name: string; readonly port: number }) => boolean;
/** Whether asking would wake it, without asking. */
export type MayWake = (service: { readonly namespace: string; readonly name: string }) => boolean;

/** All Services with their live endpoints: what the proxies, the ingress and the drain share. */
export interface RoutingTable {
  /** The Service, with all its slices, is this now. */
  set(service: Service, slices: readonly EndpointSlice[]): void;
  remove(namespace: string, name: string): void;
  /** By number, or by name. */
  backend(namespace: string, name: string, port: number | string): Backend | undefined;
  services(): Iterable<ServiceEntry>;
  /** Called when Services came, went or changed, and when a backend opened or closed. */
  onChange(handler: () => void): void;
  /** Called when a Service comes or goes. */
  onMembership(handler: () => void): void;
  has(namespace: string, name: string): boolean;
  onHold(handler: HoldHandler, may: MayWake): () => void;
  /** What `may` says of some Services may have changed. */
  reconsiderWaking(): void;
  /** A connect was refused: nothing is sent there until one succeeds. */
  suspect(endpoint: Endpoint): void;
  readonly drains: Drains;
  endpoints(): Iterable<Endpoint>;
  /** When a pod was first found to listen on a port that a Service leads to (Clock.now); false while it was not; undefined when no Service leads to it. */
  provenSince(podUid: string): number | false | undefined;
  close(): void;
}

export interface ServiceEntry {
  readonly service: Service;
  readonly backends: readonly Backend[];
}

export interface TableOptions {
  readonly clock: Clock;
  readonly hold: HoldTimes;
  readonly originOf: (client: string) => Origin;
}

/** Creates an empty table. */
export function createTable({ clock, hold, originOf }: TableOptions): RoutingTable {
  const services = new Map<string, { service: Service; backends: Backend[] }>();
  const endpoints = new Map<string, Endpoint>();
  const proofs = new Map<Endpoint, () => void>();
  const listeners: (() => void)[] = [];
  const memberships: (() => void)[] = [];
  const holders = new Map<HoldHandler, MayWake>();
  const byPod = new Map<string, Set<Endpoint>>();
  const now = () => clock.monotonic();
  /** Endpoints that the API no longer lists, but to which something is open: a drain must still see them. */
  const orphans = new Set<Endpoint>();
  const everyone = function* (): Generator<Endpoint> {
    yield* endpoints.values();
    for (const orphan of orphans) {
      if (orphan.load > 0) yield orphan;
      else orphans.delete(orphan);
    }
  };
  const drains = createDrains(clock, everyone);
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const selects = (backend: Backend) => Object.keys(services.get(`${backend.namespace}/${backend.service}`)?.service.spec.selector ?? {}).length > 0;
  const context: BackendContext = {
    clock,
    hold,
    originOf,
    changed,
    mayWake: (backend) => holders.size > 0 && selects(backend) && [...holders.values()].some((may) => may({ namespace: backend.namespace, name: backend.service })),
    wake: (backend) => [...holders.keys()].some((handler) => handler({ namespace: backend.namespace, name: backend.service, port: backend.spec.port })),
  };

  const reconsiderWaking = () => {
    for (const { backends } of services.values()) for (const backend of backends) backend.refresh();
  };
  const beginProof = (endpoint: Endpoint) => {
    if (endpoint.proven || proofs.has(endpoint)) return;
    const stop = prove(endpoint, clock, () => proofs.size, () => {
      proofs.delete(endpoint);
      endpoint.proven = true;
      endpoint.firstProvenAt ??= clock.now();
      for (const holder of endpoint.holders) holder.refresh();
      drains.reconsider();
    });
    proofs.set(endpoint, stop);
  };
  const member = (spec: EndpointSpec, protocol: 'TCP' | 'UDP', holder: Backend): Member => {
    const key = endpointKey(spec, protocol);
    let endpoint = endpoints.get(key);
    if (!endpoint) {
      endpoint = new Endpoint(key, spec, now);
      endpoints.set(key, endpoint);
      const ofPod = byPod.get(spec.podUid);
      if (ofPod) ofPod.add(endpoint);
      else byPod.set(spec.podUid, new Set([endpoint]));
      drains.appeared(endpoint);
    }
    endpoint.holders.add(holder);
    // Nothing can be learnt by connecting over UDP.
    if (protocol === 'UDP') endpoint.proven = true;
    else if (spec.ready || spec.serving) beginProof(endpoint);
    return { endpoint, spec };
  };
  const letGo = (backend: Backend, kept: ReadonlySet<Endpoint>) => {
    for (const endpoint of backend.endpoints) {
      if (kept.has(endpoint)) continue;
      endpoint.holders.delete(backend);
      if (endpoint.holders.size > 0) continue;
      endpoints.delete(endpoint.key);
      const ofPod = byPod.get(endpoint.podUid);
      ofPod?.delete(endpoint);
      if (ofPod?.size === 0) byPod.delete(endpoint.podUid);
      proofs.get(endpoint)?.();
      proofs.delete(endpoint);
      endpoint.dropIdle();
      if (endpoint.load > 0) orphans.add(endpoint);
    }
  };
  const retire = (backend: Backend) => {
    letGo(backend, new Set());
    backend.remove();
  };

  return {
    drains,
    endpoints: () => endpoints.values(),
    provenSince: (podUid) => earliestProof(byPod.get(podUid)),
    services: () => services.values(),
    onChange: (handler) => void listeners.push(handler),
    onMembership: (handler) => void memberships.push(handler),
    has: (namespace, name) => services.has(`${namespace}/${name}`),
    onHold(handler, may) {
      holders.set(handler, may);
      reconsiderWaking();
      return () => {
        holders.delete(handler);
        reconsiderWaking();
      };
    },
    reconsiderWaking,
    set(service, slices) {
      const namespace = service.metadata.namespace ?? '';
      const name = service.metadata.name ?? '';
      const key = `${namespace}/${name}`;
      const known = services.get(key);
      const old = known?.backends ?? [];
      const specs = service.spec.type === 'ExternalName' ? [] : portsOf(service, slices);
      const backends = specs.map((spec) => old.find((b) => b.spec.port === spec.port && b.spec.protocol === spec.protocol) ?? new Backend(namespace, name, spec, context));
      services.set(key, { service, backends });
      for (const backend of old) if (!backends.includes(backend)) retire(backend);
      const policies = policiesOf(service);
      for (const [i, backend] of backends.entries()) {
        const spec = specs[i]!;
        const members = spec.endpoints.map((e) => member(e, spec.protocol, backend));
        letGo(backend, new Set(members.map((m) => m.endpoint)));
        backend.set(spec, policies, members);
      }
      drains.reconsider();
      // New endpoints alone change no socket; where they do, the backend says that it opened.
      if (known?.service !== service) changed();
      if (!known) for (const handler of memberships) handler();
    },
    remove(namespace, name) {
      const entry = services.get(`${namespace}/${name}`);
      if (!entry) return;
      services.delete(`${namespace}/${name}`);
      for (const backend of entry.backends) retire(backend);
      changed();
      for (const handler of memberships) handler();
    },
    backend(namespace, name, port) {
      const backends = services.get(`${namespace}/${name}`)?.backends;
      return backends?.find((b) => (typeof port === 'number' ? b.spec.port === port : b.spec.name === port) && b.spec.protocol === 'TCP');
    },
    suspect(endpoint) {
      if (!endpoint.proven || endpoints.get(endpoint.key) !== endpoint) return;
      endpoint.proven = false;
      endpoint.unprovenSince = now();
      endpoint.dropIdle();
      for (const holder of endpoint.holders) holder.refresh();
      beginProof(endpoint);
    },
    close() {
      for (const stop of proofs.values()) stop();
      proofs.clear();
      for (const { backends } of services.values()) for (const backend of backends) retire(backend);
      services.clear();
      drains.close();
    },
  };
}

function earliestProof(endpoints: ReadonlySet<Endpoint> | undefined): number | false | undefined {
  if (!endpoints) return undefined;
  // UDP endpoints are taken for proven at once, which says nothing.
  const tcp = [...endpoints].filter(({ key }) => key.startsWith('TCP:'));
  const proofs = tcp.flatMap(({ firstProvenAt }) => (firstProvenAt === undefined ? [] : [firstProvenAt]));
  return tcp.length === 0 ? undefined : proofs.length > 0 && Math.min(...proofs);
}

function policiesOf(service: Service): Policies {
  const { spec } = service;
  return {
    internalLocal: isProxied(service) && spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
    affinityMs: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) * 1000 : undefined,
  };
}
