import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { isReason } from '../../api/errors.ts';
import { Secrets } from '../../api/kinds/core/secret.ts';
import { Ingresses } from '../../api/kinds/networking/ingress.ts';
import { IngressClasses } from '../../api/kinds/networking/ingress-class.ts';
import type { Ingress, IngressClass } from '../../api/types/networking.v1.ts';
import { createInformer, type Client, type EventRecorder } from '../../client/index.ts';
import { createMeter, type Meter } from '../meter.ts';
import { expandHosts } from '../proxy/machine.ts';
import { shownAddresses } from '../service-status.ts';
import type { RouteRequests } from '../stats.ts';
import type { RoutingTable } from '../table/table.ts';
import { unsupportedAnnotations } from './annotations.ts';
import { selfSigned } from './certificate.ts';
import { certificateStore, type TlsName } from './certificates.ts';
import { badPatterns, CLASS_NAME, CONTROLLER, isOurs, rulesOfIngresses, type Keep } from './from-ingress.ts';
import { createGateways } from './gateway.ts';
import type { AccessRecord, IngressContext } from './handler.ts';
import { createRouter, type Router } from './router.ts';
import type { RouteSource, Scheme } from './rule.ts';
import { listenIngress, type IngressListener } from './server.ts';
import { showsAddresses, writeIngressStatus } from './status.ts';
import { weightedRoundRobin, type WeightedRoundRobin } from './weighted.ts';

export interface IngressOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly table: RoutingTable;
  readonly events: EventRecorder;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Addresses to listen on. */
  readonly hosts: readonly string[];
  /** Shown in the status of Ingresses. */
  readonly addresses: readonly string[];
}

/** The ingress: Ingresses and HTTPRoutes, served on this node's ports. */
export interface IngressController {
  /** `machine`: the machine's addresses, which the host 0.0.0.0 stands for. Rejects, with a sentence, when a port cannot be had. */
  start(machine: readonly string[]): Promise<void>;
  /** The machine's addresses have changed. */
  followMachine(machine: readonly string[]): void;
  stop(): Promise<void>;
  readonly ports: { readonly http: number; readonly https: number };
  requests(): RouteRequests[];
  /** Calls back for every request. Returns the function that ends it. */
  onAccess(handler: (record: AccessRecord) => void): () => void;
}

export function createIngress(options: IngressOptions): IngressController {
  const { client, clock, random, table, events } = options;
  const ingresses = createInformer(client, clock, random, Ingresses);
  const classes = createInformer(client, clock, random, IngressClasses);
  const secrets = createInformer(client, clock, random, Secrets, { fieldSelector: 'type=kubernetes.io/tls' });
  const certificates = certificateStore((namespace, name) => secrets.get(namespace, name));
  const access = new Set<(record: AccessRecord) => void>();
  const kept = createKeep(() => clock.monotonic());
  const listeners = new Map<string, IngressListener[]>();
  let fallback: { cert: string; key: string } | undefined;
  let ports = { http: options.httpPort, https: options.httpsPort };
  let routers: Record<Scheme, Router> = { http: createRouter([]), https: createRouter([]) };
  let warned = new Set<string>();
  let due = false;
  let running = false;

  const emit = (record: AccessRecord) => {
    for (const handler of access) handler(record);
  };
  const context: IngressContext = { clock, table, router: (scheme) => routers[scheme], ports: () => ports, access: () => (access.size > 0 ? emit : undefined) };

  const open = async (host: string) => {
    if (!fallback) return;
    const opened: IngressListener[] = [];
    listeners.set(host, opened);
    opened.push(await listen(() => listenIngress(context, host, ports.http, undefined), host, ports.http));
    opened.push(await listen(() => listenIngress(context, host, ports.https, { find: certificates.find, fallback: fallback! }), host, ports.https));
    // With port 0, every host gets the port that the first one was given.
    ports = { http: opened[0]!.port, https: opened[1]!.port };
  };
  const close = (host: string) => {
    for (const listener of listeners.get(host) ?? []) listener.close();
    listeners.delete(host);
  };
  const compile = () => {
    due = false;
    if (!running) return;
    const mine = ingresses.list().filter((ingress) => isOurs(ingress, classes.list()));
    kept.begin();
    const routes = gateways.compile(kept);
    const rules = [...rulesOfIngresses(mine, kept), ...routes.rules];
    routers = { http: createRouter(rules.filter((rule) => rule.scheme !== 'https')), https: createRouter(rules.filter((rule) => rule.scheme !== 'http')) };
    kept.end();
    certificates.set([...mine.flatMap(tlsNames), ...routes.tls]);
    warn(mine);
    publish(mine);
  };
  const later = () => {
    if (due) return;
    due = true;
    clock.after(0, compile);
  };
  const warn = (mine: readonly Ingress[]) => {
    const now = new Set<string>();
    for (const ingress of mine) {
      const names = unsupportedAnnotations(ingress);
      if (names.length === 0) continue;
      const key = `${ingress.metadata.uid} ${names.join()}`;
      now.add(key);
      if (!warned.has(key)) events.event(ingress, 'Warning', 'UnsupportedAnnotation', `no effect here: ${names.join(', ')}`);
    }
    for (const ingress of mine) {
      const patterns = badPatterns(ingress);
      const key = `${ingress.metadata.uid} patterns ${patterns.join(' ')}`;
      if (patterns.length === 0) continue;
      now.add(key);
      if (!warned.has(key)) events.event(ingress, 'Warning', 'InvalidPattern', `matches nothing, as it is no regular expression: ${patterns.map((pattern) => JSON.stringify(pattern)).join(', ')}`);
    }
    for (const { name, problem } of certificates.problems()) {
      now.add(problem);
      if (warned.has(problem)) continue;
      const ingress = mine.find((i) => i.metadata.namespace === name.namespace && i.spec.tls?.some((tls) => tls.secretName === name.secret));
      if (ingress) events.event(ingress, 'Warning', 'InvalidCertificate', `${problem}; the default certificate is used instead`);
    }
    warned = now;
  };
  const publish = (mine: readonly Ingress[]) => {
    const shown = shownAddresses(options.addresses);
    for (const ingress of mine) {
      if (showsAddresses(ingress, shown)) continue;
      // What fails now is tried again with the next change.
      writeIngressStatus(client, ingress, shown).catch(() => {});
    }
  };
  const gateways = createGateways({
    client,
    clock,
    random,
    addresses: shownAddresses(options.addresses),
    hasService: (namespace, name) => table.has(namespace, name),
    certificateProblem: certificates.problemOf,
    changed: later,
  });
  table.onMembership(later);
  ingresses.onChange({ added: later, updated: (old, next) => (sameSpec(old, next) ? undefined : later()), deleted: later });
  classes.onChange({ added: later, updated: later, deleted: later });
  secrets.onChange({ added: later, updated: later, deleted: later });

  return {
    get ports() {
      return ports;
    },
    async start(machine) {
      await ensureClass(client);
      await Promise.all([ingresses.start(), classes.start(), secrets.start(), gateways.start()]);
      running = true;
      compile();
      fallback = await selfSigned(['ingress.local', 'localhost', '*.localhost'], clock.now());
      for (const host of expandHosts(options.hosts, machine)) await open(host);
    },
    followMachine(machine) {
      const wanted = expandHosts(options.hosts, machine);
      for (const host of listeners.keys()) if (!wanted.includes(host)) close(host);
      // An address that went again before it could be bound is no loss.
      for (const host of wanted) if (!listeners.has(host)) open(host).catch(() => {});
    },
    async stop() {
      running = false;
      ingresses.stop();
      classes.stop();
      secrets.stop();
      gateways.stop();
      for (const host of listeners.keys()) close(host);
    },
    requests: () => kept.requests(),
    onAccess(handler) {
      access.add(handler);
      return () => access.delete(handler);
    },
  };
}

async function listen(open: () => Promise<IngressListener>, host: string, port: number): Promise<IngressListener> {
  try {
    return await open();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : code === 'EACCES' ? 'ports below 1024 need root' : String(error);
    throw new Error(`the ingress cannot listen on ${host}:${port}: ${why}`, { cause: error });
  }
}

/** Status writes (our own) change nothing for the routes. */
const sameSpec = (old: Ingress, next: Ingress): boolean =>
  old.metadata.uid === next.metadata.uid && JSON.stringify([old.spec, old.metadata.annotations]) === JSON.stringify([next.spec, next.metadata.annotations]);

function tlsNames(ingress: Ingress): TlsName[] {
  const namespace = ingress.metadata.namespace ?? '';
  return (ingress.spec.tls ?? []).flatMap(({ hosts, secretName }) => {
    if (!secretName) return [];
    const named = hosts && hosts.length > 0 ? hosts : (ingress.spec.rules ?? []).map((rule) => rule.host ?? '');
    return named.map((host) => ({ host: host.toLowerCase(), namespace, secret: secretName }));
  });
}

/** The class that Ingresses without one get. */
async function ensureClass(client: Client): Promise<void> {
  const made: IngressClass = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: CLASS_NAME, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: CONTROLLER },
  };
  await client.create(IngressClasses, made).catch((error: unknown) => {
    if (!isReason(error, 'AlreadyExists')) throw error;
  });
}

/** Meters and turns that outlive recompilations; what no rule uses any more is forgotten. */
function createKeep(now: () => number): Keep & { begin(): void; end(): void; requests(): RouteRequests[] } {
  let meters = new Map<string, { source: RouteSource; meter: Meter }>();
  let turns = new Map<string, { weights: string; turn: WeightedRoundRobin }>();
  let usedMeters = new Set<string>();
  let usedTurns = new Set<string>();
  return {
    begin() {
      usedMeters = new Set();
      usedTurns = new Set();
    },
    end() {
      meters = new Map([...meters].filter(([key]) => usedMeters.has(key)));
      turns = new Map([...turns].filter(([key]) => usedTurns.has(key)));
    },
    meter(source) {
      const key = `${source.kind} ${source.namespace}/${source.name} ${source.host}${source.path}`;
      usedMeters.add(key);
      let found = meters.get(key);
      if (!found) {
        found = { source, meter: createMeter(now) };
        meters.set(key, found);
      }
      return found.meter;
    },
    weighted(key, weights) {
      usedTurns.add(key);
      const text = weights.join();
      let found = turns.get(key);
      if (found?.weights !== text) {
        found = { weights: text, turn: weightedRoundRobin(weights) };
        turns.set(key, found);
      }
      return found.turn;
    },
    requests: () => [...meters.values()].map(({ source, meter }) => ({ ...source, ...meter.snapshot() })),
  };
}
