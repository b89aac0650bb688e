import type { FieldError } from '../../errors.ts';
import type { PersistentVolume } from '../../types/core.v1.ts';
import { forbidden, invalid, invalidEach, oneOf, required, unsupported } from '../../validation/field.ts';
import { dns1123Subdomain } from '../../validation/formats.ts';
import { immutable, sameValue } from '../../validation/immutable.ts';
import { noBacksteps, positiveQuantity } from '../../validation/values.ts';
import { validateNodeSelector } from './affinity-validation.ts';
import { validateAccessModes } from './claim-validation.ts';

/** Validation of persistent volumes: ValidatePersistentVolumeSpec of pkg/apis/core/validation/validation.go. */

const PLAIN = new Set(['capacity', 'accessModes', 'claimRef', 'persistentVolumeReclaimPolicy', 'storageClassName', 'mountOptions', 'volumeMode', 'nodeAffinity', 'volumeAttributesClassName']);

const sourcesOf = ({ spec }: PersistentVolume) => Object.entries(spec).filter(([key, value]) => !PLAIN.has(key) && value !== undefined);

export function validateVolume(volume: PersistentVolume): FieldError[] {
  const { spec } = volume;
  const capacity = spec.capacity ?? {};
  const policy = spec.persistentVolumeReclaimPolicy;
  const sources = sourcesOf(volume).map(([key]) => key);
  return [
    ...((spec.accessModes ?? []).length === 0 ? [required('spec.accessModes')] : []),
    ...validateAccessModes(spec.accessModes, 'spec.accessModes'),
    ...(Object.keys(capacity).length === 0 ? [required('spec.capacity')] : []),
    ...(capacity.storage === undefined || Object.keys(capacity).length > 1 ? [unsupported('spec.capacity', capacity, ['storage'])] : []),
    ...Object.entries(capacity).flatMap(([name, amount]) => positiveQuantity(amount, `spec.capacity[${name}]`)),
    ...(policy ? oneOf('spec.persistentVolumeReclaimPolicy', policy, ['Delete', 'Recycle', 'Retain']) : []),
    ...(spec.nodeAffinity ? (spec.nodeAffinity.required ? validateNodeSelector(spec.nodeAffinity.required, 'spec.nodeAffinity.required') : [required('spec.nodeAffinity.required', 'must specify required node constraints')]) : []),
    ...(sources.length === 0 ? [required('spec', 'must specify a volume type')] : []),
    ...sources.slice(1).map((source) => forbidden(`spec.${source}`, 'may not specify more than 1 volume type')),
    ...(sources[0] ? validateSource(volume, sources[0]) : []),
    ...(spec.hostPath?.path && /^\/+$/.test(spec.hostPath.path) && policy === 'Recycle' ? [forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")] : []),
    ...(spec.storageClassName ? invalidEach('spec.storageClassName', spec.storageClassName, dns1123Subdomain(spec.storageClassName)) : []),
    ...(spec.volumeMode === undefined ? [] : oneOf('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem'])),
  ];
}

function validateSource({ spec }: PersistentVolume, source: string): FieldError[] {
  const at = `spec.${source}`;
  if (source === 'hostPath') return spec.hostPath?.path ? noBacksteps(spec.hostPath.path, `${at}.path`) : [required(`${at}.path`)];
  if (source === 'local') {
    const errors = spec.local?.path ? noBacksteps(spec.local.path, `${at}.path`) : [required(`${at}.path`)];
    return spec.nodeAffinity?.required ? errors : [...errors, required('spec.nodeAffinity', 'Local volume requires node affinity')];
  }
  if (source === 'nfs') {
    const { server, path = '' } = spec.nfs ?? {};
    return [...(server ? [] : [required(`${at}.server`)]), ...(path ? [] : [required(`${at}.path`)]), ...(path.startsWith('/') ? [] : [invalid(`${at}.path`, path, 'must be an absolute path')])];
  }
  if (source === 'csi') return (['driver', 'volumeHandle'] as const).flatMap((field) => (spec.csi?.[field] ? [] : [required(`${at}.${field}`)]));
  return [];
}

/** Where the volume's bytes are stays, and so do its mode and, once set, its place. */
export function validateVolumeUpdate(next: PersistentVolume, old: PersistentVolume): FieldError[] {
  const same = sameValue(Object.fromEntries(sourcesOf(next)), Object.fromEntries(sourcesOf(old)));
  return [
    ...(same ? [] : [forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')]),
    ...immutable(next.spec.volumeMode, old.spec.volumeMode, 'volumeMode'),
    ...(old.spec.nodeAffinity ? immutable(next.spec.nodeAffinity, old.spec.nodeAffinity, 'nodeAffinity') : []),
  ];
}
