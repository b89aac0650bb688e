import type { FieldError } from '../../api/errors.ts';
import { labelValueProblems, qualifiedNameProblems } from '../../api/labels.ts';
import type { Kind } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ObjectMeta } from '../../api/types/meta.v1.ts';
import { equalJson, isRecord } from '../json.ts';
import { labelProblems, pathSegmentProblems, subdomainProblems } from './names.ts';

const invalid = (field: string, value: unknown, detail: string): FieldError => ({ type: 'FieldValueInvalid', field, detail: `Invalid value: ${JSON.stringify(value)}: ${detail}` });
const required = (field: string, detail: string): FieldError => ({ type: 'FieldValueRequired', field, detail: detail === '' ? 'Required value' : `Required value: ${detail}` });
const forbidden = (field: string, detail: string): FieldError => ({ type: 'FieldValueForbidden', field, detail: `Forbidden: ${detail}` });

const ANNOTATIONS_LIMIT = 256 * 1024;

/** Complaints about an object's metadata (apimachinery api/validation ValidateObjectMeta). */
export function validateMetadata(kind: Kind, object: KubeObject): FieldError[] {
  const meta = object.metadata;
  const errors: FieldError[] = [];
  const nameProblems = (name: string) => [...pathSegmentProblems(name), ...(kind.validateName ?? subdomainProblems)(name)];
  if (meta.generateName) {
    // A generated name ends in a suffix, so a trailing dash is fine here.
    const stem = meta.generateName.endsWith('-') ? `${meta.generateName.slice(0, -1)}a` : meta.generateName;
    for (const problem of nameProblems(stem)) errors.push(invalid('metadata.generateName', meta.generateName, problem));
  }
  if (!meta.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const problem of nameProblems(meta.name)) errors.push(invalid('metadata.name', meta.name, problem));
  if (kind.namespaced) {
    if (!meta.namespace) errors.push(required('metadata.namespace', ''));
    else for (const problem of labelProblems(meta.namespace)) errors.push(invalid('metadata.namespace', meta.namespace, problem));
  } else if (meta.namespace) errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  return [...errors, ...validateLabels(meta.labels), ...validateAnnotations(meta.annotations), ...validateOwners(meta), ...validateFinalizers(meta.finalizers ?? [])];
}

function validateLabels(labels: Record<string, string> | undefined): FieldError[] {
  if (labels === undefined) return [];
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels)) {
    for (const problem of qualifiedNameProblems(key)) errors.push(invalid('metadata.labels', key, problem));
    for (const problem of labelValueProblems(value)) errors.push(invalid('metadata.labels', value, problem));
  }
  return errors;
}

function validateAnnotations(annotations: Record<string, string> | undefined): FieldError[] {
  if (annotations === undefined) return [];
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    for (const problem of qualifiedNameProblems(key.toLowerCase())) errors.push(invalid('metadata.annotations', key, problem));
    size += key.length + value.length;
  }
  if (size > ANNOTATIONS_LIMIT) errors.push({ type: 'FieldValueTooLong', field: 'metadata.annotations', detail: `Too long: may not be more than ${ANNOTATIONS_LIMIT} bytes` });
  return errors;
}

function validateOwners(meta: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  let controller = '';
  for (const [i, owner] of (meta.ownerReferences ?? []).entries()) {
    const at = `metadata.ownerReferences[${i}]`;
    if (!owner.apiVersion || owner.apiVersion.split('/').length > 2) errors.push(invalid(`${at}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    if (!owner.kind) errors.push(invalid(`${at}.kind`, owner.kind ?? '', 'must not be empty'));
    if (!owner.name) errors.push(invalid(`${at}.name`, owner.name ?? '', 'must not be empty'));
    if (!owner.uid) errors.push(invalid(`${at}.uid`, owner.uid ?? '', 'must not be empty'));
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') errors.push(invalid(at, { ...owner }, '/v1, Kind=Event is disallowed from being an owner'));
    if (!owner.controller) continue;
    if (controller !== '') errors.push(invalid('metadata.ownerReferences', meta.ownerReferences, `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`));
    controller = owner.name;
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const errors = finalizers.flatMap((name) => qualifiedNameProblems(name).map((problem) => invalid('metadata.finalizers', name, problem)));
  for (const [i, name] of finalizers.entries()) {
    const standard = ['orphan', 'foregroundDeletion', 'kubernetes'].includes(name);
    if (!name.includes('/') && !standard) errors.push(invalid(`metadata.finalizers[${i}]`, name, 'name is neither a standard finalizer name nor is it fully qualified'));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid('metadata.finalizers', finalizers, 'finalizer foregroundDeletion and orphan cannot be both set'));
  }
  return errors;
}

/** Complaints about what a write changes in metadata (ValidateObjectMetaUpdate). */
export function validateMetadataUpdate(next: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const added = (next.finalizers ?? []).filter((name) => !(old.finalizers ?? []).includes(name));
    if (added.length > 0) {
      errors.push(forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`));
    }
  }
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (!equalJson(next[field], old[field])) errors.push(invalid(`metadata.${field}`, next[field] ?? null, 'field is immutable'));
  }
  return errors;
}

/** Whether anything but metadata and status differs: what generation counts. */
export function specDiffers(a: KubeObject, b: KubeObject): boolean {
  return !equalJson(withoutMetaAndStatus(a), withoutMetaAndStatus(b));
}

function withoutMetaAndStatus(object: KubeObject): unknown {
  const { metadata: _metadata, status: _status, ...rest } = object as KubeObject & { status?: unknown };
  return rest;
}

/** Makes sure `metadata` is an object, so that what follows may rely on it. */
export function ensureMetadata(object: KubeObject): void {
  if (!isRecord(object.metadata)) object.metadata = {};
}
