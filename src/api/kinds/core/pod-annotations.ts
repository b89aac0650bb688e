import type { FieldError } from '../../errors.ts';
import type { PodSpec } from '../../types/core.v1.ts';
import { invalid } from '../../validation/field.ts';
import { localPath } from '../../validation/values.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/** Annotations that say something to Kubernetes (ValidatePodSpecificAnnotations of pkg/apis/core/validation/validation.go). */
export function validatePodAnnotations(annotations: Readonly<Record<string, string>> | undefined, spec: PodSpec, at: string): FieldError[] {
  return Object.entries(annotations ?? {}).flatMap(([key, value]) => {
    if (key === MIRROR) return spec.nodeName ? [] : [invalid(`${at}[${key}]`, value, 'must set spec.nodeName if mirror pod annotation is set')];
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) return seccompProfile(value, `${at}.${key}`);
    return key.startsWith(APPARMOR) ? appArmorProfile(key.slice(APPARMOR.length), value, spec, `${at}[${key}]`) : [];
  });
}

function seccompProfile(profile: string, at: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  return profile.startsWith('localhost/') ? localPath(profile.slice('localhost/'.length), at) : [invalid(at, profile, 'must be a valid seccomp profile')];
}

function appArmorProfile(container: string, profile: string, spec: PodSpec, at: string): FieldError[] {
  const known = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])].some(({ name }) => name === container);
  const valid = ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/');
  return [
    ...(known ? [] : [invalid(at, container, 'container not found')]),
    ...(valid ? [] : [invalid(at, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)]),
  ];
}
