import { describe, expect, test } from 'vitest';
import type { Container, Pod, PodSpec, PodTemplate, Volume } from '../../types/core.v1.ts';
import { made, refusals, updateRefusals } from '../complaints.suite.ts';

const web = { name: 'web', image: 'nginx:1.27' };
const spec = (more: Partial<PodSpec> = {}) => ({ spec: { containers: [web], ...more } });
const container = (more: Partial<Container>) => spec({ containers: [{ ...web, ...more }] });
const volume = (more: object) => spec({ volumes: [{ name: 'v', ...more } as Volume] });

const LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const rows: [name: string, fields: object, expected: string[]][] = [
  ['a plain pod', spec(), []],
  ['no containers', { spec: {} }, ['spec.containers: Required value']],
  ['no spec', {}, ['spec.containers: Required value']],
  ['no image', { spec: { containers: [{ name: 'c' }] } }, ['spec.containers[0].image: Required value']],
  ['bad container name', container({ name: 'A_b' }), [`spec.containers[0].name: Invalid value: "A_b": ${LABEL}`]],
  ['one name twice', spec({ containers: [web, web] }), ['spec.containers[1].name: Duplicate value: "web"']],
  ['an init container of the same name', spec({ initContainers: [web] }), ['spec.initContainers[0].name: Duplicate value: "web"']],
  ['blanks around the image', container({ image: ' nginx' }), ['spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace']],
  ['port out of range', container({ ports: [{ containerPort: 70_000 }] }), ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive']],
  ['no port', container({ ports: [{ containerPort: 0 }] }), ['spec.containers[0].ports[0].containerPort: Required value']],
  ['unknown protocol', container({ ports: [{ containerPort: 1, protocol: 'ICMP' as 'TCP' }] }), ['spec.containers[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"']],
  ['long port name', container({ ports: [{ containerPort: 1, name: 'a-very-long-port-name' }] }), ['spec.containers[0].ports[0].name: Invalid value: "a-very-long-port-name": must be no more than 15 characters']],
  ['host port twice', spec({ containers: [{ ...web, ports: [{ containerPort: 1, hostPort: 80 }] }, { ...web, name: 'b', ports: [{ containerPort: 2, hostPort: 80 }] }] }), ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"']],
  ['unknown restart policy', spec({ restartPolicy: 'Sometimes' as 'Always' }), ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"']],
  ['requests above limits', container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }), ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1']],
  ['negative request', container({ resources: { requests: { memory: '-1' } } }), ['spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0']],
  ['unknown resource', container({ resources: { requests: { gpu: '1' } } }), ['spec.containers[0].resources.requests[gpu]: Invalid value: gpu: must be a standard resource type or fully qualified', 'spec.containers[0].resources.requests[gpu]: Invalid value: gpu: must be a standard resource for containers']],
  ['half a GPU', container({ resources: { limits: { 'nvidia.com/gpu': '500m' } } }), ['spec.containers[0].resources.limits[nvidia.com/gpu]: Invalid value: "500m": must be an integer', 'spec.containers[0].resources.requests[nvidia.com/gpu]: Invalid value: "500m": must be an integer']],
  ['mount without volume', container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }), ['spec.containers[0].volumeMounts[0].name: Not found: "v"']],
  ['one path twice', spec({ containers: [{ ...web, volumeMounts: [{ name: 'v', mountPath: '/v' }, { name: 'v', mountPath: '/v' }] }], volumes: [{ name: 'v' }] }), ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique']],
  ['two volume types', volume({ emptyDir: {}, hostPath: { path: '/x' } }), ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type']],
  ['host path with steps up', volume({ hostPath: { path: '/a/../b' } }), ['spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\'']],
  ['secret volume without name', volume({ secret: {} }), ['spec.volumes[0].secret.secretName: Required value']],
  ['mode out of range', volume({ configMap: { name: 'c', defaultMode: 0o1000 } }), ['spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive']],
  ['probe without handler', container({ livenessProbe: {} }), ['spec.containers[0].livenessProbe: Required value: must specify a handler type']],
  ['liveness that must succeed twice', container({ livenessProbe: { httpGet: { port: 80 }, successThreshold: 2 } }), ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1']],
  ['probe of no port', container({ readinessProbe: { tcpSocket: { port: 0 } } }), ['spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive']],
  ['env without name', container({ env: [{ name: '' }] }), ['spec.containers[0].env[0].name: Required value']],
  ['env with =', container({ env: [{ name: 'a=b' }] }), ['spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'']],
  ['env with value and source', container({ env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }), ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty']],
  ['env of an unknown field', container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nope' } } }] }), ['spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.nope": error converting fieldPath: field label not supported: metadata.nope']],
  ['envFrom of nothing', container({ envFrom: [{}] }), ['spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`']],
  ['toleration without key', spec({ tolerations: [{ value: 'x' }] }), ['spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"']],
  ['init container with a probe', spec({ initContainers: [{ ...web, name: 'i', livenessProbe: { exec: { command: ['x'] } } }] }), ['spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always']],
  ['sidecar with a probe', spec({ initContainers: [{ ...web, name: 'i', restartPolicy: 'Always', livenessProbe: { exec: { command: ['x'] } } }] }), []],
  ['own DNS without servers', spec({ dnsPolicy: 'None' }), ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None']],
  ['a host name with dots', spec({ hostname: 'a.b' }), ['spec.hostname: Invalid value: "a.b": must not contain dots']],
  ['ephemeral containers on create', spec({ ephemeralContainers: [{ ...web, name: 'd' }] }), ['spec.ephemeralContainers: Forbidden: cannot be set on create']],
  ['spread without reach', spec({ topologySpreadConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'DoNotSchedule' }] }), ['spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero', 'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty']],
  ['user below zero', spec({ securityContext: { runAsUser: -1 } }), ['spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive']],
];

describe('new pods', () => {
  test.each(rows)('%s', (_name, fields, expected) => {
    expect(refusals('Pod', fields)).toEqual(expected);
  });

  test('defaults are upstream\'s', () => {
    const pod = made('Pod', { spec: { containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } }, resources: { limits: { cpu: '1', memory: '1Gi' } } }], volumes: [{ name: 'v' }, { name: 's', secret: { secretName: 's' } }] } }) as Pod;
    expect(pod.spec).toEqual({
      containers: [{
        name: 'web', image: 'nginx', imagePullPolicy: 'Always', terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        livenessProbe: { httpGet: { port: 80, path: '/', scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
        resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } },
      }],
      volumes: [{ name: 'v', emptyDir: {} }, { name: 's', secret: { secretName: 's', defaultMode: 420 } }],
      dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', schedulerName: 'default-scheduler', securityContext: {}, terminationGracePeriodSeconds: 30, enableServiceLinks: true,
    });
    expect(pod.status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' });
  });

  test('a grace period below zero is one second in a pod, and stays what it is in a template', () => {
    const spec = { terminationGracePeriodSeconds: -1, containers: [{ name: 'c', image: 'i' }] };
    expect((made('Pod', { spec }) as Pod).spec.terminationGracePeriodSeconds).toBe(1);
    expect((made('PodTemplate', { template: { spec } }) as PodTemplate).template?.spec?.terminationGracePeriodSeconds).toBe(-1);
  });

  test.each([
    ['nginx', 'Always'], ['nginx:latest', 'Always'], ['nginx:1', 'IfNotPresent'], ['localhost:5000/nginx', 'Always'], ['localhost:5000/nginx:1', 'IfNotPresent'], ['nginx@sha256:abc', 'IfNotPresent'], ['ko://example.com/cmd/web', 'IfNotPresent'], ['nginx:latest@sha256:'.padEnd(84, 'a'), 'Always'],
  ])('%s is pulled %s', (image, policy) => {
    expect((made('Pod', { spec: { containers: [{ name: 'c', image }] } }) as Pod).spec.containers[0]!.imagePullPolicy).toBe(policy);
  });
});

describe('changed pods', () => {
  const gated = spec({ schedulingGates: [{ name: 'a.b/c' }] });
  const updates: [name: string, fields: object, change: (pod: Pod) => void, expected: (string | RegExp)[]][] = [
    ['another image', spec(), (pod) => { pod.spec.containers[0]!.image = 'nginx:2'; }, []],
    ['a toleration more', spec(), (pod) => { pod.spec.tolerations = [{ key: 'a', operator: 'Exists' }]; }, []],
    ['a toleration less', spec({ tolerations: [{ key: 'a', operator: 'Exists' }] }), (pod) => { pod.spec.tolerations = []; }, [/^spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds$/]],
    ['labels', spec(), (pod) => { pod.metadata.labels = { a: 'b' }; }, []],
    ['a container more', spec(), (pod) => { pod.spec.containers.push({ ...web, name: 'b' }); }, ['spec.containers: Forbidden: pod updates may not add or remove containers']],
    ['another command', spec(), (pod) => { pod.spec.containers[0]!.command = ['x']; }, [/^spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`,`spec.initContainers\[\*\].image`,`spec.activeDeadlineSeconds`,.*\n\+ containers\[0\].command: \["x"\]/]],
    ['a longer deadline', spec({ activeDeadlineSeconds: 5 }), (pod) => { pod.spec.activeDeadlineSeconds = 6; }, ['spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value']],
    ['a gate less', gated, (pod) => { pod.spec.schedulingGates = []; }, []],
    ['a gate more', gated, (pod) => { pod.spec.schedulingGates!.push({ name: 'd.e/f' }); }, ["spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'd.e/f'"]],
    ['another name', spec(), (pod) => { pod.metadata.name = 'y'; }, ['metadata.name: Invalid value: "y": field is immutable']],
  ];

  test.each(updates)('%s', (_name, fields, change, expected) => {
    const got = updateRefusals<Pod>('Pod', fields, change);
    expect(got).toHaveLength(expected.length);
    expected.forEach((want, i) => (typeof want === 'string' ? expect(got[i]).toBe(want) : expect(got[i]).toMatch(want)));
  });
});
