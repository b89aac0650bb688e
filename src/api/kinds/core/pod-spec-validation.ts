import type { FieldError } from '../../errors.ts';
import type { PodDNSConfig, PodSecurityContext, PodSpec, PodTemplateSpec } from '../../types/core.v1.ts';
import { duplicate, each, forbidden, invalid, invalidEach, oneOf, required } from '../../validation/field.ts';
import { between, dns1123Label, dns1123Subdomain, qualifiedName } from '../../validation/formats.ts';
import { validateAnnotations, validateLabels } from '../../validation/metadata.ts';
import { ipAddress, nonNegativeQuantity } from '../../validation/values.ts';
import { validateAffinity, validateSpread, validateTolerations } from './affinity-validation.ts';
import { userId, validateAppArmor, validateContainers, validateSeccomp } from './container-validation.ts';
import { validatePodAnnotations } from './pod-annotations.ts';
import { validateVolumes } from './volume-validation.ts';
import { validateWindows } from './windows-validation.ts';

const MAX_INT32 = 2 ** 31 - 1;

/** A pod's spec, in a pod (with its name) or in a template (''): ValidatePodSpec of pkg/apis/core/validation/validation.go. */
export function validatePodSpec(spec: PodSpec, podName: string, at: string): FieldError[] {
  const name = (field: 'serviceAccountName' | 'nodeName' | 'priorityClassName' | 'runtimeClassName') => (spec[field] ? invalidEach(`${at}.${field}`, spec[field], dns1123Subdomain(spec[field])) : []);
  const label = (field: 'hostname' | 'subdomain') => (spec[field] ? invalidEach(`${at}.${field}`, spec[field], dns1123Label(spec[field])) : []);
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(`${at}.terminationGracePeriodSeconds`)] : []),
    ...validateVolumes(spec.volumes, podName, `${at}.volumes`),
    ...validateContainers(spec, at),
    ...validateHostNetwork(spec, podName !== '', at),
    ...(spec.restartPolicy ? oneOf(`${at}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']) : [required(`${at}.restartPolicy`)]),
    ...(spec.dnsPolicy ? oneOf(`${at}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']) : [required(`${at}.dnsPolicy`)]),
    ...validateLabels(spec.nodeSelector, `${at}.nodeSelector`),
    ...validateSecurity(spec.securityContext, spec, `${at}.securityContext`),
    ...validateAffinity(spec.affinity, `${at}.affinity`),
    ...validateDns(spec.dnsConfig, spec.dnsPolicy, `${at}.dnsConfig`),
    ...each(spec.readinessGates, `${at}.readinessGates`, (gate, path) => invalidEach(`${path}.conditionType`, gate.conditionType, qualifiedName(gate.conditionType ?? ''))),
    ...validateSchedulingGates(spec, `${at}.schedulingGates`),
    ...validateSpread(spec.topologySpreadConstraints, `${at}.topologySpreadConstraints`),
    ...validateHostUsers(spec, at),
    ...name('serviceAccountName'),
    ...name('nodeName'),
    ...validateDeadline(spec.activeDeadlineSeconds, `${at}.activeDeadlineSeconds`),
    ...label('hostname'),
    ...label('subdomain'),
    ...validateTolerations(spec.tolerations, `${at}.tolerations`),
    ...each(spec.hostAliases, `${at}.hostAliases`, (alias, path) => [
      ...ipAddress(alias.ip ?? '', `${path}.ip`),
      ...each(alias.hostnames, `${path}.hostnames`, (host, hostPath) => invalidEach(hostPath, host, dns1123Subdomain(host))),
    ]),
    ...name('priorityClassName'),
    ...name('runtimeClassName'),
    ...(spec.preemptionPolicy === undefined ? [] : oneOf(`${at}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'])),
    ...Object.entries(spec.overhead ?? {}).flatMap(([resource, amount]) => nonNegativeQuantity(amount, `${at}.overhead[${resource}]`)),
    ...(spec.os ? (spec.os.name ? oneOf(`${at}.os`, spec.os.name, ['linux', 'windows']) : [required(`${at}.os.name`, 'cannot be empty')]) : []),
    ...validateWindows(spec, at),
  ];
}

/** A template: labels, annotations and the spec of its pods. */
export function validatePodTemplate(template: PodTemplateSpec, at: string): FieldError[] {
  return [
    ...validateLabels(template.metadata.labels, `${at}.labels`),
    ...validateAnnotations(template.metadata.annotations, `${at}.annotations`),
    ...validatePodAnnotations(template.metadata.annotations, template.spec, `${at}.annotations`),
    ...validatePodSpec(template.spec, '', `${at}.spec`),
    ...((template.spec.ephemeralContainers ?? []).length > 0 ? [forbidden(`${at}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')] : []),
  ];
}

/** What a template of pods that are kept running may not have; `owner` is the kind that keeps them. */
export function validateLongRunning(template: PodTemplateSpec, owner: string, at: string): FieldError[] {
  return [
    ...oneOf(`${at}.spec.restartPolicy`, template.spec.restartPolicy, ['Always']),
    ...(template.spec.activeDeadlineSeconds === undefined ? [] : [forbidden(`${at}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`)]),
  ];
}

function validateDeadline(seconds: number | undefined, at: string): FieldError[] {
  return seconds !== undefined && (seconds < 1 || seconds > MAX_INT32) ? [invalid(at, seconds, between(1, MAX_INT32))] : [];
}

function validateHostNetwork(spec: PodSpec, isPod: boolean, at: string): FieldError[] {
  if (!spec.hostNetwork) return [];
  return each(spec.containers, `${at}.containers`, (container, path) => each(container.ports, `${path}.ports`, ({ hostPort = 0, containerPort }, portPath) =>
    (isPod || hostPort !== 0) && hostPort !== containerPort ? [invalid(`${portPath}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')] : []));
}

function validateHostUsers(spec: PodSpec, at: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const why = 'when `pod.Spec.HostUsers` is false';
  return [
    ...(spec.hostNetwork ? [forbidden(`${at}.hostNetwork`, why)] : []),
    ...(spec.hostPID ? [forbidden(`${at}.HostPID`, why)] : []),
    ...(spec.hostIPC ? [forbidden(`${at}.HostIPC`, why)] : []),
  ];
}

function validateSchedulingGates(spec: PodSpec, at: string): FieldError[] {
  const seen = new Set<string>();
  return each(spec.schedulingGates, at, (gate, path) => {
    const errors = invalidEach(path, gate.name, qualifiedName(gate.name ?? ''));
    if (seen.has(gate.name)) errors.push(duplicate(path, gate.name));
    seen.add(gate.name);
    return errors;
  });
}

const SYSCTL = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';

function validateSecurity(context: PodSecurityContext | undefined, spec: PodSpec, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.shareProcessNamespace && spec.hostPID) errors.push(invalid(`${at}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  if (!context) return errors;
  const names = new Set<string>();
  return [
    ...userId(context.fsGroup, `${at}.fsGroup`),
    ...userId(context.runAsUser, `${at}.runAsUser`),
    ...userId(context.runAsGroup, `${at}.runAsGroup`),
    ...each(context.supplementalGroups, `${at}.supplementalGroups`, userId),
    ...errors,
    ...each(context.sysctls, `${at}.sysctls`, ({ name }, path) => {
      if (!name) return [required(`${path}.name`)];
      if (name.length > 253 || !new RegExp(SYSCTL).test(name)) return [invalid(`${path}.name`, name, `must have at most 253 characters and match regex ${SYSCTL}`)];
      if (names.has(name)) return [duplicate(`${path}.name`, name)];
      names.add(name);
      return [];
    }),
    ...(context.fsGroupChangePolicy === undefined ? [] : oneOf(`${at}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'])),
    ...validateSeccomp(context.seccompProfile, `${at}.seccompProfile`),
    ...validateAppArmor(context.appArmorProfile, `${at}.appArmorProfile`),
    ...(context.supplementalGroupsPolicy === undefined ? [] : oneOf(`${at}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict'])),
  ];
}

function validateDns(config: PodDNSConfig | undefined, policy: string | undefined, at: string): FieldError[] {
  if (policy === 'None') {
    if (!config) return [required(at, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if ((config.nameservers ?? []).length === 0) return [required(`${at}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (!config) return [];
  const { nameservers = [], searches = [] } = config;
  return [
    ...(nameservers.length > 3 ? [invalid(`${at}.nameservers`, nameservers, 'must not have more than 3 nameservers')] : []),
    ...each(nameservers, `${at}.nameservers`, ipAddress),
    ...(searches.length > 32 ? [invalid(`${at}.searches`, searches, 'must not have more than 32 search paths')] : []),
    ...(searches.join(' ').length > 2048 ? [invalid(`${at}.searches`, searches, 'must not have more than 2048 characters (including spaces) in the search list')] : []),
    ...each(searches, `${at}.searches`, (search, path) => (search === '.' ? [] : invalidEach(path, search.replace(/\.$/, ''), dns1123Subdomain(search.replace(/\.$/, '').replaceAll('_', '-'))))),
    ...each(config.options, `${at}.options`, (option, path) => (option.name ? [] : [required(path, 'must not be empty')])),
  ];
}
