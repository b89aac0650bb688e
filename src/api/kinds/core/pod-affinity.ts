import type { Pod, PodAffinityTerm } from '../../types/core.v1.ts';

/** Writes matchLabelKeys and mismatchLabelKeys into the selectors of the pod's affinity terms, with the pod's own values (registry/core/pod/strategy.go). */
export function applyLabelKeys(pod: Pod): void {
  for (const affinity of [pod.spec.affinity?.podAffinity, pod.spec.affinity?.podAntiAffinity]) {
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) if (podAffinityTerm) applyTo(podAffinityTerm, pod);
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) applyTo(term, pod);
  }
}

function applyTo(term: PodAffinityTerm, pod: Pod): void {
  const { labelSelector } = term;
  if (!labelSelector) return;
  const wanted = [...(term.matchLabelKeys ?? []).map((key) => ({ key, operator: 'In' })), ...(term.mismatchLabelKeys ?? []).map((key) => ({ key, operator: 'NotIn' }))];
  for (const { key, operator } of wanted) {
    const value = pod.metadata.labels?.[key];
    if (value !== undefined) labelSelector.matchExpressions = [...(labelSelector.matchExpressions ?? []), { key, operator, values: [value] }];
  }
}
