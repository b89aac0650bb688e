import { parseQuantity, quantityMilliValue } from '../../base/quantity.ts';
import type { Node, Service } from '../../api/types/core.v1.ts';
import type { Endpoint, EndpointSlice } from '../../api/types/discovery.v1.ts';
import { compare } from '../names.ts';

export const ZONE = 'topology.kubernetes.io/zone';

/** How much more than its share an endpoint may get (upstream's overloadThreshold). */
const OVERLOAD = 0.2;
/** Nodes on which no Service's traffic is expected. */
const EXCLUDED = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** The zone that each hinted endpoint is for. */
export type ZoneHints = ReadonlyMap<Endpoint, string>;

/** Whether the Service asks for hints by its zones' CPU; the older annotation has the last word (endpointslice/utils.go hintsEnabled). */
export function wantsZoneShares({ metadata: { annotations } }: Service): boolean {
  return ['Auto', 'auto'].includes(annotations?.['service.kubernetes.io/topology-aware-hints'] ?? annotations?.['service.kubernetes.io/topology-mode'] ?? '');
}

/** Each zone's part of the ready nodes' CPU; undefined where a node does not say its zone or CPU, or where there are not two zones (topologycache SetNodes). */
export function zoneShares(nodes: readonly Node[]): ReadonlyMap<string, number> | undefined {
  const cpu = new Map<string, number>();
  for (const node of nodes.filter(counts)) {
    const zone = node.metadata.labels?.[ZONE];
    const milli = quantityMilliValue(parseQuantity(node.status?.allocatable?.cpu ?? '0'));
    if (!zone || milli === 0) return undefined;
    cpu.set(zone, (cpu.get(zone) ?? 0) + milli);
  }
  const total = [...cpu.values()].reduce((sum, milli) => sum + milli, 0);
  return cpu.size < 2 ? undefined : new Map([...cpu].map(([zone, milli]) => [zone, milli / total]));
}

function counts({ metadata: { labels = {} }, status }: Node): boolean {
  return !EXCLUDED.some((label) => label in labels) && status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
}

/** Whether a Node's change may change zoneShares. */
export function sharesMayDiffer(old: Node, node: Node): boolean {
  return counts(old) !== counts(node) || old.metadata.labels?.[ZONE] !== node.metadata.labels?.[ZONE];
}

interface Allocation {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
}

/**
 * A zone for every ready endpoint, so that zones have endpoints by their CPU; a sentence where that is not possible (topologycache AddHints). Slices that are not written anyway keep their hints as long
 * as no zone has too many by them.
 */
export function hintZones(unchanged: readonly EndpointSlice[], changing: readonly EndpointSlice[], shares: ReadonlyMap<string, number> | undefined): ZoneHints | string {
  if (!shares) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  const allocations = allocate(readyOf([...unchanged, ...changing]).length, shares);
  if (typeof allocations === 'string') return allocations;
  const hints = new Map<Endpoint, string>();
  const held = new Map<string, number>();
  const give = (endpoint: Endpoint, zone: string) => {
    hints.set(endpoint, zone);
    held.set(zone, (held.get(zone) ?? 0) + 1);
  };
  const open = readyOf(changing);
  for (const slice of unchanged) {
    if (keeps(slice, held, allocations)) for (const endpoint of readyOf([slice])) give(endpoint, zoneHint(endpoint) ?? '');
    else open.push(...readyOf([slice]));
  }
  for (const endpoint of open) {
    if (!endpoint.zone) return 'One or more endpoints do not have a zone specified';
    give(endpoint, endpoint.zone);
  }
  const moves = movesBetween(allocations, held);
  for (const endpoint of open) {
    const at = moves.findIndex(({ from }) => from === endpoint.zone);
    if (at >= 0) hints.set(endpoint, moves.splice(at, 1)[0]!.to);
  }
  return hints;
}

function allocate(endpoints: number, shares: ReadonlyMap<string, number>): ReadonlyMap<string, Allocation> | string {
  const numbers = `(${endpoints} endpoints, ${shares.size} zones)`;
  if (shares.size > endpoints) return `Insufficient number of endpoints ${numbers}`;
  const wanted = [...shares].map(([zone, share]) => ({ zone, desired: share * endpoints, minimum: Math.ceil((share * endpoints) / (1 + OVERLOAD)) }));
  const spare = endpoints - wanted.reduce((sum, { minimum }) => sum + minimum, 0);
  if (spare < 0) return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${numbers}`;
  return new Map(wanted.map(({ zone, desired, minimum }) => [zone, { minimum, maximum: minimum + spare, desired: Math.max(desired, minimum) }]));
}

/** Whether the hints that a slice has may stay. */
function keeps(slice: EndpointSlice, held: ReadonlyMap<string, number>, allocations: ReadonlyMap<string, Allocation>): boolean {
  const own = new Map<string, number>();
  for (const endpoint of readyOf([slice])) {
    const zone = zoneHint(endpoint);
    if (zone === undefined) return false;
    own.set(zone, (own.get(zone) ?? 0) + 1);
  }
  return [...own].every(([zone, count]) => count + (held.get(zone) ?? 0) <= (allocations.get(zone)?.maximum ?? -1));
}

/** Which zones' endpoints serve another zone, one entry an endpoint: always from who has most too many to who has most too few (getGivingAndReceivingZones). */
function movesBetween(allocations: ReadonlyMap<string, Allocation>, held: ReadonlyMap<string, number>): { readonly from: string; readonly to: string }[] {
  const excess = new Map([...allocations].map(([zone, { desired }]) => [zone, (held.get(zone) ?? 0) - desired]));
  const moves: { from: string; to: string }[] = [];
  for (;;) {
    const order = [...excess].sort(([zoneA, a], [zoneB, b]) => b - a || compare(zoneA, zoneB));
    const [[from, more], [to, less]] = [order[0]!, order[order.length - 1]!];
    // Half an endpoint is the least that is worth a move, and a whole one on one side at least.
    if (more < 0.5 || -less < 0.5 || (more < 1 && -less < 1)) return moves;
    moves.push({ from, to });
    excess.set(from, more - 1).set(to, less + 1);
  }
}

const readyOf = (slices: readonly EndpointSlice[]) => slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready === true);
const zoneHint = ({ hints }: Endpoint) => (hints?.forZones?.length === 1 ? hints.forZones[0]?.name : undefined);
