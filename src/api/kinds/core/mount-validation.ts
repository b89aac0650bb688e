import type { FieldError } from '../../errors.ts';
import type { Container, EphemeralContainer, Volume } from '../../types/core.v1.ts';
import { each, forbidden, invalid, missing, oneOf, required, unsupported } from '../../validation/field.ts';
import { descendingPath } from '../../validation/values.ts';

/** The mounts of one container; `volumes` are the pod's. */
export function validateMounts(container: Container | EphemeralContainer, volumes: readonly Volume[], at: string): FieldError[] {
  const names = new Set(volumes.map((volume) => volume.name));
  const paths = new Set<string>();
  const devices = container.volumeDevices ?? [];
  const listAt = `${at}.volumeMounts`;
  const mounts = each(container.volumeMounts, listAt, (mount, path) => {
    const errors: FieldError[] = [];
    if (!mount.name) errors.push(required(`${path}.name`));
    if (!names.has(mount.name)) errors.push(missing(`${path}.name`, mount.name ?? ''));
    if (!mount.mountPath) errors.push(required(`${path}.mountPath`));
    if (paths.has(mount.mountPath)) errors.push(invalid(`${path}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    if (devices.some((device) => device.name === mount.name)) errors.push(invalid(`${path}.name`, mount.name, 'must not already exist in volumeDevices'));
    if (devices.some((device) => device.devicePath === mount.mountPath)) errors.push(invalid(`${path}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'));
    if (mount.subPath) errors.push(...descendingPath(mount.subPath, `${listAt}.subPath`));
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(`${path}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      errors.push(...descendingPath(mount.subPathExpr, `${listAt}.subPathExpr`));
    }
    if (mount.mountPropagation !== undefined) {
      errors.push(...oneOf(`${listAt}.mountPropagation`, mount.mountPropagation, ['Bidirectional', 'HostToContainer', 'None']));
      if (mount.mountPropagation === 'Bidirectional' && !container.securityContext?.privileged) errors.push(forbidden(`${listAt}.mountPropagation`, 'Bidirectional mount propagation is available only to privileged containers'));
    }
    if (mount.recursiveReadOnly !== undefined) errors.push(...recursiveReadOnly(mount, `${listAt}.recursiveReadOnly`));
    return errors;
  });
  const block = each(devices, `${at}.volumeDevices`, (device, path) => {
    const volume = volumes.find((v) => v.name === device.name);
    const errors: FieldError[] = [];
    if (!volume) errors.push(missing(`${path}.name`, device.name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) errors.push(invalid(`${path}.name`, device.name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    if (!device.devicePath) errors.push(required(`${path}.devicePath`));
    return errors;
  });
  return [...mounts, ...block];
}

function recursiveReadOnly(mount: { readOnly?: boolean; mountPropagation?: string; recursiveReadOnly?: string }, at: string): FieldError[] {
  const supported = ['Disabled', 'Enabled', 'IfPossible'];
  if (!supported.includes(mount.recursiveReadOnly ?? '')) return [unsupported(at, mount.recursiveReadOnly, supported)];
  if (mount.recursiveReadOnly === 'Disabled') return [];
  return [
    ...(mount.readOnly ? [] : [forbidden(at, 'may only be specified when readOnly is true')]),
    ...(mount.mountPropagation && mount.mountPropagation !== 'None' ? [forbidden(at, 'may only be specified when mountPropagation is None or not specified')] : []),
  ];
}
