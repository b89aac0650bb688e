import type { FieldError } from '../../errors.ts';
import type { PodSpec } from '../../types/core.v1.ts';
import { each, forbidden } from '../../validation/field.ts';

const ON_POD = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy',
] as const;
const ON_CONTAINER = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup',
] as const;
const ON_SPEC = ['hostUsers', 'shareProcessNamespace'] as const;

/** What a pod for Windows cannot ask for (validateWindows of pkg/apis/core/validation/validation.go). */
export function validateWindows(spec: PodSpec, at: string): FieldError[] {
  if (spec.os?.name !== 'windows') return [];
  const refused = (path: string) => forbidden(path, 'cannot be set for a windows pod');
  const { securityContext } = spec;
  return [
    ...ON_POD.filter((field) => securityContext?.[field] !== undefined).map((field) => refused(`${at}.securityContext.${field}`)),
    ...((securityContext?.sysctls ?? []).length > 0 ? [refused(`${at}.securityContext.sysctls`)] : []),
    ...ON_SPEC.filter((field) => spec[field] !== undefined).map((field) => refused(`${at}.${field}`)),
    ...(['hostPID', 'hostIPC'] as const).filter((field) => spec[field]).map((field) => refused(`${at}.${field}`)),
    ...(['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) => each(spec[list], `${at}.${list}`, (container, path) =>
      ON_CONTAINER.filter((field) => container.securityContext?.[field] !== undefined).map((field) => refused(`${path}.securityContext.${field}`)))),
  ];
}
