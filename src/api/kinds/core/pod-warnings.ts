import type { KubeObject } from '../../object.ts';
import type { Container, ContainerPort, EphemeralContainer, Pod, PodAffinityTerm, PodSpec, PodTemplateSpec, Volume } from '../../types/core.v1.ts';
import { dns1123Label } from '../../validation/formats.ts';
import { quantityOrUndefined } from '../../validation/values.ts';

/** What is allowed in a pod but not wise: pkg/api/pod/warnings.go. */

export function podWarnings(pod: Pod, old: Pod | undefined): string[] {
  // Pods are changed by machines, which read no warnings.
  return old ? [] : [...nameWarnings(pod, "the Pod's hostname"), ...specWarnings(pod.spec, 'spec')];
}

/** The same for a template, which stands at `at`: when its owner is made, and when the owner's spec changes. */
export function templateWarnings(owner: KubeObject, old: KubeObject | undefined, template: PodTemplateSpec | undefined, at = 'spec.template'): string[] {
  return !template || (old && old.metadata.generation === owner.metadata.generation) ? [] : specWarnings(template.spec, `${at}.spec`);
}

/** The same for the template of an owner after whose name the pods' hostnames are made. */
export function namedTemplateWarnings(owner: KubeObject, old: KubeObject | undefined, template: PodTemplateSpec | undefined, at?: string): string[] {
  return [...(old ? [] : nameWarnings(owner, 'Pod names and hostnames')), ...templateWarnings(owner, old, template, at)];
}

function nameWarnings({ metadata }: KubeObject, use: string): string[] {
  const messages = dns1123Label(metadata.name ?? '');
  return messages.length === 0 ? [] : [`metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`];
}

function specWarnings(spec: PodSpec, at: string): string[] {
  const containers = containersWithPaths(spec, at);
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap((key) => labelWarning(key, `${at}.nodeSelector[${key}]: `)),
    ...(spec.topologySpreadConstraints ?? []).flatMap((constraint, i) => (constraint.labelSelector ? [] : [`${at}.topologySpreadConstraints[${i}].labelSelector: a null labelSelector results in matching no pod`])),
    ...(spec.volumes ?? []).flatMap((volume, i) => volumeWarnings(volume, `${at}.volumes[${i}]`)),
    ...repeated(spec.hostAliases, (alias) => alias.ip, (i, ip) => `${at}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(ip)}`),
    ...repeated(spec.imagePullSecrets, (secret) => secret.name ?? '', (i, name) => `${at}.imagePullSecrets[${i}].name: duplicate name ${JSON.stringify(name)}`),
    ...(spec.imagePullSecrets ?? []).flatMap((secret, i) => (secret.name ? [] : [`${at}.imagePullSecrets[${i}].name: invalid empty name ""`])),
    ...containers.flatMap(([container, path]) => containerWarnings(container, path)),
    ...portWarnings(containers),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0 ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`] : []),
    ...affinityWarnings(spec, `${at}.affinity`),
  ];
}

type Placed = readonly [container: Container | EphemeralContainer, path: string];

function containersWithPaths(spec: PodSpec, at: string): Placed[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) => (spec[list] ?? []).map((container, i): Placed => [container, `${at}.${list}[${i}]`]));
}

const RENAMED_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

function labelWarning(key: string, before: string): string[] {
  return Object.hasOwn(RENAMED_LABELS, key) ? [`${before}${RENAMED_LABELS[key]}`] : [];
}

const OLD_VOLUMES: readonly (readonly [keyof Volume, string, string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

function volumeWarnings(volume: Volume, at: string): string[] {
  return OLD_VOLUMES.filter(([field]) => volume[field] !== undefined).map(([, name, text]) => `${at}.${name}: ${text}`);
}

function containerWarnings(container: Container | EphemeralContainer, at: string): string[] {
  const fractions = (['memory', 'ephemeral-storage'] as const).flatMap((resource) => (['limits', 'requests'] as const).flatMap((list) => {
    const text = container.resources?.[list]?.[resource];
    const amount = quantityOrUndefined(text);
    return amount && amount.nanos % 1_000_000_000n !== 0n ? [`${at}.resources.${list}[${resource}]: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`] : [];
  }));
  return [...fractions, ...hiddenVariables(container, at)];
}

/** A second definition that does not build on the first one hides it. */
function hiddenVariables({ env }: Container | EphemeralContainer, at: string): string[] {
  const names = new Set<string>();
  return (env ?? []).flatMap(({ name, value = '', valueFrom }, i) => {
    const reference = `$(${name})`;
    const hides = names.has(name) && (valueFrom !== undefined || value === reference || !value.includes(reference));
    names.add(name);
    return hides ? [`${at}.env[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`] : [];
  });
}

function portWarnings(containers: readonly Placed[]): string[] {
  const ports = containers.flatMap(([container, at]) => (container.ports ?? []).map((port, i) => ({ port, path: `${at}.ports[${i}]` })));
  const clashes = ports.flatMap(({ port, path }, i) => ports.slice(0, i)
    .filter((other) => other.port.containerPort === port.containerPort && other.port.protocol === port.protocol)
    .flatMap((other) => clash(port, other.port).map((how) => `${path}: ${how} port definition with ${other.path}`)));
  const first = new Map<string, string>();
  const names = ports.flatMap(({ port: { name }, path }) => {
    if (!name) return [];
    const other = first.get(name);
    if (other === undefined) first.set(name, path);
    return other === undefined ? [] : [`${path}: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`];
  });
  return [...clashes, ...names];
}

function clash(port: ContainerPort, other: ContainerPort): string[] {
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0];
  const [ip, otherIp] = [port.hostIP ?? '', other.hostIP ?? ''];
  if (ip === otherIp && host === otherHost) return ['duplicate'];
  if (host === 0 || otherHost === 0) return ['overlapping'];
  return host === otherHost && (ip === '') !== (otherIp === '') ? ['dangerously ambiguous'] : [];
}

function affinityWarnings(spec: PodSpec, at: string): string[] {
  const text = 'a null labelSelector results in matching no pod';
  const lacks = (term: PodAffinityTerm | undefined) => !term?.labelSelector;
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) => [
    ...(spec.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, i) => (lacks(term) ? [`${at}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${text}`] : [])),
    ...(spec.affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, i) => (lacks(term.podAffinityTerm) ? [`${at}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: ${text}`] : [])),
  ]);
}

function repeated<T>(items: readonly T[] | undefined, keyOf: (item: T) => string, textOf: (index: number, key: string) => string): string[] {
  const seen = new Set<string>();
  return (items ?? []).flatMap((item, i) => {
    const key = keyOf(item);
    if (seen.has(key)) return [textOf(i, key)];
    seen.add(key);
    return [];
  });
}
