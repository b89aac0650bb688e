import { afterEach, expect, test } from 'vitest';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { namespaceController } from './controller.ts';

let bed: Testbed | undefined;
afterEach(() => bed?.stop());

test('a namespace that is deleted takes what is in it, and nothing else', async () => {
  bed = await testbed();
  const { client, clock } = bed;
  const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
  const settings = (inside: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: inside } });
  for (const name of ['left', 'kept']) {
    await client.create(Namespaces, namespace(name));
    await client.create(ConfigMaps, settings(name));
  }
  await client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {} });
  await bed.start(namespaceController(bed.context, async () => [ConfigMaps, Namespaces, Nodes]));
  await client.delete(Namespaces, 'left');
  await clock.advance(5_000);
  expect(client.objects(Namespaces).map((found) => found.metadata.name)).toEqual(expect.not.arrayContaining(['left']));
  expect(client.objects(Namespaces).map((found) => found.metadata.name)).toContain('kept');
  expect(client.objects(ConfigMaps).map((found) => found.metadata.namespace)).toEqual(['kept']);
  expect(client.objects(Nodes)).toHaveLength(1);
  expect(bed.errors).toEqual([]);
});
