/** Whether the node takes a pod that was bound to it (lifecycle/predicate.go). */
import { hostPortsOf, NO_FREE_PORTS, portsClash } from '../../api/host-ports.ts';
import { tolerates } from '../../api/taints.ts';
import type { Pod, Node } from '../../api/types/core.v1.ts';
import { milli, whole } from '../quantity.ts';
import { podTotal } from './resources.ts';
import { sysctlRefusal } from './sysctls.ts';
import { isSidecar } from './view.ts';

export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** `others`: the pods that hold room on the node. Undefined = admitted. */
export function admission(pod: Pod, node: Node, others: readonly Pod[]): Refusal | undefined {
  return osRefusal(pod, node) ?? groupsRefusal(pod, node) ?? sysctlRefusal(pod) ?? resourceRefusal(pod, node.status?.allocatable ?? {}, others) ?? selectorRefusal(pod, node) ?? portRefusal(pod, others) ?? taintRefusal(pod, node);
}

function osRefusal(pod: Pod, node: Node): Refusal | undefined {
  const wanted = pod.spec.nodeSelector?.['kubernetes.io/os'];
  if (wanted !== undefined && wanted !== node.metadata.labels?.['kubernetes.io/os']) {
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label" };
  }
  return pod.spec.os && pod.spec.os.name !== 'linux' ? { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" } : undefined;
}

function groupsRefusal(pod: Pod, node: Node): Refusal | undefined {
  if (pod.spec.securityContext?.supplementalGroupsPolicy !== 'Strict' || node.status?.features?.supplementalGroupsPolicy) return undefined;
  return { reason: 'SupplementalGroupsPolicyNotSupported', message: 'SupplementalGroupsPolicy=Strict is not supported in this node' };
}

function resourceRefusal(pod: Pod, allocatable: Readonly<Record<string, string>>, others: readonly Pod[]): Refusal | undefined {
  const capacity = (name: string) => (allocatable[name] === undefined ? 0 : name === 'cpu' ? milli(allocatable[name]) : whole(allocatable[name]));
  if (others.length + 1 > capacity('pods')) return outOf('pods', 1, others.length, capacity('pods'));
  for (const name of ['cpu', 'memory', ...otherResources(pod)]) {
    // A resource of the cluster, not of its nodes, is the scheduler's alone (removeMissingExtendedResources).
    if (name.includes('/') && allocatable[name] === undefined) continue;
    const wanted = requested(pod, name);
    if (wanted === 0) continue;
    const used = others.reduce((sum, other) => sum + requested(other, name), 0);
    if (wanted + used > capacity(name)) return outOf(name, wanted, used, capacity(name));
  }
  return undefined;
}

function outOf(name: string, wanted: number, used: number, capacity: number): Refusal {
  return { reason: `OutOf${name}`, message: `Node didn't have enough resource: ${name}, requested: ${wanted}, used: ${used}, capacity: ${capacity}` };
}

function otherResources(pod: Pod): string[] {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((c) => Object.keys(c.resources?.requests ?? {}));
  return [...new Set(all)].filter((name) => name !== 'cpu' && name !== 'memory').sort();
}

/** What a pod asks for never changes, and every new pod asks what all the others ask for. */
const requests = new WeakMap<Pod['spec'], Map<string, number>>();

function requested(pod: Pod, name: string): number {
  const known = requests.get(pod.spec) ?? new Map<string, number>();
  requests.set(pod.spec, known);
  const value = known.get(name) ?? (name === 'cpu' || name === 'memory' ? podTotal(pod, 'requests', name) : sumOf(pod, name));
  known.set(name, value);
  return value;
}

function sumOf(pod: Pod, name: string): number {
  const of = (c: { resources?: { requests?: Record<string, string> } }) => whole(c.resources?.requests?.[name] ?? '0');
  const kept = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)].reduce((sum, c) => sum + of(c), 0);
  return Math.max(kept, ...(pod.spec.initContainers ?? []).map(of));
}

/** nodeSelector and the required node affinity, whatever scheduler placed the pod. */
function selectorRefusal(pod: Pod, node: Node): Refusal | undefined {
  const labels = node.metadata.labels ?? {};
  const bySelector = Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const byAffinity = terms === undefined || terms.some((term) => {
    const expressions = term.matchExpressions ?? [];
    const fields = term.matchFields ?? [];
    if (expressions.length + fields.length === 0) return false;
    return expressions.every((e) => holds(e.operator, e.values ?? [], labels[e.key])) && fields.every((f) => holds(f.operator, f.values ?? [], node.metadata.name));
  });
  return bySelector && byAffinity ? undefined : failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
}

const failed = (predicate: string, why: string): Refusal => ({ reason: predicate, message: `Predicate ${predicate} failed: ${why}` });

function portRefusal(pod: Pod, others: readonly Pod[]): Refusal | undefined {
  const wanted = hostPortsOf(pod.spec);
  return wanted.length > 0 && others.some((other) => portsClash(wanted, hostPortsOf(other.spec))) ? failed('NodePorts', NO_FREE_PORTS) : undefined;
}

/** Whom the taint manager would take away at once is not started. */
function taintRefusal(pod: Pod, node: Node): Refusal | undefined {
  const borne = (node.spec.taints ?? []).every((taint) => taint.effect !== 'NoExecute' || pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint)));
  return borne ? undefined : failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
}

function holds(operator: string, values: readonly string[], value: string | undefined): boolean {
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value);
    case 'NotIn': return value === undefined || !values.includes(value);
    case 'Exists': return value !== undefined;
    case 'DoesNotExist': return value === undefined;
    case 'Gt': return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt': return value !== undefined && Number(value) < Number(values[0]);
    default: return false;
  }
}
