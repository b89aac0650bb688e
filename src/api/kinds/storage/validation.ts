import type { FieldError } from '../../errors.ts';
import type { CSIDriver, CSINode, CSINodeDriver, StorageClass, VolumeAttachment } from '../../types/storage.v1.ts';
import { duplicate, each, forbidden, invalid, invalidEach, nonNegative, oneOf, required, unique } from '../../validation/field.ts';
import { dns1123Subdomain, qualifiedName } from '../../validation/formats.ts';
import { validateLabelName } from '../../validation/metadata.ts';

/** Validation of the storage kinds: pkg/apis/storage/validation/validation.go. */

const DRIVER_NAME_BYTES = 63;

function driverName(name: string, at: string): FieldError[] {
  if (name === '') return [required(at), ...invalidEach(at, name, dns1123Subdomain(name))];
  return name.length > DRIVER_NAME_BYTES ? [{ type: 'FieldValueTooLong', field: at, detail: `Too long: may not be more than ${DRIVER_NAME_BYTES} bytes` }] : invalidEach(at, name, dns1123Subdomain(name.toLowerCase()));
}

export function validateDriver({ spec, metadata: { name = '' } }: CSIDriver): FieldError[] {
  return [
    ...driverName(name, 'name'),
    ...(spec.fsGroupPolicy === undefined ? [] : oneOf('spec.fsGroupPolicy', spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType'])),
    ...(spec.volumeLifecycleModes ?? []).flatMap((mode) => oneOf('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral'])),
    ...each(spec.tokenRequests, 'spec.tokenRequests', ({ expirationSeconds }, at) =>
      expirationSeconds !== undefined && expirationSeconds < 600 ? [invalid(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes')] : []),
    ...unique(spec.tokenRequests, ({ audience }) => audience, (i) => `spec.tokenRequests[${i}].audience`),
  ];
}

export function validateCsiNode({ spec }: CSINode): FieldError[] {
  return [...each(spec.drivers, 'spec.drivers', nodeDriver), ...unique(spec.drivers, ({ name }) => name, (i) => `spec.drivers[${i}].name`)];
}

function nodeDriver({ name = '', nodeID = '', topologyKeys, allocatable }: CSINodeDriver, at: string): FieldError[] {
  return [
    ...driverName(name, `${at}.name`),
    ...(nodeID === '' ? [required(`${at}.nodeID`)] : nodeID.length > 256 ? [invalid(`${at}.nodeID`, nodeID, 'must be 256 characters or less')] : []),
    ...nonNegative(`${at}.allocatable.count`, allocatable?.count),
    ...(topologyKeys ?? []).flatMap((key) => [...(key === '' ? [required(at)] : []), ...invalidEach(at, key, qualifiedName(key))]),
    ...unique(topologyKeys, (key) => key, () => `${at}.topologyKeys`),
  ];
}

export function validateParameters(parameters: StorageClass['parameters']): FieldError[] {
  return Object.keys(parameters ?? {}).some((key) => key === '') ? [invalid('parameters', '', 'field can not be empty.')] : [];
}

export function validateTopologies(topologies: StorageClass['allowedTopologies']): FieldError[] {
  return each(topologies, 'allowedTopologies', ({ matchLabelExpressions }, at) => [
    ...each(matchLabelExpressions, `${at}.matchLabelExpressions`, ({ key, values = [] }, path) => [
      ...(values.length === 0 ? [required(`${path}.values`)] : []),
      ...unique(values, (value) => value, (i) => `${path}.values[${i}]`),
      ...validateLabelName(key ?? '', `${path}.key`),
    ]),
    ...unique(matchLabelExpressions, ({ key }) => key, (i) => `${at}.matchLabelExpressions[${i}].key`),
    // A term that says nothing is the same as none, which upstream calls a duplicate of nothing.
    ...((matchLabelExpressions ?? []).length === 0 ? [duplicate(`${at}.matchLabelExpressions`, '')] : []),
  ]);
}

export function validateAttachment({ spec }: VolumeAttachment): FieldError[] {
  const { attacher = '', nodeName = '', source } = spec;
  const sources = [source?.persistentVolumeName, source?.inlineVolumeSpec].filter((part) => part !== undefined).length;
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  return [
    ...driverName(attacher, 'spec.attacher'),
    ...(sources === 0 ? [required('spec.source', one)] : sources > 1 ? [forbidden('spec.source', one)] : source?.persistentVolumeName === '' ? [required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName')] : []),
    ...invalidEach('spec.nodeName', nodeName, dns1123Subdomain(nodeName)),
  ];
}
