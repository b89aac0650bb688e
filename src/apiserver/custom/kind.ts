import { humanDuration } from '../../base/duration.ts';
import { apiVersionOf, type KubeObject } from '../../api/object.ts';
import type { Column, ConvertedVersion, Kind } from '../../api/kind.ts';
import type { CustomSchema } from '../../api/schema/openapi-resources.ts';
import type { StructuralSchema } from '../../api/schema/structural.ts';
import { validateCustom } from '../../api/schema/structural-validate.ts';
import type { CustomResourceColumnDefinition, CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/types/apiextensions.v1.ts';
import { AGE, NAME } from '../table.ts';
import { valuesAt } from './jsonpath.ts';

/** The kind that a definition makes. Its versions differ by their schemas only: conversion webhooks are not called. */
export function customKind(definition: CustomResourceDefinition): Kind {
  const { group, names, scope, versions } = definition.spec;
  const stored = versions.find((version) => version.storage)!;
  const schemas = new Map(versions.map((version) => [version.name, schemaOf(version)]));
  const columns = new Map(versions.map((version) => [version.name, columnsOf(version)]));
  const served = (version: CustomResourceDefinitionVersion) => ({
    group, version: version.name, message: `${group}/${version.name}.${names.kind}`, ...(version.deprecated && { warning: version.deprecationWarning ?? `${apiVersionOf({ group, version: version.name })} ${names.kind} is deprecated` }),
  });
  const complaints = (object: KubeObject) => validateCustom(schemas.get(stored.name), object);
  const { scale, status } = stored.subresources ?? {};
  return {
    kind: names.kind,
    plural: names.plural,
    singular: names.singular || names.kind.toLowerCase(),
    ...(names.shortNames && { shortNames: names.shortNames }),
    ...(names.categories && { categories: names.categories }),
    namespaced: scope === 'Namespaced',
    storage: served(stored),
    served: versions.filter((version) => version.served && !version.storage).map((version): ConvertedVersion => ({ ...served(version), toStorage: (object) => object, fromStorage: (object) => object })),
    generation: true,
    ...(status && { status: true }),
    ...(scale && { scale: { replicas: plain(scale.specReplicasPath), statusReplicas: plain(scale.statusReplicasPath), selector: plain(scale.labelSelectorPath ?? '') } }),
    validate: complaints,
    validateStatus: complaints,
    unconditionalUpdate: false,
    fieldSelectors: Object.fromEntries((stored.selectableFields ?? []).map(({ jsonPath }) => [plain(jsonPath), (object: KubeObject) => String(valuesAt(jsonPath, object)[0] ?? '')])),
    custom: { schemaOf: (version) => schemas.get(version), columnsOf: (version) => columns.get(version) ?? [NAME, AGE] },
  };
}

/** What OpenAPI is told of a definition. */
export function customSchemas(definition: CustomResourceDefinition): CustomSchema[] {
  const { group, names, scope, versions } = definition.spec;
  return versions.filter((version) => version.served).map((version) => ({
    group, version: version.name, kind: names.kind, plural: names.plural, namespaced: scope === 'Namespaced', schema: version.schema?.openAPIV3Schema as CustomSchema['schema'],
    ...(version.subresources?.status && { status: true }), ...(version.subresources?.scale && { scale: true }),
  }));
}

const plain = (path: string) => path.replace(/^\./, '');

function schemaOf(version: CustomResourceDefinitionVersion): StructuralSchema | undefined {
  return version.schema?.openAPIV3Schema as StructuralSchema | undefined;
}

function columnsOf(version: CustomResourceDefinitionVersion): readonly Column[] {
  const columns = version.additionalPrinterColumns ?? [];
  return columns.length === 0 ? [NAME, AGE] : [NAME, ...columns.map(columnOf)];
}

function columnOf({ name, type, format, description, priority, jsonPath }: CustomResourceColumnDefinition): Column {
  const known = ['string', 'integer', 'number', 'boolean', 'date'].includes(type) ? (type as Column['type']) : 'string';
  return {
    name, type: known, ...(format && { format }), description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`, priority: priority ?? 0,
    cell: (object, nowMs) => cell(known, valuesAt(jsonPath, object), nowMs),
  };
}

/** apiextensions-apiserver pkg/registry/customresource/tableconvertor. */
function cell(type: Column['type'], values: readonly unknown[], nowMs: number): string | number | boolean | null {
  const [value] = values;
  if (value === undefined || value === null) return null;
  if (type === 'string') return values.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join(',');
  if (type === 'date') {
    const at = typeof value === 'string' ? Date.parse(value) : NaN;
    return Number.isNaN(at) ? '<invalid>' : humanDuration(nowMs - at);
  }
  if (type === 'boolean') return typeof value === 'boolean' ? value : null;
  return typeof value === 'number' ? (type === 'integer' ? Math.trunc(value) : value) : null;
}
