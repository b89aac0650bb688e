import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { namespaceController } from './controller.ts';

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
  await bed.start(namespaceController(bed.context, () => Promise.resolve([ConfigMaps, Namespaces, PersistentVolumes])));
});
afterEach(() => bed.stop());

it('empties a namespace, and leaves what is outside of it', async () => {
  for (const name of ['gone', 'stays']) {
    await bed.client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
    await bed.client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: name } });
  }
  await bed.client.create(PersistentVolumes, { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'disk' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/srv/disk' } } });
  await bed.client.delete(Namespaces, 'gone');
  await bed.clock.advance(5_000);
  expect(bed.client.objects(Namespaces).map((n) => n.metadata.name)).not.toContain('gone');
  expect(bed.client.objects(Namespaces).map((n) => n.metadata.name)).toContain('stays');
  expect(bed.client.objects(ConfigMaps).map((c) => c.metadata.namespace)).toEqual(['stays']);
  expect(bed.client.objects(PersistentVolumes)).toHaveLength(1);
  expect(bed.errors).toEqual([]);
});
