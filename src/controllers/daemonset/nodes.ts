import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type { Affinity, Node, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../../api/types/core.v1.ts';
import { matchesTerm, NAME_FIELD } from '../../api/node-terms.ts';
import { tolerates } from '../../api/taints.ts';

/** What daemon pods put up with on their node without being asked (daemonset_util.go AddOrUpdateDaemonPodTolerations). */
const TOLERATED: readonly (readonly [string, string])[] = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
];

/** The template's tolerations and a daemon's own. */
export function daemonTolerations(spec: PodSpec): Toleration[] {
  const added = (spec.hostNetwork ? [...TOLERATED, ['node.kubernetes.io/network-unavailable', 'NoSchedule'] as const] : TOLERATED).map(([key, effect]): Toleration => ({ key, operator: 'Exists', effect: effect as Toleration['effect'] }));
  const same = (a: Toleration, b: Toleration) => a.key === b.key && a.effect === b.effect && (a.operator ?? 'Equal') === b.operator && (a.value ?? '') === '';
  return [...(spec.tolerations ?? []), ...added.filter((toleration) => !(spec.tolerations ?? []).some((present) => same(present, toleration)))];
}

/** The template's affinity, narrowed to one node by name (ReplaceDaemonSetPodNodeNameNodeAffinity). */
export function affinityTo(affinity: Affinity | undefined, node: string): Affinity {
  const nodeSelectorTerms: NodeSelectorTerm[] = [{ matchFields: [{ key: NAME_FIELD, operator: 'In', values: [node] }] }];
  const required = { ...affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution, nodeSelectorTerms };
  return { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required } };
}

/** The node a daemon pod is on or for; undefined for a pod that names none. */
export function targetNode(pod: Pod): string | undefined {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const field = terms.flatMap((term) => term.matchFields ?? []).find(({ key, operator }) => key === NAME_FIELD && operator === 'In');
  return field?.values?.length === 1 ? field.values[0] : undefined;
}

/** Whether a daemon belongs on a node, and whether one that is there may stay (daemon_controller.go NodeShouldRunDaemonPod). */
export function shouldRun(set: DaemonSet, node: Node): { readonly run: boolean; readonly stay: boolean } {
  const { spec } = set.spec.template;
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return { run: false, stay: false };
  if (!matchesNode(spec, node)) return { run: false, stay: false };
  const tolerations = daemonTolerations(spec);
  const untolerated = (node.spec?.taints ?? []).filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
  if (untolerated.every(({ effect }) => effect === 'PreferNoSchedule')) return { run: true, stay: true };
  return { run: false, stay: untolerated.every(({ effect }) => effect !== 'NoExecute') };
}

/** Whether nodeSelector and required node affinity let a pod on a node (component-helpers nodeaffinity.GetRequiredNodeAffinity). */
function matchesNode({ nodeSelector = {}, affinity }: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}
