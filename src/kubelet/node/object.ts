/** The Node object as the kubelet reports it (pkg/kubelet/nodestatus/setters.go). */
import type { ContainerImage, Node, NodeAddress, NodeCondition, NodeStatus, NodeSystemInfo } from '../../api/types/core.v1.ts';
import { equalJson } from '../../api/json.ts';
import { canonicalQuantity } from '../../base/quantity.ts';
import { whole } from '../quantity.ts';
import type { ImageInfo, NodeCapacity } from '../types.ts';

/** Hard eviction threshold: memory that pods never get. */
export const EVICTION_MEMORY_BYTES = 100 * 2 ** 20;

export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly capacity: NodeCapacity;
  readonly addresses: readonly NodeAddress[];
  readonly info: NodeSystemInfo;
  /** What the runtime cannot give, in sentences. */
  readonly limitations: readonly string[];
  /** Containers have the users and groups that they are given. */
  readonly ownUsers: boolean;
  readonly images: readonly ImageInfo[];
  /** Why it is not ready; undefined = it is. */
  readonly notReady?: string;
  readonly memoryPressure: boolean;
}

export function nodeLabels(name: string, arch: string, more: Readonly<Record<string, string>>): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': arch, 'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': arch, 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux',
    ...more,
  };
}

/** Capacity less what eviction keeps free. */
export function allocatable(capacity: NodeCapacity): Record<string, string> {
  const rest = { ...capacity };
  const memory = whole(capacity.memory);
  // A node declared this small keeps nothing back: there is nothing to keep.
  const left = memory > 2 * EVICTION_MEMORY_BYTES ? memory - EVICTION_MEMORY_BYTES : memory;
  return { ...canonical(rest), memory: canonicalQuantity(`${left / 1024}Ki`) };
}

function canonical(list: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(list).map(([name, value]) => [name, canonicalQuantity(value)]));
}

/** `old`: the status as it stands. Resources that others advertise stay, and can be had in full; a condition's transition time moves only with its status. `now`: RFC 3339. */
export function nodeStatus(facts: NodeFacts, old: NodeStatus, now: string): NodeStatus {
  return {
    ...resources(facts, old),
    conditions: conditions(facts, old.conditions ?? [], now),
    addresses: [...facts.addresses],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: facts.info,
    features: { supplementalGroupsPolicy: facts.ownUsers },
    images: facts.images.slice(0, MAX_IMAGES).map(imageEntry),
  };
}

function resources(facts: Pick<NodeFacts, 'capacity'>, { capacity = {} }: NodeStatus): { readonly capacity: Record<string, string>; readonly allocatable: Record<string, string> } {
  const advertised = Object.fromEntries(Object.entries(capacity).filter(([name]) => !(name in facts.capacity)));
  return { capacity: { ...advertised, ...canonical(facts.capacity) }, allocatable: { ...advertised, ...allocatable(facts.capacity) } };
}

/** Whether somebody else changed what can be had of the node: it is for the kubelet to say it anew (nodestatus MachineInfo). */
export function resourcesDiffer(facts: Pick<NodeFacts, 'capacity'>, old: NodeStatus): boolean {
  const { capacity, allocatable: rest } = resources(facts, old);
  return !equalJson(capacity, old.capacity ?? {}) || !equalJson(rest, old.allocatable ?? {});
}

/** kubelet's nodeStatusMaxImages */
const MAX_IMAGES = 50;

function imageEntry(image: ImageInfo): ContainerImage {
  return { names: [...image.names], sizeBytes: image.sizeBytes };
}

function conditions(facts: NodeFacts, old: readonly NodeCondition[], now: string): NodeCondition[] {
  const wanted: Omit<NodeCondition, 'lastHeartbeatTime' | 'lastTransitionTime'>[] = [
    facts.memoryPressure
      ? { type: 'MemoryPressure', status: 'True', reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' }
      : { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
    { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
    ...(facts.limitations.length > 0 ? [{ type: 'RuntimeLimited', status: 'True', reason: 'RuntimeLimitations', message: facts.limitations.join(' ') }] : []),
    facts.notReady === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: facts.notReady },
  ];
  const known = new Set(wanted.map((c) => c.type));
  const foreign = old.filter((c) => !known.has(c.type) && c.type !== 'RuntimeLimited');
  return [...foreign, ...wanted.map((condition) => {
    const before = old.find((c) => c.type === condition.type);
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime ?? now : now };
  })];
}

/** What a first registration creates. */
export function newNode(name: string, labels: Readonly<Record<string, string>>, taints: readonly { key: string; value?: string; effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }[], podCidr: string | undefined): Node {
  return {
    apiVersion: 'v1', kind: 'Node',
    metadata: { name, labels: { ...labels }, annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } },
    spec: { ...(taints.length > 0 && { taints: taints.map((t) => ({ ...t })) }), ...(podCidr !== undefined && { podCIDR: podCidr, podCIDRs: [podCidr] }) },
    status: {},
  };
}
