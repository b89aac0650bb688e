import { Pods } from '../../api/kinds/core/pod.ts';
import { StatefulSets } from '../../api/kinds/apps/stateful-set.ts';
import { apiVersionOf, type KubeObject } from '../../api/object.ts';
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import { controllerReference } from '../ownership.ts';
import { REVISION_LABEL } from '../revisions.ts';
import { podFromTemplate } from '../template.ts';

const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** The number in a pod's name; -1 when the pod is not named as this set's. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name ?? '');
  return match && match[1] === set.metadata.name ? Number(match[2]) : -1;
}

export const startOrdinal = (set: StatefulSet) => set.spec.ordinals?.start ?? 0;
export const wantedReplicas = (set: StatefulSet) => set.spec.replicas ?? 1;
export const inRange = (set: StatefulSet, ordinal: number) => ordinal >= startOrdinal(set) && ordinal < startOrdinal(set) + wantedReplicas(set);
export const podRevision = (pod: Pod) => pod.metadata.labels?.[REVISION_LABEL] ?? '';

/** The pod of one ordinal, of one revision's template (stateful_set_utils.go newVersionedStatefulSetPod). */
export function podOf(set: StatefulSet, ordinal: number, template: PodTemplateSpec, revision: string): Pod {
  const name = `${set.metadata.name}-${ordinal}`;
  const { generateName: _, ...metadata } = podFromTemplate(template, set, StatefulSets).metadata;
  const claimed: Volume[] = (set.spec.volumeClaimTemplates ?? []).map((claim) => ({ name: claim.metadata.name ?? '', persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) } }));
  const others = (template.spec.volumes ?? []).filter((volume) => !claimed.some(({ name }) => name === volume.name));
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { ...metadata, name, labels: { ...metadata.labels, [POD_NAME_LABEL]: name, [POD_INDEX_LABEL]: String(ordinal), [REVISION_LABEL]: revision } },
    spec: { ...template.spec, hostname: name, ...(set.spec.serviceName && { subdomain: set.spec.serviceName }), ...(claimed.length + others.length > 0 && { volumes: [...claimed, ...others] }) },
  };
}

/** The labels that a pod of the set must have by its name; undefined when it has them (identityMatches). */
export function missingIdentity(set: StatefulSet, pod: Pod): Record<string, string> | undefined {
  const name = pod.metadata.name ?? '';
  if (pod.metadata.labels?.[POD_NAME_LABEL] === name) return undefined;
  return { [POD_NAME_LABEL]: name, [POD_INDEX_LABEL]: String(ordinalOf(set, pod)) };
}

const claimName = (set: StatefulSet, claim: PersistentVolumeClaim, ordinal: number) => `${claim.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The claims of one ordinal. */
export function claimsOf(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    ...template, apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: undefined,
    metadata: { ...template.metadata, name: claimName(set, template, ordinal), namespace: set.metadata.namespace, labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels } },
  }));
}

/**
 * The owners that a claim should have by the set's retention policy: the set, where claims go with it; a pod that is scaled away, where they go with that. undefined when the claim
 * is right as it is, or another controller has it (stateful_set_utils.go isClaimOwnerUpToDate, updateClaimOwnerRefForSetAndPod).
 */
export function claimOwners(set: StatefulSet, claim: PersistentVolumeClaim, pod: Pod): readonly OwnerReference[] | undefined {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const owners = claim.metadata.ownerReferences ?? [];
  const names = (owner: KubeObject, reference: OwnerReference, apiVersion: string, kind: string) => reference.apiVersion === apiVersion && reference.kind === kind && reference.name === owner.metadata.name;
  const ours = (reference: OwnerReference) => names(set, reference, apiVersionOf(StatefulSets), 'StatefulSet') || names(pod, reference, 'v1', 'Pod');
  const uids = [set.metadata.uid, pod.metadata.uid];
  if (owners.some((reference) => ours(reference) && !uids.includes(reference.uid))) return undefined;
  const others = owners.filter((reference) => !ours(reference));
  if (others.some((reference) => reference.controller === true)) return owners.length === others.length ? undefined : others;
  const scaledAway = !inRange(set, ordinalOf(set, pod));
  const wanted = [
    ...(whenDeleted === 'Delete' && !(whenScaled === 'Delete' && scaledAway) ? [controllerReference(set, StatefulSets)] : []),
    ...(whenScaled === 'Delete' && scaledAway ? [controllerReference(pod, Pods)] : []),
  ];
  const present = owners.filter(ours);
  const same = present.length === wanted.length && wanted.every(({ uid }) => present.some((reference) => reference.uid === uid && reference.controller === true));
  return same ? undefined : [...others, ...wanted];
}
