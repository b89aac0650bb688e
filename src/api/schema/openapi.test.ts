import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtinKinds } from '../kinds/index.ts';
import type { JsonObject } from '../json.ts';
import { openApiV2 } from './openapi-v2.ts';
import { openApiV2Protobuf } from './openapi-v2-protobuf.ts';
import { openApiV3 } from './openapi-v3.ts';
import { generateTypes } from './typescript.ts';
import { WireReader } from './wire.ts';

const widget = {
  group: 'example.com', version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true, status: true,
  schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', nullable: true }, port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } } } } },
};
const at = (document: unknown, ...path: string[]) => path.reduce<unknown>((value, key) => (value as JsonObject)?.[key], document);
const v2 = openApiV2(builtinKinds, [widget]);
const apps = openApiV3(builtinKinds, 'apps', 'v1');

/** Every `$ref` in a document. */
function references(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) references(item, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === '$ref' && typeof inner === 'string') found.add(inner);
      else references(inner, found);
    }
  }
  return found;
}

describe('OpenAPI v2', () => {
  it('has every schema it refers to', () => {
    for (const reference of references(v2)) expect(at(v2, 'definitions', reference.replace('#/definitions/', '')), reference).toBeDefined();
  });

  it('names the values of closed enums, for `kubectl explain`', () => {
    expect(at(v2, 'definitions', 'io.k8s.api.core.v1.PodSpec', 'properties', 'restartPolicy')).toMatchObject({ type: 'string', enum: ['Always', 'Never', 'OnFailure'] });
    expect(at(apps, 'components', 'schemas', 'io.k8s.api.apps.v1.DeploymentStrategy', 'properties', 'type')).toMatchObject({ enum: ['Recreate', 'RollingUpdate'] });
  });

  it('marks kinds, lists and merge keys', () => {
    expect(at(v2, 'definitions', 'io.k8s.api.apps.v1.Deployment', 'x-kubernetes-group-version-kind')).toEqual([{ group: 'apps', version: 'v1', kind: 'Deployment' }]);
    expect(at(v2, 'definitions', 'io.k8s.api.core.v1.PodSpec', 'properties', 'volumes')).toMatchObject({
      type: 'array', items: { $ref: '#/definitions/io.k8s.api.core.v1.Volume' }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], 'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge,retainKeys',
    });
    expect(at(v2, 'definitions', 'io.k8s.api.apps.v1.DeploymentSpec', 'required')).toEqual(['selector', 'template']);
    expect(at(v2, 'definitions', 'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector', 'x-kubernetes-map-type')).toBe('atomic');
  });

  it('names operations as upstream', () => {
    const patch = at(v2, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status', 'patch');
    expect(patch).toMatchObject({ operationId: 'patchAppsV1NamespacedDeploymentStatus', 'x-kubernetes-action': 'patch', 'x-kubernetes-group-version-kind': { group: 'apps', version: 'v1', kind: 'Deployment' } });
    expect((at(patch, 'parameters') as { name: string }[]).map((p) => p.name)).toEqual(['body', 'dryRun', 'fieldManager', 'fieldValidation', 'force']);
  });

  it('says of custom resources what version 2 can say', () => {
    expect(at(v2, 'definitions', 'com.example.v1.Widget', 'properties', 'spec', 'properties')).toEqual({ size: {}, port: { 'x-kubernetes-int-or-string': true } });
    expect(at(v2, 'paths', '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}', 'get')).toBeDefined();
  });

  it.each<[string, JsonObject | undefined, JsonObject]>([
    ['of one without a schema, and of one that takes anything, only that it is an object', undefined, { type: 'object' }],
    ['', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } }, { type: 'object' }],
    ['no type where unknown fields stay', { type: 'object', properties: { a: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { b: { type: 'string' } } }, l: { type: 'array' } } }, { properties: { a: { 'x-kubernetes-preserve-unknown-fields': true }, l: {} } }],
    ['nothing required that may be null', { type: 'object', required: ['a', 'b'], properties: { a: { type: 'string', nullable: true }, b: { type: 'string' } } }, { required: ['b'], properties: { a: {}, b: { type: 'string' } } }],
    ['metadata of objects within', { type: 'object', properties: { t: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } } } },
      { properties: { t: { required: ['kind', 'apiVersion'], properties: { spec: { type: 'object' }, metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' } } } } }],
  ])('says of custom resources: %s', (_what, schema, expected) => {
    const { 'x-kubernetes-group-version-kind': _, ...said } = at(openApiV2(builtinKinds, [{ ...widget, schema }]), 'definitions', 'com.example.v1.Widget') as JsonObject;
    expect(said).toMatchObject(expected);
    if (!('properties' in expected)) expect(said).toEqual(expected);
  });

  it('becomes gnostic protobuf with the same names', () => {
    const reader = new WireReader(openApiV2Protobuf(v2));
    const definitions: string[] = [];
    while (!reader.done) {
      const { number, wire } = reader.tag();
      if (number !== 9) {
        reader.skip(wire);
        continue;
      }
      const all = reader.message();
      while (!all.done) {
        all.tag();
        const entry = all.message();
        entry.tag();
        definitions.push(entry.string());
      }
    }
    expect(definitions).toEqual(Object.keys(v2['definitions'] as JsonObject));
  });
});

describe('OpenAPI v3', () => {
  it('has every schema it refers to, and no other group', () => {
    for (const reference of references(apps)) expect(at(apps, 'components', 'schemas', reference.replace('#/components/schemas/', '')), reference).toBeDefined();
    expect(Object.keys(apps['paths'] as JsonObject).filter((path) => !path.startsWith('/apis/apps/v1/'))).toEqual([]);
  });

  it('tells kubectl that the server validates fields', () => {
    const parameters = at(apps, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}', 'patch', 'parameters') as { name: string; in: string }[];
    expect(parameters.find((p) => p.name === 'fieldValidation')?.in).toBe('query');
  });

  it('keeps descriptions and markers beside references', () => {
    expect(at(apps, 'components', 'schemas', 'io.k8s.api.apps.v1.DeploymentSpec', 'properties', 'strategy')).toMatchObject({ allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy' }], 'x-kubernetes-patch-strategy': 'retainKeys' });
  });

  it('takes custom resources', () => expect(at(openApiV3(builtinKinds, 'example.com', 'v1', [widget]), 'components', 'schemas', 'com.example.v1.Widget', 'properties', 'metadata')).toMatchObject({ allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }], description: expect.stringContaining("Standard object's metadata") as string }));
});

it('has generated types that are current (npm run generate)', () => {
  for (const [file, text] of generateTypes()) expect(readFileSync(new URL(`../types/${file}`, import.meta.url), 'utf8'), file).toBe(text);
});
