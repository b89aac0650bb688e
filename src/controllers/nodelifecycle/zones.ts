import type { Node } from '../../api/types/core.v1.ts';
import { readiness } from './decide.ts';

/** Nodes of a zone that may be given up a second: --node-eviction-rate, and --secondary-node-eviction-rate where too many are not ready. */
const RATE = 0.1;
const SECONDARY_RATE = 0.01;
/** A zone with fewer nodes gives up none at all then (--large-cluster-size-threshold). */
const LARGE_ZONE = 50;
/** The part of a zone's nodes that may not be ready before it is the zone that is suspected, not its nodes (--unhealthy-zone-threshold). */
const UNHEALTHY = 0.55;

/** The zone that a node is in, its region included (nodetopology GetZoneKey). */
export function zoneOf({ metadata: { labels } }: Node): string {
  return JSON.stringify([labels?.['topology.kubernetes.io/region'] ?? '', labels?.['topology.kubernetes.io/zone'] ?? '']);
}

/** What the nodes' readiness says of the zones. */
export interface Disruption {
  /** No node of the cluster is ready. */
  readonly cutOff: boolean;
  /** How many nodes of each zone may lose their pods a second. */
  readonly rates: ReadonlyMap<string, number>;
}

/**
 * Whose pods may go, and how fast (node_lifecycle_controller.go handleDisruption): slowly where most of a zone is not ready, not at all when no node of the cluster is, for then it is rather we who are cut off.
 */
export function disruption(nodes: Iterable<Node>): Disruption {
  const zones = new Map<string, { ready: number; unready: number }>();
  for (const node of nodes) {
    const zone = zoneOf(node);
    const count = zones.get(zone) ?? { ready: 0, unready: 0 };
    zones.set(zone, count);
    if (readiness(node) === 'True') count.ready++;
    else count.unready++;
  }
  const cutOff = [...zones.values()].every(({ ready }) => ready === 0);
  const rate = ({ ready, unready }: { ready: number; unready: number }) => {
    if (cutOff) return 0;
    const partial = ready > 0 && unready > 2 && unready / (ready + unready) >= UNHEALTHY;
    return partial ? (ready + unready > LARGE_ZONE ? SECONDARY_RATE : 0) : RATE;
  };
  return { cutOff, rates: new Map([...zones].map(([zone, count]) => [zone, rate(count)])) };
}

/** Whose turn it is to be given up: one node after the other in each zone, as often as its rate allows. */
export interface EvictionTurns {
  /** How long this node waits from `now` on, in ms: 0 when it is its turn, which is then taken; Infinity while the rate is 0. */
  ask(node: string, zone: string, rate: number, now: number): number;
  /** It waits no more. */
  forget(node: string): void;
}

/** Nobody waits yet. */
export function evictionTurns(): EvictionTurns {
  const waiting = new Map<string, string>();
  const takenAt = new Map<string, number>();
  return {
    ask(node, zone, rate, now) {
      waiting.set(node, zone);
      if (rate === 0) return Infinity;
      let before = 0;
      for (const [other, place] of waiting) {
        if (other === node) break;
        if (place === zone) before++;
      }
      const everyMs = 1000 / rate;
      const first = Math.max(0, (takenAt.get(zone) ?? -Infinity) + everyMs - now);
      if (before > 0 || first > 0) return first + before * everyMs;
      waiting.delete(node);
      takenAt.set(zone, now);
      return 0;
    },
    forget: (node) => void waiting.delete(node),
  };
}
