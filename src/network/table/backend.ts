import type { Clock, Timer } from '../../base/clock.ts';
import { clientAffinity, type Affinity } from './affinity.ts';
import { candidates, inZone, leastLoaded } from './choose.ts';
import type { Endpoint, Holder } from './endpoint.ts';
import type { Origin } from './origin.ts';
import type { EndpointSpec, PortSpec } from './spec.ts';

/** How long a request waits for an endpoint, in ms, by what gives hope. */
export interface HoldTimes {
  /** An endpoint is listed that does not listen, or is not ready, yet. Counted from when it appeared. */
  readonly newMs: number;
  /** The last endpoint has just gone: its replacement may not be listed yet. */
  readonly lostMs: number;
  /** Someone promised to wake the workload from zero. */
  readonly wakeMs: number;
}

export interface Member {
  readonly endpoint: Endpoint;
  readonly spec: EndpointSpec;
}

/** After all endpoints have failed a request, it tries them again this much later. */
const AGAIN_MS = 25;

/** What a backend needs of the table around it. */
export interface BackendContext {
  readonly clock: Clock;
  readonly hold: HoldTimes;
  /** By its address. */
  readonly originOf: (client: string) => Origin;
  /** Whether someone will scale this service's workload up from zero; asking is what starts it. */
  wake(backend: Backend): boolean;
  /** Whether connections must be accepted even when there is nothing, because asking may wake something. */
  mayWake(backend: Backend): boolean;
  /** `open` has changed. */
  changed(backend: Backend): void;
}

/** Policies of a Service that bear on the choice. */
export interface Policies {
  /** Pods are led to endpoints of their own node only. */
  readonly internalLocal: boolean;
  /** Who comes from outside is not led to another zone: all nodes are one machine with one address, so every endpoint is on the node that was asked. */
  readonly externalLocal: boolean;
  readonly affinityMs: number | undefined;
}

/** One port of one Service: who may answer, who is next, and who waits for an endpoint. */
export class Backend implements Holder {
  readonly namespace: string;
  readonly service: string;
  spec: PortSpec;
  policies: Policies = { internalLocal: false, externalLocal: false, affinityMs: undefined };
  /** Whether a connection has any prospect; where it has none, it is refused. */
  open = false;
  private readonly context: BackendContext;
  private members: readonly Member[] = [];
  private usable: readonly Member[] = [];
  private all: readonly Endpoint[] = [];
  /** Those for clients of one node or zone, drawn up when the first of them asks. */
  private readonly near = new Map<string, readonly Endpoint[]>();
  private hinted = false;
  private turn = 0;
  private affinity: Affinity | undefined;
  private affinityMs: number | undefined;
  /** There are endpoints that do not drain. */
  private staying = false;
  private lostAt = -Infinity;
  private wakeUntil = -Infinity;
  private waiters = new Set<(found: boolean) => void>();
  private timer: Timer | undefined;
  private gone = false;

  constructor(namespace: string, service: string, spec: PortSpec, context: BackendContext) {
    this.namespace = namespace;
    this.service = service;
    this.spec = spec;
    this.context = context;
  }

  get name(): string {
    return `${this.namespace}/${this.service}:${this.spec.port}`;
  }

  set(spec: PortSpec, policies: Policies, members: readonly Member[]): void {
    this.spec = spec;
    this.policies = policies;
    if (policies.affinityMs !== this.affinityMs) {
      this.affinityMs = policies.affinityMs;
      this.affinity = policies.affinityMs === undefined ? undefined : clientAffinity(policies.affinityMs, () => this.context.clock.monotonic());
    }
    this.members = members;
    this.refresh();
  }

  /**
   * The endpoint for the next request of `client`; undefined when there is none. `external`: it came through a node port or a load balancer address. `tried`: those that have already failed it.
   */
  choose(client: string, external: boolean, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    const list = this.listFor(client, external);
    const skip = tried && tried.size > 0 ? (e: Endpoint) => tried.has(e) : undefined;
    const remembered = this.affinity?.get(client);
    const stuck = remembered === undefined ? undefined : list.find((e) => e.key === remembered && !skip?.(e));
    const chosen = stuck ?? leastLoaded(list, this.turn++, skip);
    if (this.turn > 1e9) this.turn = 0;
    if (chosen && this.affinity) this.affinity.set(client, chosen.key);
    return chosen;
  }

  /**
   * Calls `done` once, later: with true as soon as an endpoint is there, with false when there is no hope of one. Where there are endpoints (and all of them have just failed the caller), it is told to try again
   * after a moment. Returns the function that gives up waiting.
   */
  wait(client: string, external: boolean, done: (found: boolean) => void): () => void {
    const { clock } = this.context;
    if (this.listFor(client, external).length > 0) {
      const again = clock.after(AGAIN_MS, () => done(true));
      return () => again.cancel();
    }
    this.askToWake();
    if (!this.hope()) {
      const never = clock.after(0, () => done(false));
      return () => never.cancel();
    }
    this.waiters.add(done);
    this.watchHope();
    return () => this.waiters.delete(done);
  }

  /** Whether this client has nobody to talk to although others have: its node has no endpoint, and the traffic policy is Local. */
  refuses(client: string, external: boolean): boolean {
    return this.policies.internalLocal && this.usable.length > 0 && this.listFor(client, external).length === 0;
  }

  get waiting(): number {
    return this.waiters.size;
  }

  get endpoints(): readonly Endpoint[] {
    return this.members.map((m) => m.endpoint);
  }

  /** Whether, should `leaving` leave, nobody is there to take over, yet someone is on the way. */
  awaitsReplacement(leaving: (endpoint: Endpoint) => boolean): { alone: boolean; coming: boolean } {
    const others = this.members.filter((m) => !leaving(m.endpoint) && !m.endpoint.draining && !m.spec.terminating);
    return {
      alone: !others.some((m) => m.spec.ready && m.endpoint.proven),
      coming: others.some((m) => this.isNew(m)),
    };
  }

  refresh(): void {
    if (this.gone) return;
    const found = candidates(this.members, ({ endpoint, spec }) => ({
      ready: spec.ready,
      serving: spec.serving,
      terminating: spec.terminating,
      proven: endpoint.proven,
      draining: endpoint.draining,
      lastResort: endpoint.lastResort,
    }));
    if (this.staying && found.length === 0) this.lostAt = this.now();
    this.staying = found.length > 0;
    this.use(found);
    this.watchHope();
  }

  private use(members: readonly Member[]): void {
    this.usable = members;
    this.all = members.map((m) => m.endpoint);
    this.hinted = members.some((m) => m.spec.zones.length > 0);
    this.near.clear();
    if (members.length === 0) return;
    this.wakeUntil = -Infinity;
    this.settle(true);
  }

  /** Pods that leave and serve yet, after SIGTERM too: for when there is nobody else, nobody is coming, and nobody can be woken (ProxyTerminatingEndpoints knows no drain). */
  private leaving(): readonly Member[] {
    if (this.context.mayWake(this)) return [];
    return this.members.filter(({ endpoint, spec }) => endpoint.proven && spec.terminating && spec.serving);
  }

  /** The Service is gone. */
  remove(): void {
    this.gone = true;
    this.open = false;
    // Requests that are still on their way must not try its pods for ever.
    this.usable = this.all = [];
    this.near.clear();
    this.timer?.cancel();
    this.settle(false);
  }

  private listFor(client: string, external: boolean): readonly Endpoint[] {
    const local = !external && this.policies.internalLocal;
    if (external && this.policies.externalLocal) return this.all;
    if (!local && !this.hinted) return this.all;
    const { node, zone } = this.context.originOf(external ? '' : client);
    if (local && node === undefined) return this.all;
    const key = local ? `node ${node ?? ''}` : `zone ${zone ?? ''}`;
    const known = this.near.get(key);
    if (known) return known;
    const members = local ? this.usable.filter(({ spec }) => spec.nodeName === undefined || spec.nodeName === node) : inZone(this.usable, ({ spec }) => spec.zones, zone);
    const list = members.map(({ endpoint }) => endpoint);
    this.near.set(key, list);
    return list;
  }

  private now(): number {
    return this.context.clock.monotonic();
  }

  private isNew({ endpoint, spec }: Member): boolean {
    return !spec.terminating && !(spec.ready && endpoint.proven) && this.now() < endpoint.unprovenSince + this.context.hold.newMs;
  }

  /** Until when waiting makes sense (monotonic ms). */
  private hopeEnds(): number {
    const { newMs, lostMs } = this.context.hold;
    let end = Math.max(this.lostAt + lostMs, this.wakeUntil);
    for (const member of this.members) if (this.isNew(member) && !member.endpoint.draining) end = Math.max(end, member.endpoint.unprovenSince + newMs);
    return end;
  }

  private hope(): boolean {
    return !this.gone && this.now() < this.hopeEnds();
  }

  /** Also while there is other hope: the last endpoint may have gone because the workload was put to sleep. */
  private askToWake(): void {
    if (this.usable.length === 0 && this.now() >= this.wakeUntil && this.context.wake(this)) this.wakeUntil = this.now() + this.context.hold.wakeMs;
  }

  private settle(found: boolean): void {
    if (this.waiters.size === 0) return;
    const waiters = this.waiters;
    this.waiters = new Set();
    for (const done of waiters) done(found);
  }

  /** Keeps `open` right, and lets waiters go when their time is up. */
  private watchHope(): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (!this.hope() && this.waiters.size > 0) this.askToWake();
    if (this.usable.length === 0 && !this.hope()) this.use(this.leaving());
    const hope = this.usable.length > 0 || this.hope();
    if (!hope) this.settle(false);
    else if (this.usable.length === 0) this.timer = this.context.clock.after(this.hopeEnds() - this.now() + 1, () => this.watchHope());
    const open = hope || this.context.mayWake(this);
    if (open === this.open) return;
    this.open = open;
    this.context.changed(this);
  }
}
