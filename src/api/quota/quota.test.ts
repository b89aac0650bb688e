import { expect, test } from 'vitest';
import { formatResourceList, parseResourceList } from '../resource-list.ts';
import type { KubeObject } from '../object.ts';
import type { Container, Pod, PodSpec, ResourceQuota, ScopedResourceSelectorRequirement } from '../types/core.v1.ts';
import { charge, inScope, unstated } from './quota.ts';
import { usageOf } from './usage.ts';

const NOW = Date.UTC(2025, 0, 1);
const container = (name: string, resources?: Container['resources']): Container => ({ name, image: 'i', ...(resources && { resources }) });
const pod = (spec: Partial<PodSpec> = {}, more: Partial<Pod> = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'd' }, spec: { containers: [container('c')], ...spec }, ...more });
const quota = (spec: ResourceQuota['spec'], status?: ResourceQuota['status']): ResourceQuota => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'd' }, spec, ...(status && { status }) });
const sized = pod({ containers: [container('c', { requests: { cpu: '100m' } })] });
const away = (term: object) => pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', ...term }] } } });

const scopes: [string, ScopedResourceSelectorRequirement['scopeName'], Pod, boolean][] = [
  ['it ends by itself', 'Terminating', pod({ activeDeadlineSeconds: 0 }), true],
  ['it does not', 'Terminating', pod(), false],
  ['it does not', 'NotTerminating', pod(), true],
  ['it asks for nothing', 'BestEffort', pod(), true],
  ['it asks for zero', 'BestEffort', pod({ containers: [container('c', { requests: { cpu: '0', memory: '0Mi' } })] }), true],
  ['it asks for something', 'BestEffort', sized, false],
  ['its init container does', 'NotBestEffort', pod({ initContainers: [container('i', { limits: { memory: '1' } })] }), true],
  ['only storage', 'BestEffort', pod({ containers: [container('c', { requests: { 'ephemeral-storage': '1Gi' } })] }), true],
  ['it has a class', 'PriorityClass', pod({ priorityClassName: 'x' }), true],
  ['it has none', 'PriorityClass', pod(), false],
  ['it looks at its own namespace', 'CrossNamespacePodAffinity', away({}), false],
  ['it names one, be it its own', 'CrossNamespacePodAffinity', away({ namespaces: ['d'] }), true],
  ['it selects some', 'CrossNamespacePodAffinity', away({ namespaceSelector: {} }), true],
];
test.each(scopes)('scope: %s: %s', (_, scope, object, wanted) => expect(inScope(quota({ scopes: [scope] }), 'pods', object)).toBe(wanted));

const selectors: [ScopedResourceSelectorRequirement['operator'], string[], string | undefined, boolean][] = [
  ['In', ['a', 'b'], 'b', true], ['In', ['a'], undefined, false], ['NotIn', ['a'], 'b', true], ['NotIn', ['a'], 'a', false], ['Exists', [], 'a', true], ['DoesNotExist', [], undefined, true], ['DoesNotExist', [], 'a', false],
];
test.each(selectors)('scopeSelector: PriorityClass %s %j, of %s', (operator, values, priorityClassName, wanted) => {
  const q = quota({ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values }] } });
  expect(inScope(q, 'pods', pod({ ...(priorityClassName !== undefined && { priorityClassName }) }))).toBe(wanted);
});

test('all scopes must hold, and a quota with scopes is about pods alone', () => {
  const both = quota({ scopes: ['BestEffort', 'Terminating'] });
  expect([inScope(both, 'pods', pod()), inScope(both, 'pods', pod({ activeDeadlineSeconds: 1 }))]).toEqual([false, true]);
  expect([inScope(both, 'services', pod()), inScope(quota({}), 'services', pod())]).toEqual([false, true]);
});

const missing: [string, Record<string, string>, Pod, string | undefined][] = [
  ['nothing is limited that must be stated', { pods: '1', 'requests.storage': '1' }, pod(), undefined],
  ['one resource', { 'limits.cpu': '1' }, pod(), 'must specify limits.cpu for: c'],
  ['several, init containers too, in order', { memory: '1', 'limits.cpu': '1' }, pod({ containers: [container('z'), container('b')], initContainers: [container('a')] }), 'must specify limits.cpu for: a,b,z; memory for: a,b,z'],
  ['a request stands for both its names', { cpu: '1', 'requests.cpu': '1' }, sized, undefined],
  ['the pod says it as a whole', { cpu: '1' }, pod({ resources: { requests: { cpu: '1' } } }), undefined],
];
test.each(missing)('unstated: %s', (_, hard, object, wanted) => expect(unstated(quota({ hard }), object)).toBe(wanted));

const charges: [string, Record<string, string>, Record<string, string>, Record<string, string>, Record<string, string>, unknown][] = [
  ['fits', { pods: '2' }, { pods: '1' }, { pods: '1' }, {}, { pods: '2' }],
  ['what is not limited is not counted', { pods: '2' }, {}, { pods: '1', cpu: '5' }, {}, { pods: '1' }],
  ['nothing new', { pods: '2' }, { pods: '1' }, { pods: '1' }, { pods: '1' }, 'untouched'],
  ['only the difference', { 'requests.storage': '10Gi' }, { 'requests.storage': '4Gi' }, { 'requests.storage': '6Gi' }, { 'requests.storage': '4Gi' }, { 'requests.storage': '6Gi' }],
  ['shrinking gives nothing back here', { 'requests.storage': '10Gi' }, { 'requests.storage': '4Gi' }, { 'requests.storage': '2Gi' }, { 'requests.storage': '4Gi' }, 'untouched'],
  ['only the exceeded ones, in order', { pods: '9', memory: '1Gi', cpu: '1' }, { pods: '1', memory: '512Mi', cpu: '900m' }, { pods: '1', memory: '1Gi', cpu: '200m' }, {},
    'exceeded quota: q, requested: cpu=200m,memory=1Gi, used: cpu=900m,memory=512Mi, limited: cpu=1,memory=1Gi'],
  ['beyond it already, and asks for none of it', { pods: '5', cpu: '1' }, { pods: '1', cpu: '3' }, { pods: '1', cpu: '0' }, {}, { pods: '2', cpu: '3' }],
];
test.each(charges)('charge: %s', (_, hard, used, now, before, wanted) => {
  const outcome = charge(quota({ hard }, { hard, used }), parseResourceList(now), parseResourceList(before));
  expect(outcome.kind === 'fits' ? formatResourceList(outcome.used) : outcome.kind === 'exceeded' ? outcome.message : outcome.kind).toEqual(wanted);
});

const of = (plural: string, group: string, object: object) => formatResourceList(usageOf({ plural, group }, object as KubeObject, NOW));
const object = (spec: object) => ({ metadata: { name: 'o', namespace: 'd' }, spec });
const usages: [string, Record<string, string>, Record<string, string>][] = [
  ['a kind with a bare name', of('configmaps', '', object({})), { 'count/configmaps': '1', configmaps: '1' }],
  ['a kind without', of('deployments', 'apps', object({})), { 'count/deployments.apps': '1' }],
  ['a pod: the larger of init containers and the sum of the others', of('pods', '', pod({
    containers: [container('a', { requests: { cpu: '1' }, limits: { cpu: '2' } }), container('b', { requests: { cpu: '500m' } })], initContainers: [container('i', { requests: { cpu: '3', 'example.com/gpu': '1' } })],
  })), { 'count/pods': '1', pods: '1', cpu: '3', 'requests.cpu': '3', 'requests.example.com/gpu': '1', 'limits.cpu': '2' }],
  ['a finished pod still counts as an object', of('pods', '', pod({}, { status: { phase: 'Succeeded' } })), { 'count/pods': '1' }],
  ['a pod in its grace', of('pods', '', pod({}, { metadata: { deletionTimestamp: '2025-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 } })), { 'count/pods': '1', pods: '1' }],
  ['a pod beyond its grace', of('pods', '', pod({}, { metadata: { deletionTimestamp: '2024-12-31T23:59:00Z', deletionGracePeriodSeconds: 30 } })), { 'count/pods': '1' }],
  ['a service', of('services', '', object({ ports: [{}, {}] })), { 'count/services': '1', services: '1', 'services.nodeports': '0', 'services.loadbalancers': '0' }],
  ['its node ports', of('services', '', object({ type: 'NodePort', ports: [{}, {}] })), { 'count/services': '1', services: '1', 'services.nodeports': '2', 'services.loadbalancers': '0' }],
  ['a balancer without node ports', of('services', '', object({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{}, {}] })), { 'count/services': '1', services: '1', 'services.nodeports': '0', 'services.loadbalancers': '1' }],
  ['a claim, also under its class', of('persistentvolumeclaims', '', object({ storageClassName: 'ssd', resources: { requests: { storage: '1Gi' } } })), {
    'count/persistentvolumeclaims': '1', persistentvolumeclaims: '1', 'requests.storage': '1Gi', 'ssd.storageclass.storage.k8s.io/persistentvolumeclaims': '1', 'ssd.storageclass.storage.k8s.io/requests.storage': '1Gi',
  }],
];
test.each(usages)('usage: %s', (_, found, wanted) => expect(found).toEqual(wanted));
