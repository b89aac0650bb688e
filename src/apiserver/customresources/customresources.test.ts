import { beforeEach, describe, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import type { AnyObject, ResourceType } from '../../api/object.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from '../../api/types/apiextensions.v1.ts';
import type { Client } from '../../client/client.ts';
import { memoryStore, type Store } from '../../store/index.ts';
import { createApiServer, type ApiServer } from '../index.ts';

let store: Store;
let server: ApiServer;
let client: Client;
let clock: VirtualClock;
const defects: unknown[] = [];
const start = () => createApiServer({ store, clock, random: seededRandom(1), admission: [], report: (error) => void defects.push(error) });
beforeEach(async () => {
  defects.length = 0;
  store = memoryStore();
  clock = virtualClock();
  server = await start();
  client = server.client();
  return () => {
    expect(defects).toEqual([]);
    return server.close();
  };
});

const spec = (properties: Record<string, JSONSchemaProps>, more: Partial<JSONSchemaProps> = {}): JSONSchemaProps => ({
  type: 'object', properties: { spec: { type: 'object', properties, ...more }, status: { type: 'object', properties: { ready: { type: 'boolean' }, replicas: { type: 'integer' }, selector: { type: 'string' } } } },
});
const version = (name: string, schema: JSONSchemaProps, more: Partial<CustomResourceDefinitionVersion> = {}): CustomResourceDefinitionVersion => ({ name, served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more });
const crd = (versions: CustomResourceDefinitionVersion[], names: Partial<CustomResourceDefinition['spec']['names']> = {}, more: Partial<CustomResourceDefinition['spec']> = {}): CustomResourceDefinition => {
  const all = { plural: 'boats', kind: 'Boat', ...names };
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${all.plural}.e.com` }, spec: { group: 'e.com', scope: 'Namespaced', names: all, versions, ...more } };
};
const boats: ResourceType<AnyObject> = { group: 'e.com', version: 'v1', kind: 'Boat', plural: 'boats', namespaced: true };
const boat = (body: unknown, name = 'b'): AnyObject => ({ apiVersion: 'e.com/v1', kind: 'Boat', metadata: { name, namespace: 'default' }, spec: body });
const at = { namespace: 'default' };
const define = (definition: CustomResourceDefinition) => client.create(CustomResourceDefinitions, definition);
const simple = spec({ size: { type: 'integer', minimum: 1 }, colour: { type: 'string', default: 'red' } });
const raw = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await client.raw({ method: 'GET', path, headers });
  return { ...answer, json: JSON.parse(answer.body.toString()) as Record<string, unknown> };
};
const condition = async (name: string, type: string) => {
  const { status } = await client.get(CustomResourceDefinitions, name);
  return status?.conditions?.find((c) => c.type === type);
};
const settled = async (check: () => Promise<boolean>) => {
  for (let turn = 0; turn < 100; turn++) {
    if (await check()) return;
    await clock.advance(100);
    await new Promise(setImmediate);
  }
  throw new Error('it did not settle');
};

describe('a definition', () => {
  it('is usable in the next request, and established', async () => {
    await define(crd([version('v1', simple)]));
    expect(await client.create(boats, boat({ size: 1, junk: true }))).toMatchObject({ spec: { size: 1, colour: 'red' }, metadata: { generation: 1 } });
    // Its status was written before its create was answered: who changes it now does not lose to that.
    expect(await condition('boats.e.com', 'Established')).toMatchObject({ status: 'True' });
    expect(await condition('boats.e.com', 'NamesAccepted')).toMatchObject({ status: 'True', reason: 'NoConflicts', message: 'no conflicts found' });
    expect((await client.get(CustomResourceDefinitions, 'boats.e.com')).status).toMatchObject({ acceptedNames: { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' }, storedVersions: ['v1'] });
  });

  it('is there again when the server starts again', async () => {
    await define(crd([version('v1', simple)]));
    await client.create(boats, boat({ size: 1 }));
    const again = await start();
    expect((await again.client().list(boats, at)).items).toHaveLength(1);
    await again.close();
  });

  it('is discovered', async () => {
    await define(crd([version('v1', simple, { subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas' } } })], { shortNames: ['bt'], categories: ['all'] }));
    expect((await raw('/apis/e.com/v1')).json).toMatchObject({ resources: [{ name: 'boats', singularName: 'boat', namespaced: true, kind: 'Boat', shortNames: ['bt'], categories: ['all'] }, { name: 'boats/scale' }, { name: 'boats/status' }] });
    expect((await raw('/openapi/v3/apis/e.com/v1')).json).toMatchObject({ components: { schemas: { 'com.e.v1.Boat': { properties: { spec: { properties: { colour: { default: 'red' } } } } } } } });
  });

  it('waits for names that are in use', async () => {
    await define(crd([version('v1', simple)], { shortNames: ['b'] }));
    await define(crd([version('v1', simple)], { plural: 'barks', kind: 'Bark', shortNames: ['b'] }));
    await settled(async () => (await condition('barks.e.com', 'NamesAccepted')) !== undefined);
    expect(await condition('barks.e.com', 'NamesAccepted')).toMatchObject({ status: 'False', reason: 'ShortNamesConflict', message: '"b" is already in use' });
    expect(await condition('barks.e.com', 'Established')).toMatchObject({ status: 'False', reason: 'NotAccepted' });
    expect((await client.raw({ method: 'GET', path: '/apis/e.com/v1/barks' })).status).toBe(404);
    await client.delete(CustomResourceDefinitions, 'boats.e.com');
    await settled(async () => (await condition('barks.e.com', 'Established'))?.status === 'True');
    expect((await client.raw({ method: 'GET', path: '/apis/e.com/v1/barks' })).status).toBe(200);
  });

  it('takes its instances with it', async () => {
    await define(crd([version('v1', simple)]));
    await client.create(boats, boat({ size: 1 }));
    await client.create(boats, { ...boat({ size: 1 }, 'held'), metadata: { name: 'held', namespace: 'default', finalizers: ['e.com/hold'] } });
    await client.delete(CustomResourceDefinitions, 'boats.e.com');
    await settled(async () => (await client.list(boats, at)).items.length === 1);
    expect(await condition('boats.e.com', 'Terminating')).toMatchObject({ status: 'True' });
    await expect(client.create(boats, boat({ size: 1 }, 'late'))).rejects.toMatchObject({ code: 405, message: 'create not allowed while custom resource definition is terminating' });
    await client.patch(boats, 'held', { type: 'merge', body: { metadata: { finalizers: null } } }, at);
    await settled(async () => (await client.list(CustomResourceDefinitions)).items.length === 0);
    await expect(client.list(boats, at)).rejects.toMatchObject({ code: 404 });
  });
});

describe('instances', () => {
  it('may keep what was wrong before only where it can be told to be the same', async () => {
    const list = (more: object = {}, wrong?: object) => ({ type: 'array', items: { type: 'object', properties: { n: { type: 'string' }, v: { type: 'string', ...wrong } } }, ...more });
    const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'] };
    const definition = (wrong?: object) => crd([version('v1', spec({ plain: list({}, wrong), keyed: { ...list(keyed, wrong), items: { ...list({}, wrong).items, required: ['n'] } } }))]);
    await define(definition());
    await client.create(boats, boat({ plain: [{ n: 'a', v: 'x' }], keyed: [{ n: 'a', v: 'x' }] }));
    const known = await client.get(CustomResourceDefinitions, 'boats.e.com');
    await client.update(CustomResourceDefinitions, { ...known, spec: definition({ enum: ['y'] }).spec });
    const change = (body: object) => client.patch(boats, 'b', { type: 'merge', body: { spec: body } }, at);
    await change({ other: 1 });
    await change({ keyed: [{ n: 'b', v: 'y' }, { n: 'a', v: 'x' }] });
    await expect(change({ plain: [{ n: 'a', v: 'x' }, { n: 'b', v: 'y' }] })).rejects.toMatchObject({ code: 422, message: expect.stringContaining('spec.plain[0].v: Unsupported value: "x"') });
  });

  it('are validated, and what was wrong before may stay', async () => {
    await define(crd([version('v1', simple)]));
    await expect(client.create(boats, boat({ size: 0 }))).rejects.toMatchObject({ code: 422, message: 'Boat.e.com "b" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1' });
    await client.create(boats, boat({ size: 1 }));
    const definition = await client.get(CustomResourceDefinitions, 'boats.e.com');
    await client.update(CustomResourceDefinitions, { ...definition, spec: crd([version('v1', spec({ size: { type: 'integer', minimum: 5 }, colour: { type: 'string' } }))]).spec });
    expect(await client.patch(boats, 'b', { type: 'merge', body: { spec: { colour: 'blue' } } }, at)).toMatchObject({ spec: { size: 1, colour: 'blue' }, metadata: { generation: 2 } });
    await expect(client.patch(boats, 'b', { type: 'merge', body: { spec: { size: 2 } } }, at)).rejects.toMatchObject({ code: 422 });
  });

  it('keep the rules of their schema', async () => {
    const ruled = spec({ min: { type: 'integer' }, max: { type: 'integer' }, fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }] } }, { 'x-kubernetes-validations': [{ rule: 'self.min <= self.max', fieldPath: '.min' }] });
    await define(crd([version('v1', ruled)]));
    await expect(client.create(boats, boat({ min: 2, max: 1 }))).rejects.toMatchObject({ code: 422, message: 'Boat.e.com "b" is invalid: spec.min: Invalid value: "object": failed rule: self.min <= self.max' });
    await expect(client.create(boats, boat({ min: 'x', max: 1 }))).rejects.toMatchObject({ message: expect.stringContaining('some validation rules were not checked because the object was invalid') });
    await client.create(boats, boat({ min: 1, max: 1, fixed: 'a' }));
    await expect(client.patch(boats, 'b', { type: 'merge', body: { spec: { fixed: 'b' } } }, at)).rejects.toMatchObject({ message: 'Boat.e.com "b" is invalid: spec.fixed: Invalid value: "string": is immutable' });
    const unknown = spec({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'semver(self).major() == 4' }] } });
    await expect(define(crd([version('v1', unknown)], { plural: 'barks', kind: 'Bark' }))).rejects.toMatchObject({ code: 422, message: expect.stringContaining("compilation failed: ERROR: <input>:1:7: undeclared reference to 'semver' (in container '')") });
  });

  it('may not have unknown fields when asked strictly', async () => {
    await define(crd([version('v1', simple)]));
    await expect(client.create(boats, boat({ junk: 1 }), { fieldValidation: 'Strict' })).rejects.toMatchObject({ code: 400, message: 'Boat in version "v1" cannot be handled as a Boat: strict decoding error: unknown field "spec.junk"' });
  });

  it('keep status apart, and generation with it', async () => {
    await define(crd([version('v1', simple, { subresources: { status: {} } })]));
    const made = await client.create(boats, { ...boat({ size: 1 }), status: { ready: true } });
    expect(made['status']).toBeUndefined();
    const observed = await client.update(boats, { ...made, spec: { size: 9 }, status: { ready: true } }, { subresource: 'status' });
    expect(observed).toMatchObject({ spec: { size: 1 }, status: { ready: true }, metadata: { generation: 1 } });
    expect(await client.update(boats, { ...observed, spec: { size: 2 }, status: {} })).toMatchObject({ spec: { size: 2 }, status: { ready: true }, metadata: { generation: 2 } });
    await expect(client.update(boats, { ...observed, status: { ready: 'x' }, metadata: { ...observed.metadata, resourceVersion: '' } }, { subresource: 'status' })).rejects.toMatchObject({ code: 422 });
  });

  it('count status as their own without the subresource', async () => {
    await define(crd([version('v1', simple)]));
    const made = await client.create(boats, { ...boat({ size: 1 }), status: { ready: true } });
    expect(await client.update(boats, { ...made, status: { ready: false } })).toMatchObject({ status: { ready: false }, metadata: { generation: 2 } });
  });

  it('scale', async () => {
    await define(crd([version('v1', simple, { subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' } } })]));
    const made = await client.create(boats, boat({ size: 1 }));
    await client.update(boats, { ...made, status: { replicas: 3, selector: 'a=b' } }, { subresource: 'status' });
    expect(await client.get(boats, 'b', { ...at, subresource: 'scale' })).toMatchObject({ kind: 'Scale', spec: { replicas: 1 }, status: { replicas: 3, selector: 'a=b' } });
    expect(await client.patch(boats, 'b', { type: 'merge', body: { spec: { replicas: 5 } } }, { ...at, subresource: 'scale' })).toMatchObject({ spec: { replicas: 5 } });
    await expect(client.patch(boats, 'b', { type: 'merge', body: { spec: { replicas: 0 } } }, { ...at, subresource: 'scale' })).rejects.toMatchObject({ code: 422 });
  });

  it('are patched by JSON and merge patches only, and applied by their schema', async () => {
    await define(crd([version('v1', spec({ tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' } }))]));
    await client.create(boats, boat({ tags: ['a'] }));
    await expect(client.patch(boats, 'b', { type: 'strategic', body: {} }, at)).rejects.toMatchObject({ code: 415 });
    const apply = (tags: string[]) => client.patch(boats, 'b', { type: 'apply', body: { apiVersion: 'e.com/v1', kind: 'Boat', metadata: { name: 'b' }, spec: { tags } } }, { ...at, fieldManager: 'me' });
    expect(await apply(['b'])).toMatchObject({ spec: { tags: ['a', 'b'] } });
    expect((await apply(['c']))['spec']).toEqual({ tags: ['a', 'c'] });
  });

  it('have columns and selectable fields', async () => {
    await define(crd([version('v1', simple, {
      additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }, { name: 'Colour', type: 'string', jsonPath: '.spec.colour', priority: 1 }],
      selectableFields: [{ jsonPath: '.spec.colour' }],
    })]));
    await client.create(boats, boat({ size: 1 }));
    await client.create(boats, boat({ size: 2, colour: 'blue' }, 'c'));
    const { json } = await raw('/apis/e.com/v1/boats', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    expect(json).toMatchObject({ columnDefinitions: [{ name: 'Name' }, { name: 'Size', type: 'integer', priority: 0 }, { name: 'Colour', priority: 1 }], rows: [{ cells: ['b', 1, 'red'] }, { cells: ['c', 2, 'blue'] }] });
    expect((await client.list(boats, { ...at, fieldSelector: 'spec.colour=blue' })).items.map((item) => item.metadata.name)).toEqual(['c']);
    await expect(client.list(boats, { ...at, fieldSelector: 'spec.size=1' })).rejects.toMatchObject({ code: 400, message: 'field label not supported: spec.size' });
  });
});

describe('versions', () => {
  const two = (more: Partial<CustomResourceDefinition['spec']> = {}) => crd([
    version('v1', simple), version('v1beta1', spec({ size: { type: 'integer' }, old: { type: 'string' } }), { storage: false, deprecated: true }),
  ], {}, more);
  const old = { ...boats, version: 'v1beta1' };

  it('are converted by their names', async () => {
    await define(two());
    const made = await client.create(old, { ...boat({ size: 1, old: 'x' }), apiVersion: 'e.com/v1beta1' });
    expect(made).toMatchObject({ apiVersion: 'e.com/v1beta1', spec: { size: 1 } });
    expect(await client.get(boats, 'b', at)).toMatchObject({ apiVersion: 'e.com/v1', spec: { size: 1, colour: 'red' } });
    expect((await raw('/apis/e.com/v1beta1/namespaces/default/boats/b')).headers['warning']).toBe('299 - "e.com/v1beta1 Boat is deprecated; use e.com/v1 Boat"');
    expect((await client.list(old, at)).items[0]).toMatchObject({ apiVersion: 'e.com/v1beta1', spec: { size: 1 } });
  });

  it('show what was stored in an earlier one', async () => {
    await define(two());
    await client.create(boats, boat({ size: 1 }));
    const definition = await client.get(CustomResourceDefinitions, 'boats.e.com');
    const [v1, v1beta1] = two().spec.versions;
    await client.update(CustomResourceDefinitions, { ...definition, spec: { ...definition.spec, versions: [{ ...v1!, storage: false, served: false }, { ...v1beta1!, storage: true }] } });
    expect((await client.get(CustomResourceDefinitions, 'boats.e.com')).status?.storedVersions).toEqual(['v1', 'v1beta1']);
    expect((await client.list(old, at)).items[0]).toMatchObject({ apiVersion: 'e.com/v1beta1', spec: { size: 1 } });
    await expect(client.list(boats, at)).rejects.toMatchObject({ code: 404 });
  });

  it('that need a webhook are refused', async () => {
    await define(two({ conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://localhost/' }, conversionReviewVersions: ['v1'] } } }));
    await client.create(boats, boat({ size: 1 }));
    await expect(client.get(old, 'b', at)).rejects.toMatchObject({ code: 500, message: 'conversion webhook for e.com/v1beta1, Kind=Boat failed: conversion webhooks are not supported; use e.com/v1, in which objects are stored' });
  });

  it('that need a webhook end a watch, and nothing else', async () => {
    await define(two({ conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://localhost/' }, conversionReviewVersions: ['v1'] } } }));
    const seen: string[] = [];
    const watching = client.watch(old, { ...at, resourceVersion: String(store.revision) }, {
      event: (event) => void seen.push(event.type === 'ERROR' ? `ERROR ${event.object.reason}` : event.type),
      closed: (error) => void seen.push(`closed ${error?.message.slice(0, 40)}`),
    });
    await new Promise(setImmediate);
    await client.create(boats, boat({ size: 1 }));
    expect(seen).toEqual(['ERROR InternalError', 'closed conversion webhook for e.com/v1beta1, Ki']);
    watching.stop();
  });
});
