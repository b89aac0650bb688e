import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../object.ts';
import { kindNamed } from './complaints.suite.ts';

const NOW = Date.parse('2024-01-02T00:00:00Z');
const day = '2024-01-01T00:00:00Z';
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'a', image: 'i:1' }, { name: 'b', image: 'i:2' }], nodeSelector: { disk: 'ssd' } } };
const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['x', 'y'] }] };

/** Cells after the name, wide ones last; the age is `24h`. */
const rows: [kind: string, name: string, fields: object, cells: (string | number | boolean)[]][] = [
  ['Deployment', 'half ready', { spec: { replicas: 2, selector, template }, status: { readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 } }, ['1/2', 2, 1, '24h', 'a,b', 'i:1,i:2', 'app=web,tier in (x,y)']],
  ['ReplicaSet', 'plain', { spec: { replicas: 2, selector, template }, status: { replicas: 2, readyReplicas: 1 } }, [2, 2, 1, '24h', 'a,b', 'i:1,i:2', 'app=web,tier in (x,y)']],
  ['StatefulSet', 'plain', { spec: { replicas: 3, selector, template }, status: { readyReplicas: 3 } }, ['3/3', '24h', 'a,b', 'i:1,i:2']],
  ['DaemonSet', 'plain', { spec: { selector, template }, status: { desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 1, updatedNumberScheduled: 2, numberAvailable: 1 } }, [3, 2, 1, 2, 1, 'disk=ssd', '24h', 'a,b', 'i:1,i:2', 'app=web,tier in (x,y)']],
  ['Service', 'cluster IP', { spec: { type: 'ClusterIP', clusterIPs: ['10.0.0.1'], ports: [{ port: 80, protocol: 'TCP' }, { port: 53, protocol: 'UDP' }], selector: { b: '2', a: '1' } } }, ['ClusterIP', '10.0.0.1', '<none>', '80/TCP,53/UDP', '24h', 'a=1,b=2']],
  ['Service', 'node port', { spec: { type: 'NodePort', clusterIPs: ['10.0.0.1'], ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }], externalIPs: ['1.2.3.4'] } }, ['NodePort', '10.0.0.1', '1.2.3.4', '80:30080/TCP', '24h', '<none>']],
  ['Service', 'waiting load balancer', { spec: { type: 'LoadBalancer', clusterIPs: ['10.0.0.1'], ports: [{ port: 80, protocol: 'TCP' }] } }, ['LoadBalancer', '10.0.0.1', '<pending>', '80/TCP', '24h', '<none>']],
  ['Service', 'load balancer', { spec: { type: 'LoadBalancer', clusterIPs: ['10.0.0.1'] }, status: { loadBalancer: { ingress: [{ ip: '9.9.9.9' }, { hostname: 'a.b' }] } } }, ['LoadBalancer', '10.0.0.1', '9.9.9.9,a.b', '<none>', '24h', '<none>']],
  ['Service', 'external name', { spec: { type: 'ExternalName', externalName: 'example.com' } }, ['ExternalName', '<none>', 'example.com', '<none>', '24h', '<none>']],
  ['Node', 'cordoned', { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '', 'kubernetes.io/role': 'worker' } }, spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '10.1.1.1' }], nodeInfo: { kubeletVersion: 'v1.33.1', osImage: 'Debian' } } }, ['Ready,SchedulingDisabled', 'control-plane,worker', '24h', 'v1.33.1', '10.1.1.1', '<none>', 'Debian', '<unknown>', '<unknown>']],
  ['Node', 'unknown', { spec: {} }, ['Unknown', '<none>', '24h', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>']],
  ['Job', 'running', { spec: { completions: 3, template, selector }, status: { succeeded: 1, startTime: '2024-01-01T23:59:00Z' } }, ['Running', '1/3', '60s', '24h', 'a,b', 'i:1,i:2', 'app=web,tier in (x,y)']],
  ['Job', 'complete, any number', { spec: { parallelism: 2, template }, status: { succeeded: 1, startTime: day, completionTime: '2024-01-01T00:00:09Z', conditions: [{ type: 'Complete', status: 'True' }] } }, ['Complete', '1/1 of 2', '9s', '24h', 'a,b', 'i:1,i:2', '<none>']],
  ['CronJob', 'suspended', { spec: { schedule: '@daily', suspend: true, jobTemplate: { spec: { template } } }, status: { active: [{}] } }, ['@daily', '<none>', 'True', 1, '<none>', '24h', 'a,b', 'i:1,i:2', '<none>']],
  ['Event', 'old kind', { involvedObject: { kind: 'Pod', name: 'p', fieldPath: 'spec' }, type: 'Normal', reason: 'Pulled', message: 'done\n', source: { component: 'kubelet', host: 'n1' }, firstTimestamp: day, lastTimestamp: '2024-01-01T23:59:30Z', count: 3 }, ['30s', 'Normal', 'Pulled', 'pod/p', 'done', 'spec', 'kubelet, n1', '24h', 3]],
  ['Event', 'new kind', { involvedObject: { kind: 'Node' }, type: 'Warning', reason: 'R', eventTime: '2024-01-01T23:59:00Z', reportingComponent: 'c' }, ['60s', 'Warning', 'R', 'node', '', '', 'c', '60s', 1]],
  ['Ingress', 'many hosts', { spec: { ingressClassName: 'nginx', rules: ['a', 'b', 'c', 'd'].map((host) => ({ host })), tls: [{}] }, status: { loadBalancer: { ingress: [{ ip: '1.1.1.1' }] } } }, ['nginx', 'a,b,c + 1 more...', '1.1.1.1', '80, 443', '24h']],
  ['Ingress', 'any host', { spec: {} }, ['<none>', '*', '', '80', '24h']],
  ['ResourceQuota', 'used', { status: { hard: { pods: '4', 'limits.cpu': '2' }, used: { pods: '1', 'limits.cpu': '500m' } } }, ['pods: 1/4', 'limits.cpu: 500m/2', '24h']],
  ['PersistentVolumeClaim', 'bound', { spec: { volumeName: 'pv1', storageClassName: 'fast', volumeMode: 'Filesystem' }, status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] } }, ['Bound', 'pv1', '1Gi', 'RWO,RWX', 'fast', '<unset>', '24h', 'Filesystem']],
  ['PersistentVolume', 'bound', { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain', claimRef: { namespace: 'a', name: 'c' } }, status: { phase: 'Bound' } }, ['1Gi', 'RWO', 'Retain', 'Bound', 'a/c', '', '<unset>', '', '24h', '<unset>']],
  ['Endpoints', 'more than three', { subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], ports: [{ port: 80 }, { port: 81 }] }] }, ['10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...', '24h']],
  ['EndpointSlice', 'plain', { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] }, ['IPv4', '80', '10.0.0.1', '24h']],
  ['PodDisruptionBudget', 'plain', { spec: { minAvailable: '50%' }, status: { disruptionsAllowed: 1 } }, ['50%', 'N/A', 1, '24h']],
  ['ControllerRevision', 'of a deployment', { metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }] }, revision: 2 }, ['statefulset.apps/web', 2, '24h']],
  ['RoleBinding', 'subjects', { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'u' }, { kind: 'ServiceAccount', name: 's', namespace: 'n' }] }, ['Role/r', '24h', 'u', '', 'n/s']],
  ['CertificateSigningRequest', 'issued', { spec: { signerName: 'a.b/c', username: 'u', expirationSeconds: 3600 }, status: { conditions: [{ type: 'Approved' }], certificate: 'x' } }, ['24h', 'a.b/c', 'u', '60m', 'Approved,Issued']],
  ['Namespace', 'plain', { status: { phase: 'Active' } }, ['Active', '24h']],
  ['ConfigMap', 'plain', { data: { a: '' }, binaryData: { b: '' } }, [2, '24h']],
];

describe('columns', () => {
  test.each(rows)('%s: %s', (kindName, _name, fields, expected) => {
    const object = { apiVersion: '', kind: kindName, metadata: {}, ...fields } as KubeObject;
    object.metadata = { name: 'x', creationTimestamp: day, ...object.metadata };
    const columns = (kindNamed(kindName).columns ?? []).filter((column) => column.format !== 'name').toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
    expect(columns.map((column) => column.cell(object, NOW))).toEqual(expected);
  });
});
