import type { FieldError } from '../errors.ts';
import { parseApiVersion, type KubeObject } from '../object.ts';
import type { LabelSelector, LabelSelectorRequirement, ObjectMeta, OwnerReference } from '../types/meta.v1.ts';
import { each, forbidden, invalid, invalidEach, nonNegative, required, tooLong } from './field.ts';
import { dns1123Label, dns1123Subdomain, labelValueFormat, qualifiedName } from './formats.ts';
import { immutable } from './immutable.ts';

/** Validation of metadata that all kinds share: apimachinery pkg/api/validation/objectmeta.go. */

const ANNOTATION_BYTES = 256 * 1024;

/** What the server must know of a kind to check its objects' metadata. */
export interface MetadataRules {
  readonly namespaced: boolean;
  readonly validateName?: (name: string) => readonly string[];
  /** Finalizers need no domain: kinds that upstream checks with apimachinery alone, custom resources among them. */
  readonly anyFinalizer?: boolean;
}

/** Complaints about the metadata of a new object; its name is already generated. */
export function validateMetadata(object: KubeObject, rules: MetadataRules): FieldError[] {
  return validateObjectMeta(object.metadata, rules, 'metadata');
}

/** Complaints about the metadata of an object that replaces another. */
export function validateMetadataUpdate(next: KubeObject, old: KubeObject, rules: MetadataRules): FieldError[] {
  const meta = next.metadata;
  const was = old.metadata;
  const errors: FieldError[] = [];
  if (was.deletionTimestamp) {
    const added = (meta.finalizers ?? []).filter((f) => !(was.finalizers ?? []).includes(f)).sort();
    if (added.length > 0) {
      const list = `[]string{${added.map((f) => JSON.stringify(f)).join(', ')}}`;
      errors.push(forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`));
    }
  }
  if (!meta.resourceVersion) errors.push(invalid('metadata.resourceVersion', '', 'must be specified for an update'));
  if ((meta.generation ?? 0) < (was.generation ?? 0)) errors.push(invalid('metadata.generation', meta.generation ?? 0, 'must not be decremented'));
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    errors.push(...immutable(meta[field], was[field], `metadata.${field}`));
  }
  return [
    ...errors,
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations, 'metadata.annotations'),
    ...validateOwnerReferences(meta.ownerReferences, 'metadata.ownerReferences'),
    ...(rules.anyFinalizer ? [] : qualifiedFinalizers(meta.finalizers, 'metadata.finalizers')),
  ];
}

/** The same for metadata that stands elsewhere (claim templates). */
function validateObjectMeta(meta: ObjectMeta, rules: MetadataRules, at: string): FieldError[] {
  const nameOf = rules.validateName ?? dns1123Subdomain;
  const errors: FieldError[] = [];
  // A generateName is checked with something put in place of the suffix it will get.
  if (meta.generateName) errors.push(...invalidEach(`${at}.generateName`, meta.generateName, nameOf(maskTrailingDash(meta.generateName))));
  if (!meta.name) errors.push(required(`${at}.name`, 'name or generateName is required'));
  else errors.push(...invalidEach(`${at}.name`, meta.name, nameOf(meta.name)));
  if (rules.namespaced) {
    if (!meta.namespace) errors.push(required(`${at}.namespace`));
    else errors.push(...invalidEach(`${at}.namespace`, meta.namespace, dns1123Label(meta.namespace)));
  } else if (meta.namespace) {
    errors.push(forbidden(`${at}.namespace`, 'not allowed on this type'));
  }
  return [
    ...errors,
    ...nonNegative(`${at}.generation`, meta.generation),
    ...validateLabels(meta.labels, `${at}.labels`),
    ...validateAnnotations(meta.annotations, `${at}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences, `${at}.ownerReferences`),
    ...validateFinalizers(meta.finalizers, `${at}.finalizers`),
    ...(rules.anyFinalizer ? [] : qualifiedFinalizers(meta.finalizers, `${at}.finalizers`)),
  ];
}

function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

export function validateLabelName(name: string, at: string): FieldError[] {
  return invalidEach(at, name, qualifiedName(name));
}

export function validateLabels(labels: Record<string, string> | undefined, at: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [...validateLabelName(key, at), ...invalidEach(at, value, labelValueFormat(value))]);
}

export function validateAnnotations(annotations: Record<string, string> | undefined, at: string): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) => invalidEach(at, key, qualifiedName(key.toLowerCase())));
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return bytes > ANNOTATION_BYTES ? [...errors, tooLong(at, ANNOTATION_BYTES)] : errors;
}

function validateOwnerReferences(references: readonly OwnerReference[] | undefined, at: string): FieldError[] {
  let controller: string | undefined;
  return (references ?? []).flatMap((ref) => {
    const errors = validateOwnerReference(ref, at);
    if (ref.controller) {
      const named = `${ref.kind}/${ref.name}`;
      if (controller === undefined) controller = named;
      else errors.push(invalid(at, references, `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${named}`));
    }
    return errors;
  });
}

function validateOwnerReference(ref: OwnerReference, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { group, version } = parseApiVersion(ref.apiVersion ?? '');
  if (version === '' || version.includes('/')) errors.push(invalid(`${at}.apiVersion`, ref.apiVersion ?? '', 'version must not be empty'));
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (!ref[field]) errors.push(invalid(`${at}.${field}`, '', `${field} must not be empty`));
  }
  if (group === '' && version === 'v1' && ref.kind === 'Event') errors.push(invalid(at, ref, '/v1, Kind=Event is disallowed from being an owner'));
  return errors;
}

/** Finalizers that need no domain: pkg/apis/core/helper IsStandardFinalizerName. */
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

function qualifiedFinalizers(finalizers: readonly string[] | undefined, at: string): FieldError[] {
  return each(finalizers, at, (name, path) => (name.includes('/') || STANDARD_FINALIZERS.has(name) ? [] : [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')]));
}

function validateFinalizers(finalizers: readonly string[] | undefined, at: string): FieldError[] {
  const errors = (finalizers ?? []).flatMap((name) => invalidEach(at, name, qualifiedName(name)));
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(at, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

/** Complaints about a LabelSelector: apimachinery pkg/apis/meta/v1/validation. */
export function validateLabelSelector(selector: LabelSelector | undefined, at: string): FieldError[] {
  if (!selector) return [];
  return [...validateLabels(selector.matchLabels, `${at}.matchLabels`), ...each(selector.matchExpressions, `${at}.matchExpressions`, validateRequirement)];
}

function validateRequirement(requirement: LabelSelectorRequirement, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const values = requirement.values ?? [];
  if (requirement.operator === 'In' || requirement.operator === 'NotIn') {
    if (values.length === 0) errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (requirement.operator === 'Exists' || requirement.operator === 'DoesNotExist') {
    if (values.length > 0) errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else {
    errors.push(invalid(`${at}.operator`, requirement.operator ?? '', 'not a valid selector operator'));
  }
  return [...errors, ...validateLabelName(requirement.key ?? '', `${at}.key`), ...each(values, `${at}.values`, (value, path) => invalidEach(path, value, labelValueFormat(value)))];
}

/** Whether a LabelSelector selects everything. */
export function selectsAll(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
}
