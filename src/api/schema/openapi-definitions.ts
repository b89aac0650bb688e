import type { JsonObject } from '../json.ts';
import { enumValues, message } from './registry.ts';
import type { Field, FieldType, Message, Special } from './table.ts';

/** Which OpenAPI a schema is written for: references, and what may stand beside one, differ. */
export type OpenApiVersion = 2 | 3;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const APIEXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions';
const NAMESPACES = new Map([
  ['meta', 'io.k8s.apimachinery.pkg.apis.meta'], ['apiextensions', APIEXTENSIONS], ['apiregistration', 'io.k8s.kube-aggregator.pkg.apis.apiregistration'], ['metrics', 'io.k8s.metrics.pkg.apis.metrics'],
  ['custommetrics', 'io.k8s.metrics.pkg.apis.custom_metrics'], ['externalmetrics', 'io.k8s.metrics.pkg.apis.external_metrics'],
]);

/** `io.k8s.api.core.v1.Pod`: what upstream calls the schema of a message. */
export function definitionName(id: string): string {
  const { pkg, name } = message(id);
  const [group = '', version = ''] = pkg.split('/');
  return `${NAMESPACES.get(group) ?? `io.k8s.api.${group}`}.${version}.${name}`;
}

/** Types with a schema of their own that is no message of the tables. */
const SPECIAL: Partial<Record<Special, readonly [string, JsonObject]>> = {
  Quantity: ['io.k8s.apimachinery.pkg.api.resource.Quantity', { type: 'string', description: 'A fixed-point number such as 250m, 1.5 or 2Gi.' }],
  IntOrString: ['io.k8s.apimachinery.pkg.util.intstr.IntOrString', { type: 'string', format: 'int-or-string', description: 'A number, or a string such as a port name or a percentage.' }],
  Time: [`${META}.Time`, { type: 'string', format: 'date-time', description: 'An RFC 3339 time, to the second.' }],
  MicroTime: [`${META}.MicroTime`, { type: 'string', format: 'date-time', description: 'An RFC 3339 time, to the microsecond.' }],
  Duration: [`${META}.Duration`, { type: 'string', description: 'A duration such as 1h30m.' }],
  Raw: ['io.k8s.apimachinery.pkg.runtime.RawExtension', { type: 'object', description: 'Any object.' }],
  Fields: [`${META}.FieldsV1`, { type: 'object', description: 'A set of fields, as a tree of their names.' }],
  JSON: [`${APIEXTENSIONS}.v1.JSON`, { description: 'Any JSON value.' }],
  JSONSchemaPropsOrArray: [`${APIEXTENSIONS}.v1.JSONSchemaPropsOrArray`, { description: 'A schema, or a list of schemas.' }],
  JSONSchemaPropsOrBool: [`${APIEXTENSIONS}.v1.JSONSchemaPropsOrBool`, { description: 'A schema, or a boolean.' }],
  JSONSchemaPropsOrStringArray: [`${APIEXTENSIONS}.v1.JSONSchemaPropsOrStringArray`, { description: 'A schema, or a list of strings.' }],
};

/** In version 3 a type may be several; these replace the version 2 forms. */
const SPECIAL_V3: Partial<Record<Special, JsonObject>> = {
  Quantity: { oneOf: [{ type: 'string' }, { type: 'number' }], description: 'A fixed-point number such as 250m, 1.5 or 2Gi.' },
  IntOrString: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string', description: 'A number, or a string such as a port name or a percentage.' },
};

const SCALARS: Readonly<Record<string, JsonObject>> = {
  string: { type: 'string' }, bool: { type: 'boolean' }, int32: { type: 'integer', format: 'int32' }, int64: { type: 'integer', format: 'int64' }, uint32: { type: 'integer', format: 'int64' },
  uint64: { type: 'integer', format: 'int64' }, double: { type: 'number', format: 'double' }, bytes: { type: 'string', format: 'byte' },
};

/** What every object says of itself. */
export const TYPE_META: JsonObject = {
  apiVersion: { type: 'string', description: 'APIVersion defines the group and version in which this object is written.' },
  kind: { type: 'string', description: 'Kind of the object, in CamelCase.' },
};

/** Collects schemas and everything they refer to. */
export interface Definitions {
  readonly version: OpenApiVersion;
  readonly schemas: JsonObject;
  /** A reference to the message's schema, which is collected. */
  refer(id: string): JsonObject;
  /** A reference by name, for schemas given from outside. */
  referTo(name: string): JsonObject;
  /** A schema with something said beside it. */
  beside(schema: JsonObject, said: JsonObject): JsonObject;
  add(name: string, schema: JsonObject): void;
}

/** An empty collection. */
export function definitions(version: OpenApiVersion): Definitions {
  const schemas: JsonObject = {};
  const prefix = version === 2 ? '#/definitions/' : '#/components/schemas/';
  const referTo = (name: string): JsonObject => ({ $ref: prefix + name });
  const refer = (id: string): JsonObject => {
    const name = definitionName(id);
    if (!Object.hasOwn(schemas, name)) {
      // Reserved first: messages may contain themselves.
      schemas[name] = {};
      schemas[name] = messageSchema(message(id));
    }
    return referTo(name);
  };

  const messageSchema = (of: Message): JsonObject => {
    const properties: JsonObject = {};
    const required: string[] = [];
    if (of.isKind) Object.assign(properties, TYPE_META);
    addFields(of, properties, required);
    return {
      ...(of.doc && { description: of.doc }), type: 'object', ...(Object.keys(properties).length > 0 && { properties }), ...(required.length > 0 && { required }),
      ...(of.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    };
  };
  const addFields = (of: Message, properties: JsonObject, required: string[]): void => {
    for (const field of of.fields) {
      if (field.inline && field.type.kind === 'message') addFields(message(field.type.id), properties, required);
      else {
        properties[field.name] = fieldSchema(field);
        if (field.required) required.push(field.name);
      }
    }
  };
  const fieldSchema = (field: Field): JsonObject => {
    return beside(typeSchema(field.type), { ...(field.doc && { description: field.doc }), ...(field.default !== undefined && { default: field.default }), ...markers(field) });
  };
  // Version 3 ignores what stands beside a reference.
  const beside = (schema: JsonObject, said: JsonObject): JsonObject => (version === 3 && '$ref' in schema && Object.keys(said).length > 0 ? { allOf: [schema], ...said } : { ...schema, ...said });
  const typeSchema = (type: FieldType): JsonObject => {
    switch (type.kind) {
      case 'scalar': return { ...SCALARS[type.scalar] };
      case 'enum': return { type: 'string', enum: [...enumValues(`${type.pkg}.${type.name}`)].sort() };
      case 'list': return { type: 'array', items: typeSchema(type.of) };
      case 'map': return { type: 'object', additionalProperties: typeSchema(type.of) };
      case 'message': return refer(type.id);
      case 'special': {
        const known = SPECIAL[type.special];
        if (!known) return { type: 'array', items: { type: 'string' } };
        schemas[known[0]] ??= (version === 3 && SPECIAL_V3[type.special]) || known[1];
        return referTo(known[0]);
      }
    }
  };
  return { version, schemas, refer, referTo, beside, add: (name, schema) => { schemas[name] = schema; } };
}

function markers(field: Field): JsonObject {
  const { merge, mergeKey, retainKeys, replace } = field.patch;
  const strategies = [merge && 'merge', retainKeys && 'retainKeys', replace && 'replace'].filter(Boolean).join(',');
  return {
    ...(field.listType && { 'x-kubernetes-list-type': field.listType }),
    ...(field.listMapKeys.length > 0 && { 'x-kubernetes-list-map-keys': [...field.listMapKeys] }),
    ...(field.mapAtomic && { 'x-kubernetes-map-type': 'atomic' }),
    ...(field.mapGranular && { 'x-kubernetes-map-type': 'granular' }),
    ...(mergeKey && { 'x-kubernetes-patch-merge-key': mergeKey }),
    ...(strategies && { 'x-kubernetes-patch-strategy': strategies }),
  };
}
