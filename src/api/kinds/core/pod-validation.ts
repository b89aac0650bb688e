import type { FieldError } from '../../errors.ts';
import type { ContainerStatus, Pod, PodSpec, Toleration } from '../../types/core.v1.ts';
import { each, forbidden, invalid, invalidEach, required } from '../../validation/field.ts';
import { between, dns1123Subdomain } from '../../validation/formats.ts';
import { changedPaths, immutable, sameValue } from '../../validation/immutable.ts';
import { ipAddress } from '../../validation/values.ts';
import { validateTolerations } from './affinity-validation.ts';
import { validateImages } from './container-validation.ts';
import { validatePodAnnotations } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec-validation.ts';

/** validatePodMetadataAndSpec of pkg/apis/core/validation/validation.go. */
export function validatePod(pod: Pod): FieldError[] {
  const { spec } = pod;
  const tokens = spec.serviceAccountName
    ? []
    : each(spec.volumes, 'spec.volumes', (volume, path) => each(volume.projected?.sources, `${path}.projected.sources`, (source, sourcePath) =>
      source.serviceAccountToken ? [forbidden(`${sourcePath}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set')] : []));
  return [
    ...validatePodAnnotations(pod.metadata.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, pod.metadata.name ?? '', 'spec'),
    ...tokens,
    ...validateImages(spec.containers, 'spec.containers'),
    ...validateImages(spec.initContainers, 'spec.initContainers'),
  ];
}

/** What only a new pod is refused for. */
export function validateNewPod(pod: Pod): FieldError[] {
  const gated = (pod.spec.schedulingGates ?? []).length > 0;
  return [
    ...((pod.spec.ephemeralContainers ?? []).length > 0 ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')] : []),
    ...(pod.spec.nodeName && gated ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')] : []),
  ];
}

const UPDATABLE = [
  '`spec.containers[*].image`', '`spec.initContainers[*].image`', '`spec.activeDeadlineSeconds`', '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

/** What may change in a pod: images, a shorter deadline, more tolerations, fewer gates (and where a gated pod may go). */
export function validatePodUpdate(next: Pod, old: Pod): FieldError[] {
  for (const list of ['containers', 'initContainers'] as const) {
    if ((next.spec[list] ?? []).length !== (old.spec[list] ?? []).length) return [forbidden(`spec.${list}`, 'pod updates may not add or remove containers')];
  }
  const errors = deadlineUpdate(next.spec, old.spec);
  errors.push(...onlyAddedTolerations(next.spec.tolerations, old.spec.tolerations), ...onlyRemovedGates(next.spec, old.spec));
  if (sameValue(next.spec, old.spec)) return errors;
  const munged = allowedChanges(next.spec, old.spec);
  if (!sameValue(munged, old.spec)) {
    errors.push(forbidden('spec', `pod updates may not change fields other than ${UPDATABLE.join(',')}\n${changedPaths(munged, old.spec)}`));
  }
  return errors;
}

function deadlineUpdate(next: PodSpec, old: PodSpec): FieldError[] {
  const at = 'spec.activeDeadlineSeconds';
  const seconds = next.activeDeadlineSeconds;
  const before = old.activeDeadlineSeconds;
  if (seconds === undefined) return before === undefined ? [] : [invalid(at, undefined, 'must not update from a positive integer to nil value')];
  if (seconds < 0 || seconds > 2 ** 31 - 1) return [invalid(at, seconds, between(0, 2 ** 31 - 1))];
  return before !== undefined && before < seconds ? [invalid(at, seconds, 'must be less than or equal to previous value')] : [];
}

function onlyAddedTolerations(next: readonly Toleration[] = [], old: readonly Toleration[] = []): FieldError[] {
  const at = 'spec.tolerations';
  const kept = old.every((toleration) => next.some((other) => sameValue({ ...toleration, tolerationSeconds: other.tolerationSeconds }, other)));
  return kept ? validateTolerations(next, at) : [forbidden(at, 'existing toleration can not be modified except its tolerationSeconds')];
}

function onlyRemovedGates(next: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map((gate) => gate.name));
  return each(next.schedulingGates, 'spec.schedulingGates', (gate, path) => (before.has(gate.name) ? [] : [forbidden(`${path}.name`, `only deletion is allowed, but found new scheduling gate '${gate.name}'`)]));
}

/** The new spec with everything that may change put back. */
function allowedChanges(next: PodSpec, old: PodSpec): PodSpec {
  const withImages = (list: 'containers' | 'initContainers') => next[list]?.map((container, i) => ({ ...container, image: old[list]?.[i]?.image }));
  const munged: PodSpec = {
    ...next,
    containers: withImages('containers') ?? [],
    initContainers: withImages('initContainers'),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
  };
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1) munged.terminationGracePeriodSeconds = old.terminationGracePeriodSeconds;
  if ((old.schedulingGates ?? []).length > 0) {
    const added = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => next.nodeSelector?.[key] === value);
    if (added) munged.nodeSelector = old.nodeSelector;
    if (!old.affinity?.nodeAffinity) munged.affinity = old.affinity ?? (next.affinity?.podAffinity || next.affinity?.podAntiAffinity ? { ...next.affinity, nodeAffinity: undefined } : undefined);
  }
  return munged;
}

/** What `/status` may say. */
export function validatePodStatus(next: Pod, old: Pod): FieldError[] {
  const status = next.status ?? {};
  const was = old.status ?? {};
  const nominated = status.nominatedNodeName;
  return [
    ...(nominated && nominated !== was.nominatedNodeName ? invalidEach('status.nominatedNodeName', nominated, dns1123Subdomain(nominated)) : []),
    ...immutable(status.qosClass, was.qosClass, 'status.qosClass'),
    ...staysTerminated(status.containerStatuses, was.containerStatuses, 'status.containerStatuses', old.spec.restartPolicy),
    ...staysTerminated(status.ephemeralContainerStatuses, was.ephemeralContainerStatuses, 'status.ephemeralContainerStatuses', 'Never'),
    ...each(status.podIPs, 'status.podIPs', ({ ip }, path) => ipAddress(ip, path)),
  ];
}

/** A container that is not to be restarted stays as it ended. */
function staysTerminated(next: readonly ContainerStatus[] | undefined, old: readonly ContainerStatus[] | undefined, at: string, policy: string | undefined): FieldError[] {
  if (policy === 'Always') return [];
  return each(old, at, (before, path) => {
    const { terminated } = before.state ?? {};
    if (!terminated || (terminated.exitCode !== 0 && policy === 'OnFailure')) return [];
    const now = next?.find((status) => status.name === before.name);
    return now && !now.state?.terminated ? [forbidden(`${path}.state`, 'may not be transitioned to non-terminated state')] : [];
  });
}

/** What binds a pod must name a node. */
export function validateBindingTarget(target: { kind?: string; name?: string } | undefined): FieldError[] {
  return [
    ...(target?.kind && target.kind !== 'Node' ? [{ ...invalid('target.kind', target.kind, ''), type: 'FieldValueNotSupported' as const, detail: `Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"` }] : []),
    ...(target?.name ? [] : [required('target.name')]),
  ];
}
