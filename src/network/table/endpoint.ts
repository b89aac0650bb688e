import type { EndpointSpec } from './spec.ts';
import { createMeter, type Meter } from '../meter.ts';

/** A connection that an endpoint keeps ready for the next request. */
export interface IdleConnection {
  close(): void;
  /** It has been idle for so long that the pod may be about to close it. */
  readonly stale: boolean;
}

/** A connection that many requests share. */
export interface SharedConnection {
  /** Takes no more requests; ends once those that are open have. */
  close(): void;
  /** Nobody has used it for long. */
  readonly stale: boolean;
}

/** A stream of bytes that nobody cuts into requests. */
export interface Tunnel {
  /** Ends it when it has been quiet since the last call; true when it is gone. */
  endIfQuiet(): boolean;
}

/** Draws up its candidates anew when an endpoint changed. */
export interface Holder {
  refresh(): void;
}

/**
 * One port of one pod, shared by every Service and route that leads to it, so that its load is counted once. What is known of it beyond the API: whether something listens, whether the pod is
 * leaving, and what is open to it.
 */
export class Endpoint {
  readonly key: string;
  readonly address: string;
  readonly port: number;
  readonly pod: string;
  readonly podUid: string;
  readonly meter: Meter;
  /** A connect succeeded since it appeared (or since the last refusal). */
  proven = false;
  /** When the first connect ever succeeded (Clock.now); a refusal later changes nothing about it. */
  firstProvenAt: number | undefined;
  /** The pod was unpublished: never choose it. */
  draining = false;
  /** Unpublished, but kept as the last resort until a replacement listens. */
  lastResort = false;
  /** Requests being answered. */
  inFlight = 0;
  readonly idle: IdleConnection[] = [];
  /** The same within TLS. */
  readonly idleSecure: IdleConnection[] = [];
  readonly shared = new Set<SharedConnection>();
  readonly tunnels = new Set<Tunnel>();
  /** Which service ports lead to it. */
  readonly holders = new Set<Holder>();
  /** When it appeared or was last found not to listen (monotonic ms). */
  unprovenSince: number;
  proving = false;
  /** Told whenever inFlight or tunnels may have come to nothing. */
  quiet: (() => void) | undefined;

  constructor(key: string, spec: EndpointSpec, now: () => number) {
    this.key = key;
    this.address = spec.address;
    this.port = spec.port;
    this.pod = spec.pod;
    this.podUid = spec.podUid;
    this.meter = createMeter(now);
    this.unprovenSince = now();
  }

  get load(): number {
    return this.inFlight + this.tunnels.size;
  }

  /** Gives back what `inFlight++` took. */
  release(): void {
    this.inFlight--;
    if (this.inFlight === 0 && this.quiet) this.quiet();
  }

  /** Closes idle connections that are too old to be used. */
  dropStale(): void {
    for (const pool of [this.idle, this.idleSecure]) {
      for (const connection of pool.splice(0)) {
        if (connection.stale) connection.close();
        else pool.push(connection);
      }
    }
    for (const connection of this.shared) if (connection.stale) connection.close();
  }

  dropIdle(): void {
    for (const connection of [...this.idle.splice(0), ...this.idleSecure.splice(0), ...this.shared]) connection.close();
  }
}

export const endpointKey = (spec: EndpointSpec, protocol: string): string => `${protocol}:${spec.address}:${spec.port}:${spec.podUid}`;
