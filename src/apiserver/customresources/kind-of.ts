import { StatusError, methodNotSupported } from '../../api/errors.ts';
import type { FieldError } from '../../api/errors.ts';
import type { ConvertedVersion, Kind, ServedVersion } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';
import { pruneCustom, type StructuralSchema } from '../../api/schema/structural.ts';
import { hasRules, validateRules } from '../../api/schema/rules/rules.ts';
import { validateCustom } from '../../api/schema/structural-validate.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/types/apiextensions.v1.ts';
import { valueAt } from '../json.ts';
import { byVersionPriority } from '../scheme.ts';
import { printerColumns } from './columns.ts';
import { ratchet } from './ratchet.ts';

/** The kind that an established definition adds to the API, under the names it was granted. While it is being deleted, nothing new may be created. */
export function kindOf(definition: CustomResourceDefinition): Kind | undefined {
  const { spec, status, metadata } = definition;
  const stored = spec.versions.find((version) => version.storage);
  if (!stored) return undefined;
  const names = status?.acceptedNames ?? spec.names;
  const { plural, kind, singular = kind.toLowerCase(), listKind, shortNames, categories } = names;
  const storage = versionOf(definition, stored);
  const common: Kind = {
    kind, plural, singular, namespaced: spec.scope === 'Namespaced', storage, generation: true, anyFinalizer: true,
    ...(listKind && { listKind }), ...(shortNames?.length && { shortNames }), ...(categories?.length && { categories }),
    ...(metadata.deletionTimestamp !== undefined && { prepareCreate: () => refuseCreate(spec.group, plural) }),
  };
  const as = (version: CustomResourceDefinitionVersion): Kind => ({ ...common, ...behaviourOf(version) });
  const served = spec.versions.filter((version) => version.served && version !== stored)
    .map((version): ConvertedVersion => ({ ...versionOf(definition, version), as: as(version), ...conversionOf(definition, version, stored) }));
  return { ...as(stored), storage: { ...storage, as: as(stored), ...(!stored.served && { unserved: true }) }, served };
}

export const schemaOf = (version: CustomResourceDefinitionVersion): StructuralSchema | undefined => version.schema?.openAPIV3Schema as StructuralSchema | undefined;

function versionOf({ spec }: CustomResourceDefinition, version: CustomResourceDefinitionVersion): ServedVersion {
  return {
    group: spec.group, version: version.name, message: '', custom: { schema: schemaOf(version) },
    ...(version.deprecated && { warning: version.deprecationWarning ?? deprecation(spec, version.name) }),
  };
}

/** customresource_handler.go defaultDeprecationWarning. */
function deprecation({ group, names, versions }: CustomResourceDefinition['spec'], name: string): string {
  const better = versions.filter((v) => v.served && !v.deprecated && byVersionPriority(v.name, name) < 0).map((v) => v.name).sort(byVersionPriority)[0];
  return `${group}/${name} ${names.kind} is deprecated${better === undefined ? '' : `; use ${group}/${better} ${names.kind}`}`;
}

/** What each version decides for itself. */
function behaviourOf(version: CustomResourceDefinitionVersion): Partial<Kind> {
  const schema = schemaOf(version);
  const { status, scale } = version.subresources ?? {};
  const rules = hasRules(schema) ? schema : undefined;
  const complaints = (object: KubeObject): FieldError[] => withRules(rules, validateCustom(schema, object), object, undefined);
  const changed = (next: KubeObject, old: KubeObject): FieldError[] => withRules(rules, ratchet(schema, validateCustom(schema, next), next, old), next, old);
  return {
    status: status !== undefined,
    ...(scale && { scale: { replicas: plain(scale.specReplicasPath), statusReplicas: plain(scale.statusReplicasPath), selector: plain(scale.labelSelectorPath ?? '') } }),
    columns: printerColumns(version.additionalPrinterColumns),
    fieldSelectors: Object.fromEntries((version.selectableFields ?? []).map(({ jsonPath }) => [plain(jsonPath), (object: KubeObject) => textAt(object, plain(jsonPath))])),
    validateCreate: complaints,
    validateUpdate: changed,
    validateStatus: changed,
    validateSubresource: { scale: changed },
    prepareStatus: keepMetadata,
  };
}

/** Rules may rely on what the rest of the schema promises: they are not asked about objects without it (registry/customresource/validator.go). */
const BLOCKING = new Set<FieldError['type']>(['FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid']);

function withRules(rules: StructuralSchema | undefined, errors: readonly FieldError[], next: KubeObject, old: KubeObject | undefined): FieldError[] {
  if (!rules) return [...errors];
  if (!errors.some((error) => BLOCKING.has(error.type))) return [...errors, ...validateRules(rules, next, old)];
  const unchecked = 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  return [...errors, { type: 'FieldValueInvalid', field: '<nil>', detail: `Invalid value: "null": ${unchecked}` }];
}

const plain = (path: string): string => path.replace(/^\./, '');

function textAt(object: KubeObject, path: string): string {
  const value = valueAt(object, path);
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}

/** `/status` of custom resources lets nothing else through (registry/customresource/status_strategy.go). */
function keepMetadata(next: KubeObject, old: KubeObject): void {
  for (const field of ['labels', 'annotations'] as const) {
    if (old.metadata[field]) next.metadata[field] = old.metadata[field];
    else delete next.metadata[field];
  }
}

function refuseCreate(group: string, plural: string): never {
  const { status } = methodNotSupported({ group, plural }, 'create');
  throw new StatusError({ ...status, message: 'create not allowed while custom resource definition is terminating' });
}

/** Strategy None only renames; what the other version's schema does not know is lost. Webhooks are not called: such a version is refused when used. */
function conversionOf(definition: CustomResourceDefinition, version: CustomResourceDefinitionVersion, stored: CustomResourceDefinitionVersion): Pick<ConvertedVersion, 'toStorage' | 'fromStorage'> {
  const { spec } = definition;
  if (spec.conversion?.strategy === 'Webhook') {
    const refuse = (): never => {
      throw new StatusError({
        kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'InternalError', code: 500,
        message: `conversion webhook for ${spec.group}/${version.name}, Kind=${spec.names.kind} failed: conversion webhooks are not supported; use ${spec.group}/${stored.name}, in which objects are stored`,
      });
    };
    return { toStorage: refuse, fromStorage: refuse };
  }
  return {
    toStorage(object) {
      pruneCustom(schemaOf(stored), object);
      return object;
    },
    fromStorage: (object) => object,
  };
}
