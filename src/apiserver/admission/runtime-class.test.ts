import { expect, test } from 'vitest';
import { Pods } from '../../api/kinds/core/pod.ts';
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import { RuntimeClasses } from '../../api/kinds/node/runtime-class.ts';
import type { Pod, PodSpec } from '../../api/types/core.v1.ts';
import { virtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { memoryStore } from '../../store/index.ts';
import { createApiServer } from '../index.ts';

const pod = (name: string, spec: Partial<PodSpec> = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'a', image: 'i' }], ...spec } });

test('a pod\'s runtime class must be there, and adds what it says', async () => {
  const server = await createApiServer({ store: memoryStore(), clock: virtualClock(), random: seededRandom(1) });
  const client = server.client();
  await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } });
  await expect(client.create(Pods, pod('x', { runtimeClassName: 'kata' }))).rejects.toThrow('pods "x" is forbidden: pod rejected: RuntimeClass "kata" not found');
  await expect(client.create(Pods, pod('x', { overhead: { cpu: '1' } }))).rejects.toThrow('pods "x" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  await client.create(RuntimeClasses, {
    apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'kata' }, handler: 'kata',
    overhead: { podFixed: { memory: '64Mi' } }, scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [{ key: 'vm', operator: 'Exists' }] },
  });
  const made = await client.create(Pods, pod('x', { runtimeClassName: 'kata', nodeSelector: { disk: 'ssd' } }));
  expect(made.spec).toMatchObject({ overhead: { memory: '64Mi' }, nodeSelector: { disk: 'ssd', vm: 'yes' }, tolerations: expect.arrayContaining([{ key: 'vm', operator: 'Exists' }]) });
  await expect(client.create(Pods, pod('y', { runtimeClassName: 'kata', overhead: { memory: '1Mi' } }))).rejects.toThrow("Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  await expect(client.create(Pods, pod('y', { runtimeClassName: 'kata', nodeSelector: { vm: 'no' } }))).rejects.toThrow('conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no');
});
