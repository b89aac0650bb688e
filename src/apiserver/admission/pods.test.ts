import { expect, test } from 'vitest';
import { Pods } from '../../api/kinds/core/pod.ts';
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import { RuntimeClasses } from '../../api/kinds/node/runtime-class.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { virtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { memoryStore } from '../../store/index.ts';
import { createApiServer } from '../index.ts';

const pod = (name: string, spec: object = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } });

async function api() {
  const client = (await createApiServer({ store: memoryStore(), clock: virtualClock(), random: seededRandom(1) })).client();
  await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
  return client;
}

test('who replaces the tolerations of a pod keeps the default ones', async () => {
  const client = await api();
  await client.create(Pods, pod('a'));
  const patched = await client.patch(Pods, 'a', { type: 'strategic', body: { spec: { tolerations: [{ key: 'x', operator: 'Exists' }] } } }, { namespace: 'default' });
  expect(patched.spec.tolerations?.map(({ key }) => key)).toEqual(['x', 'node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']);
});

test('a pod of a RuntimeClass has its overhead, selector and tolerations', async () => {
  const client = await api();
  await client.create(RuntimeClasses, {
    apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'boxed' }, handler: 'box', overhead: { podFixed: { cpu: '100m' } }, scheduling: { nodeSelector: { box: 'yes' }, tolerations: [{ key: 'box', operator: 'Exists' }] },
  });
  const { spec } = await client.create(Pods, pod('a', { runtimeClassName: 'boxed' }));
  expect(spec).toMatchObject({ overhead: { cpu: '100m' }, nodeSelector: { box: 'yes' } });
  expect(spec.tolerations?.filter(({ key }) => key === 'box')).toHaveLength(1);
  await expect(client.create(Pods, pod('b', { runtimeClassName: 'boxed', nodeSelector: { box: 'no' } }))).rejects.toThrow('pods "b" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[box] = yes; pod.spec.nodeSelector[box] = no');
  await expect(client.create(Pods, pod('b', { runtimeClassName: 'boxed', overhead: { cpu: '1' } }))).rejects.toThrow("pods \"b\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
});

test.each([
  [{ runtimeClassName: 'nope' }, 'pods "a" is forbidden: pod rejected: RuntimeClass "nope" not found'],
  [{ overhead: { cpu: '1' } }, 'pods "a" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'],
])('%j is refused', async (spec, why) => {
  await expect((await api()).create(Pods, pod('a', spec))).rejects.toThrow(why);
});
