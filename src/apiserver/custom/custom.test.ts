import { describe, expect, it } from 'vitest';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import type { AnyObject, ResourceType } from '../../api/object.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions.v1.ts';
import { virtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { memoryStore } from '../../store/index.ts';
import { createApiServer } from '../index.ts';
import { valuesAt } from './jsonpath.ts';

describe('JSONPath', () => {
  const object = { spec: { a: 1, 'x.y': 2, list: [{ type: 'Ready', status: 'True' }, { type: 'Other', status: 'False' }] } };
  const cases: [path: string, values: unknown[]][] = [
    ['.spec.a', [1]], ['{.spec.a}', [1]], ["$.spec['x.y']", [2]], ['.spec.x\\.y', [2]], ['.spec.list[1].status', ['False']], ['.spec.list[*].type', ['Ready', 'Other']],
    ['.spec.list[?(@.type=="Ready")].status', ['True']], ['.spec.none.deeper', []], ['.spec.__proto__', []],
  ];
  it.each(cases)('%s', (path, values) => expect(valuesAt(path, object)).toEqual(values));
});

describe('custom resources', () => {
  const schema = { type: 'object', properties: { spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer', minimum: 1 }, colour: { type: 'string', default: 'red' } } }, status: { type: 'object', properties: { ready: { type: 'boolean' } } } } };
  const version = (name: string, storage: boolean) => ({
    name, served: true, storage, schema: { openAPIV3Schema: schema }, subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
    additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
  });
  const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'boats.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList', shortNames: ['bo'] }, versions: [version('v1', true), version('v1beta1', false)] } } as unknown as CustomResourceDefinition;
  const boats: ResourceType<AnyObject> = { group: 'example.com', version: 'v1', kind: 'Boat', plural: 'boats', namespaced: true };
  const boat = (name: string, spec: object): AnyObject => ({ apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name, namespace: 'default' }, spec });
  const make = async () => {
    const clock = virtualClock();
    const client = (await createApiServer({ store: memoryStore(), clock, random: seededRandom(1), admission: [] })).client();
    await client.create(CustomResourceDefinitions, definition);
    await clock.settle();
    return { client, clock };
  };
  const at = { namespace: 'default' };

  it('are served as soon as they are defined, with defaults, pruning and validation', async () => {
    const { client } = await make();
    expect((await client.get(CustomResourceDefinitions, 'boats.example.com')).status?.conditions).toMatchObject([{ type: 'NamesAccepted', status: 'True' }, { type: 'Established', status: 'True' }]);
    const made = await client.create(boats, boat('a', { size: 3, oars: 2 }));
    expect(made['spec']).toEqual({ size: 3, colour: 'red' });
    await expect(client.create(boats, boat('b', { size: 3, oars: 2 }), { fieldValidation: 'Strict' })).rejects.toMatchObject({ code: 400, message: 'Boat in version "v1" cannot be handled as a Boat: strict decoding error: unknown field "spec.oars"' });
    await expect(client.create(boats, boat('b', {}))).rejects.toMatchObject({ code: 422, message: 'Boat.example.com "b" is invalid: spec.size: Required value' });
    await expect(client.create(boats, boat('b', { size: 0 }))).rejects.toMatchObject({ code: 422 });
  });

  it('have status, scale, other versions, tables and server-side apply', async () => {
    const { client } = await make();
    const made = await client.create(boats, boat('a', { size: 3 }));
    const seen = await client.update(boats, { ...made, spec: { size: 9 }, status: { ready: true } }, { subresource: 'status' });
    expect([seen['spec'], seen['status']]).toEqual([{ size: 3, colour: 'red' }, { ready: true }]);
    await client.patch(boats, 'a', { type: 'merge', body: { spec: { replicas: 5 } } }, { ...at, subresource: 'scale' });
    expect((await client.get({ ...boats, version: 'v1beta1' }, 'a', at))).toMatchObject({ apiVersion: 'example.com/v1beta1', spec: { size: 5 } });
    const table = JSON.parse((await client.raw({ method: 'GET', path: '/apis/example.com/v1/boats', headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })).body.toString()) as { rows: { cells: unknown[] }[] };
    expect(table.rows[0]!.cells).toEqual(['a', 5]);
    const applied = await client.patch(boats, 'b', { type: 'apply', body: boat('b', { size: 1 }) }, { ...at, fieldManager: 'm' });
    expect(applied.metadata.managedFields?.[0]).toMatchObject({ manager: 'm', operation: 'Apply', apiVersion: 'example.com/v1' });
    await expect(client.patch(boats, 'a', { type: 'strategic', body: {} }, at)).rejects.toMatchObject({ code: 415 });
    expect((await client.raw({ method: 'GET', path: '/openapi/v3/apis/example.com/v1' })).status).toBe(200);
  });

  it('go with their definition', async () => {
    const { client, clock } = await make();
    await client.create(boats, boat('a', { size: 3 }));
    await client.delete(CustomResourceDefinitions, 'boats.example.com');
    await clock.settle();
    await expect(client.list(boats)).rejects.toMatchObject({ code: 404, message: 'the server could not find the requested resource' });
    await client.create(CustomResourceDefinitions, definition);
    expect((await client.list(boats)).items).toEqual([]);
  });
});
