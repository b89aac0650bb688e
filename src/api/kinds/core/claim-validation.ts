import { compareQuantities, parseQuantity } from '../../../base/quantity.ts';
import type { FieldError } from '../../errors.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../types/core.v1.ts';
import { forbidden, invalid, invalidEach, oneOf, required } from '../../validation/field.ts';
import { dns1123Subdomain } from '../../validation/formats.ts';
import { changedPaths, immutable, sameValue } from '../../validation/immutable.ts';
import { validateLabelSelector } from '../../validation/metadata.ts';
import { positiveQuantity, quantityOrUndefined } from '../../validation/values.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** Access modes of claims and volumes: ReadWriteOncePod stands alone. */
export function validateAccessModes(modes: readonly string[] | undefined, at: string): FieldError[] {
  const errors = (modes ?? []).flatMap((mode) => oneOf(at, mode, ACCESS_MODES));
  const alone = modes?.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  return alone ? [...errors, forbidden(at, 'may not use ReadWriteOncePod with other access modes')] : errors;
}

/** ValidatePersistentVolumeClaimSpec of pkg/apis/core/validation/validation.go. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec | undefined, at: string): FieldError[] {
  const { accessModes = [], selector, resources, storageClassName, volumeMode, dataSource, dataSourceRef } = spec ?? {};
  const storage = resources?.requests?.storage;
  const crossing = dataSourceRef?.namespace !== undefined && dataSourceRef.namespace !== '';
  return [
    ...(accessModes.length === 0 ? [required(`${at}.accessModes`, 'at least 1 access mode is required')] : []),
    ...validateLabelSelector(selector, `${at}.selector`),
    ...validateAccessModes(accessModes, `${at}.accessModes`),
    ...(storage === undefined ? [required(`${at}.resources[storage]`)] : positiveQuantity(storage, `${at}.resources[storage]`)),
    ...(storageClassName ? invalidEach(`${at}.storageClassName`, storageClassName, dns1123Subdomain(storageClassName)) : []),
    ...(volumeMode === undefined ? [] : oneOf(`${at}.volumeMode`, volumeMode, ['Block', 'Filesystem'])),
    ...(dataSource ? validateSource(dataSource, `${at}.dataSource`) : []),
    ...(dataSourceRef ? validateSource(dataSourceRef, `${at}.dataSourceRef`) : []),
    ...(crossing && dataSource ? [invalid(at, `${at}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified')] : []),
    ...(!crossing && dataSource && dataSourceRef && !sameValue({ ...dataSource }, { ...dataSourceRef }) ? [invalid(at, `${at}.dataSource`, 'must match dataSourceRef')] : []),
  ];
}

function validateSource(source: { apiGroup?: string; kind: string; name: string }, at: string): FieldError[] {
  return [
    ...(source.name ? [] : [required(`${at}.name`)]),
    ...(source.kind ? [] : [required(`${at}.kind`)]),
    ...(!source.apiGroup && source.kind !== 'PersistentVolumeClaim' ? [invalid(at, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup")] : []),
  ];
}

export const validateClaim = (claim: PersistentVolumeClaim): FieldError[] => validateClaimSpec(claim.spec, 'spec');

/** A claim's spec stays, but for its binding and a bound claim's growth. */
export function validateClaimUpdate(next: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const bound = next.status?.phase === 'Bound';
  const [size, before] = [next.spec.resources?.requests?.storage, old.spec.resources?.requests?.storage];
  const kept: PersistentVolumeClaimSpec = { ...old.spec, volumeName: old.spec.volumeName || next.spec.volumeName };
  const munged: PersistentVolumeClaimSpec = { ...next.spec };
  if (bound && munged.resources?.requests && before !== undefined) munged.resources = { ...munged.resources, requests: { ...munged.resources.requests, storage: before } };
  if (bound && munged.volumeAttributesClassName !== undefined) munged.volumeAttributesClassName = old.spec.volumeAttributesClassName;
  // A class may still be given to a claim that has none (the default class came late).
  if (old.spec.storageClassName === undefined && !old.metadata.annotations?.['volume.beta.kubernetes.io/storage-class']) munged.storageClassName = undefined;
  const errors: FieldError[] = [];
  if (!sameValue(munged, kept)) errors.push(forbidden('spec', `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${changedPaths(munged, kept)}`));
  const [asked, had] = [quantityOrUndefined(size), quantityOrUndefined(before)];
  if (asked && had && compareQuantities(asked, had) < 0 && compareQuantities(asked, quantityOrUndefined(old.status?.capacity?.storage) ?? parseQuantity('0')) <= 0) {
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  return [...errors, ...immutable(next.spec.volumeMode, old.spec.volumeMode, 'volumeMode')];
}
