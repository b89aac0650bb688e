import { expect, test } from 'vitest';
import type { Container, Pod, PodSpec } from '../../types/core.v1.ts';
import { made } from '../complaints.suite.ts';
import { namedTemplateWarnings, podWarnings, templateWarnings } from './pod-warnings.ts';

const web: Container = { name: 'web', image: 'i' };
const rows: [name: string, spec: Partial<PodSpec>, expected: string[]][] = [
  ['nothing', {}, []],
  ['an old label', { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }, ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead']],
  ['a hidden variable', { containers: [{ ...web, env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] }] }, ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply']],
  ['a variable that builds on itself', { containers: [{ ...web, env: [{ name: 'A', value: '1' }, { name: 'A', value: '$(A)2' }] }] }, []],
  ['one port twice', { containers: [{ ...web, ports: [{ containerPort: 1 }, { containerPort: 1 }] }] }, ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]']],
  ['half a byte', { containers: [{ ...web, resources: { limits: { memory: '500m' }, requests: { memory: '0' } } }] }, ['spec.containers[0].resources.limits[memory]: fractional byte value "500m" is invalid, must be an integer']],
  ['a volume of the past', { volumes: [{ name: 'v', gitRepo: { repository: 'r' } }] }, ['spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+']],
];

test.each(rows)('warnings of pods: %s', (_name, spec, expected) => {
  const pod = made('Pod', { spec: { containers: [web], ...spec } }) as Pod;
  expect(podWarnings(pod, undefined)).toEqual(expected);
  expect(templateWarnings(pod, undefined, { metadata: {}, spec: pod.spec })).toEqual(expected.map((text) => text.replaceAll('spec.', 'spec.template.spec.')));
});

test('a pod whose name is no label', () => {
  const pod = made('Pod', { metadata: { name: 'a.b' }, spec: { containers: [web] } }) as Pod;
  expect(podWarnings(pod, undefined)).toEqual(["metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]"]);
});

test('owners warn of their name when they are made, of their template when it may have changed; changed pods of nothing', () => {
  const owner = (generation: number) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web-v0.7', generation } });
  const template = { metadata: {}, spec: { containers: [{ ...web, ports: [{ containerPort: 1 }, { containerPort: 1 }] }] } };
  const named = 'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]';
  const twice = 'spec.template.spec.containers[0].ports[1]: duplicate port definition with spec.template.spec.containers[0].ports[0]';
  expect(namedTemplateWarnings(owner(1), undefined, template)).toEqual([named, twice]);
  expect(namedTemplateWarnings(owner(2), owner(1), template)).toEqual([twice]);
  expect(namedTemplateWarnings(owner(1), owner(1), template)).toEqual([]);
  const pod = made('Pod', { metadata: { name: 'a.b' }, spec: template.spec }) as Pod;
  expect(podWarnings(pod, pod)).toEqual([]);
});
