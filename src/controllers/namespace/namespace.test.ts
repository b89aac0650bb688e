import { afterEach, beforeEach, expect, test } from 'vitest';
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { Secrets } from '../../api/kinds/core/secret.ts';
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import { apiVersionOf, groupResource, type AnyObject, type KubeObject, type ResourceType } from '../../api/object.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { namespaceController } from './controller.ts';

const boats: ResourceType<AnyObject> = { group: 'e.com', version: 'v1', kind: 'Boat', plural: 'boats', namespaced: true };

let bed: Testbed;
/** What the API refuses to delete in this test. */
let refused: string | undefined;
beforeEach(async () => {
  bed = await testbed();
  refused = undefined;
  const { client } = bed.context;
  const stubborn: typeof client = { ...client, deleteCollection: (type, options) => (type.plural === refused ? Promise.reject(new Error(`no ${refused} today`)) : client.deleteCollection(type, options)) };
  await bed.start(namespaceController({ ...bed.context, client: stubborn }, bed.resources));
  await make(Namespaces, 'left');
  await make(Namespaces, 'kept');
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const make = (type: ResourceType, name: string, namespace?: string, more: object = {}) =>
  bed.client.create<KubeObject>(type, { apiVersion: apiVersionOf(type), kind: type.kind, ...more, metadata: { name, namespace, ...('metadata' in more ? (more.metadata as object) : {}) } });
const drop = async (name = 'left') => {
  await bed.client.delete(Namespaces, name);
  await bed.clock.advance(5_000);
};
const namespaces = () => bed.client.objects(Namespaces).map(({ metadata }) => metadata.name);
const conditions = () => Object.fromEntries((bed.client.objects(Namespaces).find((n) => n.metadata.name === 'left')?.status?.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}: ${c.message}`]));
const held = { metadata: { finalizers: ['example.com/hold'] } };

test('what is in it goes, of every kind; what is elsewhere stays', async () => {
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }];
  await make(CustomResourceDefinitions, 'boats.e.com', undefined, { spec: { group: 'e.com', scope: 'Namespaced', names: { plural: 'boats', kind: 'Boat' }, versions } });
  await bed.clock.advance(1000);
  const types = (await bed.resources()).filter((type) => type.namespaced);
  expect(types.map((type) => type.plural)).toEqual(expect.arrayContaining(['boats', 'deployments', 'pods', 'leases', 'networkpolicies', 'rolebindings']));
  // Past the API, since a valid object of each kind would be a test of its own.
  for (const type of types) {
    for (const namespace of ['left', 'kept']) {
      const object: AnyObject = { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name: 'one', namespace, uid: `${type.plural}-${namespace}` }, spec: {} };
      await bed.store.create(`${groupResource(type)}/${namespace}/one`, object);
    }
  }
  await make(Nodes, 'node-1', undefined, { spec: {} });
  await drop();
  expect(namespaces()).not.toContain('left');
  expect(namespaces()).toContain('kept');
  const left = types.flatMap((type) => bed.client.objects(type).map(({ metadata }) => `${type.plural} ${metadata.namespace}`)).filter((text) => !text.endsWith(' default'));
  expect(left.sort()).toEqual(types.map((type) => `${type.plural} kept`).sort());
  expect(bed.client.objects(boats)).toHaveLength(1);
  expect(bed.client.objects(Nodes)).toHaveLength(1);
});

test('says what holds it up, and goes when nothing does', async () => {
  await make(ConfigMaps, 'a', 'left', held);
  await make(ConfigMaps, 'b', 'left', held);
  await make(Secrets, 'c', 'left', { metadata: { finalizers: ['example.com/other'] } });
  await make(Secrets, 'd', 'left');
  await drop();
  expect(bed.client.objects(Namespaces).find((n) => n.metadata.name === 'left')?.status?.phase).toBe('Terminating');
  expect(conditions()).toEqual({
    NamespaceDeletionDiscoveryFailure: 'False ResourcesDiscovered: All resources successfully discovered',
    NamespaceDeletionGroupVersionParsingFailure: 'False ParsedGroupVersions: All legacy kube types successfully parsed',
    NamespaceDeletionContentFailure: 'False ContentDeleted: All content successfully deleted, may be waiting on finalization',
    NamespaceContentRemaining: 'True SomeResourcesRemain: Some resources are remaining: configmaps. has 2 resource instances, secrets. has 1 resource instances',
    NamespaceFinalizersRemaining: 'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/hold in 2 resource instances, example.com/other in 1 resource instances',
  });
  const since = () => bed.client.objects(Namespaces).find((n) => n.metadata.name === 'left')?.status?.conditions?.find((c) => c.type === 'NamespaceContentRemaining')?.lastTransitionTime;
  const before = since();
  const free = (type: ResourceType, name: string) => bed.client.patch(type, name, { type: 'merge', body: { metadata: { finalizers: null } } }, { namespace: 'left' });
  for (const name of ['a', 'b']) await free(ConfigMaps, name);
  await bed.clock.advance(5_000);
  expect(conditions()['NamespaceContentRemaining']).toContain('secrets. has 1 resource instances');
  expect(since()).toBe(before);
  await free(Secrets, 'c');
  await bed.clock.advance(5_000);
  expect(namespaces()).not.toContain('left');
});

test('its pods end first', async () => {
  await make(ServiceAccounts, 'default', 'left');
  await make(Pods, 'web', 'left', { spec: { nodeName: 'node-1', terminationGracePeriodSeconds: 30, containers: [{ name: 'c', image: 'i' }] } });
  await make(Secrets, 'password', 'left');
  await drop();
  expect(bed.client.objects(Pods).map((p) => p.metadata.deletionGracePeriodSeconds)).toEqual([30]);
  expect(bed.client.objects(Secrets)).toHaveLength(1);
  expect(conditions()['NamespaceContentRemaining']).toBe('True SomeResourcesRemain: Some resources are remaining: pods. has 1 resource instances');
  await bed.client.delete(Pods, 'web', { namespace: 'left', gracePeriodSeconds: 0 });
  await bed.clock.advance(5_000);
  expect([namespaces().includes('left'), bed.client.objects(Secrets)]).toEqual([false, []]);
});

test('a kind that cannot be deleted does not keep the others, and is told', async () => {
  await make(ConfigMaps, 'a', 'left');
  await make(Secrets, 'b', 'left');
  refused = 'secrets';
  await drop();
  expect([bed.client.objects(ConfigMaps), bed.client.objects(Secrets).length]).toEqual([[], 1]);
  expect(conditions()).toMatchObject({
    NamespaceDeletionContentFailure: 'True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: no secrets today',
    NamespaceContentRemaining: 'False ContentRemoved: All content successfully removed',
  });
  expect(bed.errors.splice(0)).toContain('namespace-controller left: no secrets today');
  refused = undefined;
  await bed.clock.advance(60_000);
  expect(namespaces()).not.toContain('left');
});
