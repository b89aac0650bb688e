import { expect, test } from 'vitest';
import type { ContainerPort, Node, Pod, Taint, Toleration } from '../../api/types/core.v1.ts';
import { admission } from './admit.ts';

const node = (...taints: Taint[]): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { taints }, status: { allocatable: { pods: '10', 'example.com/gpu': '1' } } });
const pod = (ports: ContainerPort[] = [], ...tolerations: Toleration[]): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { tolerations, containers: [{ name: 'c', image: 'i', ports }] } });
const asking = (requests: Record<string, string>): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i', resources: { requests } }] } });
const web: ContainerPort = { containerPort: 80, hostPort: 8080 };
const noPorts = { reason: 'NodePorts', message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" };
const untolerated = { reason: 'TaintToleration', message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate" };

test.each<[string, Pod, Node, Pod[], object | undefined]>([
  ['no host port', pod([{ containerPort: 80 }]), node(), [pod([web])], undefined],
  ['a host port that is taken', pod([web]), node(), [pod([web])], noPorts],
  ['one that is taken on another address', pod([{ ...web, hostIP: '10.0.0.1' }]), node(), [pod([{ ...web, hostIP: '10.0.0.2' }])], undefined],
  ['one that is taken on all addresses', pod([{ ...web, hostIP: '10.0.0.1' }]), node(), [pod([web])], noPorts],
  ['one that is taken for UDP', pod([web]), node(), [pod([{ ...web, protocol: 'UDP' }])], undefined],
  ['a resource that its node does not have, but the cluster may', asking({ 'example.com/licence': '1' }), node(), [], undefined],
  ['one that the node has none left of', asking({ 'example.com/gpu': '1' }), node(), [asking({ 'example.com/gpu': '1' })], { reason: 'OutOfexample.com/gpu', message: "Node didn't have enough resource: example.com/gpu, requested: 1, used: 1, capacity: 1" }],
  ['a taint that ends pods', pod(), node({ key: 'k', effect: 'NoExecute' }), [], untolerated],
  ['one that it bears with', pod([], { key: 'k', operator: 'Exists' }), node({ key: 'k', effect: 'NoExecute' }), [], undefined],
  ['one that only keeps pods from coming: it is here already', pod(), node({ key: 'k', effect: 'NoSchedule' }), [], undefined],
])('admission: %s', (_, one, on, others, expected) => expect(admission(one, on, others)).toEqual(expected));

const noGroups = { reason: 'SupplementalGroupsPolicyNotSupported', message: 'SupplementalGroupsPolicy=Strict is not supported in this node' };

test.each([
  ['Strict', true, undefined], ['Strict', false, noGroups], ['Strict', undefined, noGroups], ['Merge', false, undefined], [undefined, false, undefined],
] as const)('SupplementalGroupsPolicy %s on a node that keeps groups: %s', (policy, kept, expected) => {
  const [plain, on] = [pod(), node()];
  const wanted = { ...plain, spec: { ...plain.spec, securityContext: { ...(policy && { supplementalGroupsPolicy: policy }) } } };
  expect(admission(wanted, { ...on, status: { ...on.status, ...(kept !== undefined && { features: { supplementalGroupsPolicy: kept } }) } }, [])).toEqual(expected);
});
