/**
 * In-place resize, decided: pure. A pod has three amounts of everything: what its spec says (desired), what the node promised it (allocated) and what its running containers have (actuated,
 * which the runtime keeps as a label). kubelet.go handlePodResourcesResize; kuberuntime_manager.go computePodResizeAction, doPodResizeAction.
 */
import type { Container, Node, Pod, PodCondition, ResourceRequirements } from '../../api/types/core.v1.ts';
import { milli, whole } from '../quantity.ts';
import type { ContainerStatus, Resources } from '../runtime/runtime.ts';
import { admission } from './admit.ts';
import { podResources, podTotal } from './resources.ts';
import { isSidecar, newest, sidecars, startedWith, type PodView } from './view.ts';

/** What the node promised, by container. */
export type Allocation = ReadonlyMap<string, ResourceRequirements>;

export type Resizable = 'cpu' | 'memory';

export interface Pending {
  readonly reason: 'Infeasible' | 'Deferred';
  readonly message: string;
}

/** One thing that the runtime is asked for. */
export type ResizeStep =
  | { readonly kind: 'pod'; readonly resources: Resources }
  | { readonly kind: 'container'; readonly id: string; readonly name: string; readonly requirements: ResourceRequirements };

const RESOURCES: readonly Resizable[] = ['memory', 'cpu'];
const LISTS = ['requests', 'limits'] as const;

function resizable(pod: Pod): readonly Container[] {
  return [...sidecars(pod), ...pod.spec.containers];
}

/** All that a pod's spec asks for now. */
export function allocationOf(pod: Pod): Allocation {
  return new Map(resizable(pod).map((c) => [c.name, c.resources ?? {}]));
}

/** What a kubelet that starts again had promised: what the containers were last given; the rest is looked at anew. */
export function adoptedAllocation(pod: Pod, view: PodView): Allocation {
  return new Map(resizable(pod).map((c) => {
    const status = newest(view, c.name);
    return [c.name, (status && startedWith(status)) ?? c.resources ?? {}];
  }));
}

/** The pod as the node has taken it; the same object where that is what its spec says. */
export function withAllocation(pod: Pod, allocation: Allocation): Pod {
  if (resizable(pod).every((c) => sameResources(allocation.get(c.name) ?? c.resources, c.resources))) return pod;
  const replaced = (c: Container): Container => (allocation.has(c.name) ? { ...c, resources: allocation.get(c.name)! } : c);
  const { initContainers } = pod.spec;
  return { ...pod, spec: { ...pod.spec, containers: pod.spec.containers.map(replaced), ...(initContainers && { initContainers: initContainers.map((c) => (isSidecar(c) ? replaced(c) : c)) }) } };
}

/** Whether two say the same of what can be resized. */
export function sameResources(a: ResourceRequirements | undefined, b: ResourceRequirements | undefined): boolean {
  return a === b || RESOURCES.every((name) => sameAmount(a, b, name));
}

function sameAmount(a: ResourceRequirements | undefined, b: ResourceRequirements | undefined, name: Resizable): boolean {
  return LISTS.every((list) => amount(a, list, name) === amount(b, list, name));
}

/** Milli for cpu, bytes for memory; 0 where it is not said. */
function amount(resources: ResourceRequirements | undefined, list: 'requests' | 'limits', name: Resizable): number {
  const text = resources?.[list]?.[name];
  return text === undefined ? 0 : name === 'cpu' ? milli(text) : whole(text);
}

/** Why the node does not promise what the spec asks for now; undefined = it does (canResizePod). `others`: the pods that hold room on it. */
export function resizeRefusal(desired: Pod, node: Node, others: readonly Pod[]): Pending | undefined {
  for (const name of RESOURCES) {
    const wanted = podTotal(desired, 'requests', name);
    const text = node.status?.allocatable?.[name];
    const capacity = text === undefined ? 0 : name === 'cpu' ? milli(text) : whole(text);
    if (wanted > capacity) return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${name}, requested: ${wanted}, capacity: ${capacity}` };
  }
  const refusal = admission(desired, node, others);
  return refusal && { reason: 'Deferred', message: refusal.message };
}

/** Whether a running container has to start again to get what it was promised. */
export function resizeRestarts(container: Container, status: ContainerStatus): boolean {
  const actual = startedWith(status);
  if (actual === undefined) return false;
  return RESOURCES.some((name) => !sameAmount(actual, container.resources, name) && container.resizePolicy?.find((p) => p.resourceName === name)?.restartPolicy === 'RestartContainer');
}

/** Whether a running container does not have yet what it was promised. */
export function isResizing(pod: Pod, view: PodView): boolean {
  return resizable(pod).some((container) => {
    const actual = actuated(container, view);
    return actual !== undefined && !sameResources(actual, container.resources);
  });
}

function actuated(container: Container, view: PodView): ResourceRequirements | undefined {
  const status = newest(view, container.name);
  return status?.state === 'running' ? startedWith(status) : undefined;
}

/**
 * What gives every running container, and the pod as a whole, what it was promised. One resource after the other; of each, the pod's own limit first where it grows and last where it shrinks,
 * and containers that shrink before those that grow. `podNow`: what the pod as a whole has; undefined after a restart, when it is taken from its containers.
 */
export function resizeSteps(pod: Pod, view: PodView, podNow: Resources | undefined): ResizeStep[] {
  const current = new Map(resizable(pod).map((c) => [c.name, actuated(c, view) ?? c.resources ?? {}]));
  let now = podNow ?? podResources(withAllocation(pod, adoptedAllocation(pod, view)));
  const steps: ResizeStep[] = [];
  const setPod = (resources: Resources) => {
    if (!sameLimits(now, resources)) steps.push({ kind: 'pod', resources });
    now = resources;
  };
  for (const name of RESOURCES) {
    const changing = resizable(pod).filter((c) => !sameAmount(current.get(c.name), c.resources, name));
    const growth = (c: Container) => LISTS.map((list) => amount(c.resources, list, name) - amount(current.get(c.name), list, name)).findLast((n) => n !== 0) ?? 0;
    changing.sort((a, b) => Math.sign(growth(a)) - Math.sign(growth(b)));
    const target = podResources(pod);
    setPod(name === 'memory' ? { ...now, memoryBytes: larger(now.memoryBytes, target.memoryBytes) } : { ...now, cpuQuota: larger(now.cpuQuota, target.cpuQuota), cpuShares: Math.max(now.cpuShares, target.cpuShares) });
    for (const container of changing) {
      const requirements = withAmount(current.get(container.name)!, container.resources, name);
      current.set(container.name, requirements);
      steps.push({ kind: 'container', id: newest(view, container.name)!.id, name: container.name, requirements });
    }
    setPod(name === 'memory' ? { ...now, memoryBytes: target.memoryBytes } : { ...now, cpuQuota: target.cpuQuota, cpuShares: target.cpuShares });
  }
  return steps;
}

/** undefined is no limit. */
function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

function sameLimits(a: Resources, b: Resources): boolean {
  return a.cpuQuota === b.cpuQuota && a.cpuShares === b.cpuShares && a.memoryBytes === b.memoryBytes;
}

/** `from`, with `name` as in `to`. */
function withAmount(from: ResourceRequirements, to: ResourceRequirements | undefined, name: Resizable): ResourceRequirements {
  const result: ResourceRequirements = { ...from };
  for (const list of LISTS) {
    const value = to?.[list]?.[name];
    const { [name]: _old, ...rest } = from[list] ?? {};
    if (value !== undefined) result[list] = { ...rest, [name]: value };
    else if (Object.keys(rest).length > 0) result[list] = rest;
    else delete result[list];
  }
  return result;
}

/** Only while there is something to say. `error`: why the last try to give it failed. */
export function resizeConditions(pod: Pod, view: PodView, pending: Pending | undefined, error: string | undefined): PodCondition[] {
  return [
    ...(pending ? [{ type: 'PodResizePending', status: 'True', ...pending } as const] : []),
    ...(isResizing(pod, view) || error !== undefined ? [{ type: 'PodResizeInProgress', status: 'True', ...(error !== undefined && { reason: 'Error', message: error }) } as const] : []),
  ];
}
