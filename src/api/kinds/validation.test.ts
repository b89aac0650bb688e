import { describe, expect, test } from 'vitest';
import type { Deployment, StatefulSet } from '../types/apps.v1.ts';
import type { Job } from '../types/batch.v1.ts';
import type { PersistentVolumeClaim, Secret } from '../types/core.v1.ts';
import { made, refusals, updateRefusals } from './complaints.suite.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };
const selector = { matchLabels: { app: 'web' } };
const workload = (more: object = {}) => ({ spec: { selector, template, ...more } });
const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
const hpa = (more: object) => ({ spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...more } });
const path = (more: object) => ({ spec: { rules: [{ host: 'a.b', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } }, ...more }] } }] } });
const claim = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
const cron = (schedule: string, more: object = {}) => ({ spec: { schedule, jobTemplate: { spec: { template: once } }, ...more } });

const rows: [kind: string, name: string, fields: object, expected: string[]][] = [
  ['Deployment', 'plain', workload(), []],
  ['Deployment', 'no selector', { spec: { template } }, ['spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: map[string]string{"app":"web"}: `selector` does not match template `labels`']],
  ['Deployment', 'selector of others', workload({ selector: { matchLabels: { app: 'x' } } }), ['spec.template.metadata.labels: Invalid value: map[string]string{"app":"web"}: `selector` does not match template `labels`']],
  ['Deployment', 'empty selector', workload({ selector: {} }), ['spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for deployment']],
  ['Deployment', 'no step', workload({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }), ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: may not be 0 when `maxSurge` is 0']],
  ['Deployment', 'recreate that rolls', workload({ strategy: { type: 'Recreate', rollingUpdate: {} } }), ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"]],
  ['Deployment', 'pods that end', workload({ template: once }), ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
  ['Deployment', 'negative replicas', workload({ replicas: -1 }), ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
  ['Deployment', 'impatient', workload({ minReadySeconds: 60, progressDeadlineSeconds: 60 }), ['spec.progressDeadlineSeconds: Invalid value: 60: must be greater than minReadySeconds']],
  ['ReplicaSet', 'plain', workload(), []],
  ['StatefulSet', 'plain', workload({ serviceName: 'web' }), []],
  ['StatefulSet', 'unknown policy', workload({ podManagementPolicy: 'Any' }), ["spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'"]],
  ['DaemonSet', 'plain', workload(), []],
  ['DaemonSet', 'both at once', workload({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }), ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:0, IntVal:1, StrVal:""}: may not be set when maxUnavailable is non-zero']],
  ['Job', 'plain', { spec: { template: once } }, []],
  ['Job', 'pods without end', { spec: { template } }, ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']],
  ['Job', 'indexes without count', { spec: { template: once, completionMode: 'Indexed', parallelism: 2 } }, ['spec.completions: Required value: when completion mode is Indexed']],
  ['CronJob', 'plain', cron('*/5 * * * *'), []],
  ['CronJob', 'names of days', cron('0 9 * jan-mar mon,WED'), []],
  ['CronJob', 'a descriptor', cron('@hourly'), []],
  ['CronJob', 'every hour and a half', cron('@every 1h30m'), []],
  ['CronJob', 'four fields', cron('* * * *'), ['spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]']],
  ['CronJob', 'minute 60', cron('60 * * * *'), ['spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60']],
  ['CronJob', 'no number', cron('x * * * *'), ['spec.schedule: Invalid value: "x * * * *": failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax']],
  ['CronJob', 'unknown zone', cron('* * * * *', { timeZone: 'Mars/Olympus' }), ['spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus']],
  ['CronJob', 'zone in the schedule', cron('TZ=UTC * * * * *'), ['spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead']],
  ['CronJob', 'long name', { metadata: { name: 'a'.repeat(53) }, ...cron('@daily') }, [`metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`]],
  ['HorizontalPodAutoscaler', 'plain', hpa({}), []],
  ['HorizontalPodAutoscaler', 'no target', { spec: { maxReplicas: 1, scaleTargetRef: {} } }, ['spec.scaleTargetRef.kind: Required value', 'spec.scaleTargetRef.name: Required value']],
  ['HorizontalPodAutoscaler', 'no maximum', hpa({ maxReplicas: 0 }), ['spec.maxReplicas: Invalid value: 0: must be greater than 0', 'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`']],
  ['HorizontalPodAutoscaler', 'min above max', hpa({ minReplicas: 9 }), ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`']],
  ['HorizontalPodAutoscaler', 'to zero', hpa({ minReplicas: 0 }), ['spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas']],
  ['HorizontalPodAutoscaler', 'wrong source', hpa({ metrics: [{ type: 'Pods', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] }), ['spec.metrics[0].pods: Required value: must populate information for the given metric source']],
  ['HorizontalPodAutoscaler', 'no utilisation', hpa({ metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } } }] }), ['spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0']],
  ['HorizontalPodAutoscaler', 'long window', hpa({ behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } }), ['spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600']],
  ['HorizontalPodAutoscaler', 'idle policy', hpa({ behavior: { scaleUp: { policies: [{ type: 'Nodes', value: 0, periodSeconds: 1801 }] } } }), ['spec.behavior.scaleUp.policies[0].type: Unsupported value: "Nodes": supported values: "Percent", "Pods"', 'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero', 'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800']],
  ['Ingress', 'plain', path({}), []],
  ['Ingress', 'empty', { spec: {} }, ['spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified']],
  ['Ingress', 'no path type', path({ pathType: undefined }), ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified']],
  ['Ingress', 'relative path', path({ path: 'a' }), ['spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path']],
  ['Ingress', 'no port', path({ backend: { service: { name: 's' } } }), ['spec.rules[0].http.paths[0].backend: Required value: port name or number is required']],
  ['NetworkPolicy', 'plain', { spec: {} }, []],
  ['NetworkPolicy', 'peer of nothing', { spec: { ingress: [{ from: [{}] }] } }, ['spec.ingress[0].from[0]: Required value: must specify a peer']],
  ['NetworkPolicy', 'exception outside', { spec: { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }] }] } }, ['spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`']],
  ['PersistentVolumeClaim', 'plain', claim, []],
  ['PersistentVolumeClaim', 'empty', { spec: {} }, ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value']],
  ['PersistentVolume', 'two sources', { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' }, nfs: { server: 's', path: '/p' } } }, ['spec.nfs: Forbidden: may not specify more than 1 volume type']],
  ['ConfigMap', 'bad key', { data: { 'a/b': '' } }, ["data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"]],
  ['ConfigMap', 'too big', { data: { a: 'x'.repeat(1024 * 1024 + 1) } }, [': Too long: may not be more than 1048576 bytes']],
  ['Secret', 'TLS without key', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, ['data[tls.key]: Required value']],
  ['Secret', 'docker without JSON', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'x' } }, ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character in JSON']],
  ['ResourceQuota', 'unknown name', { spec: { hard: { gpu: '1' } } }, ['spec.hard[gpu]: Invalid value: gpu: must be a standard resource type or fully qualified', 'spec.hard[gpu]: Invalid value: gpu: must be a standard resource for quota']],
  ['ResourceQuota', 'scope that does not fit', { spec: { hard: { services: '1' }, scopes: ['BestEffort'] } }, ['spec.scopes: Invalid value: []core.ResourceQuotaScope{"BestEffort"}: unsupported scope applied to resource']],
  ['ResourceQuota', 'counts of anything', { spec: { hard: { 'count/deployments.apps': '2', pods: '4' } } }, []],
  ['LimitRange', 'min above max', { spec: { limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' }, default: { cpu: '1' }, defaultRequest: { cpu: '1' } }] } }, ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1', 'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1', 'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1']],
  ['Role', 'no verbs', { rules: [{ verbs: [], apiGroups: [''], resources: ['pods'] }] }, ['rules[0].verbs: Required value: verbs must contain at least one value']],
  ['RoleBinding', 'unknown subject', { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'Robot', name: 'x' }] }, ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"']],
  ['ClusterRoleBinding', 'a role', { roleRef: { kind: 'Role', name: 'r' } }, ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"']],
  ['PodDisruptionBudget', 'both', { spec: { minAvailable: 1, maxUnavailable: 1 } }, ['spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set']],
  ['PriorityClass', 'a system name', { metadata: { name: 'system-x' }, value: 1 }, ["metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class"]],
  ['PriorityClass', 'too important', { value: 1_000_000_001 }, ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000']],
  ['EndpointSlice', 'wrong family', { addressType: 'IPv4', endpoints: [{ addresses: ['::2'] }] }, ['endpoints[0].addresses: Invalid value: "::2": must be an IPv4 address']],
  ['Namespace', 'dots', { metadata: { name: 'a.b' } }, ['metadata.name: Invalid value: "a.b": must not contain dots']],
  ['Event', 'of another namespace', { involvedObject: { namespace: 'other' } }, ['involvedObject.namespace: Invalid value: "other": does not match event.namespace']],
  ['Lease', 'no time', { spec: { leaseDurationSeconds: 0 } }, ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
  ['ConfigMap', 'bad labels', { metadata: { labels: { 'a b': 'c d' } } }, [
    "metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    "metadata.labels: Invalid value: \"c d\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  ]],
];

describe('what is refused', () => {
  test.each(rows)('%s: %s', (kind, _name, fields, expected) => {
    expect(refusals(kind, fields)).toEqual(expected);
  });
});

describe('what may not change', () => {
  test('a deployment\'s selector', () => {
    expect(updateRefusals<Deployment>('Deployment', workload(), (d) => {
      d.spec.selector = { matchLabels: { app: 'x' } };
      d.spec.template.metadata.labels = { app: 'x' };
    })).toEqual(['spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"x"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable']);
  });

  test('a stateful set\'s service', () => {
    expect(updateRefusals<StatefulSet>('StatefulSet', workload(), (set) => { set.spec.serviceName = 'y'; })).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
    expect(updateRefusals<StatefulSet>('StatefulSet', workload(), (set) => { set.spec.replicas = 3; })).toEqual([]);
  });

  test('a job\'s pods, unless it waits', () => {
    const retag = (job: Job) => { job.spec.template.spec.nodeSelector = { a: 'b' }; };
    expect(updateRefusals<Job>('Job', { spec: { template: once } }, retag)[0]).toMatch(/^spec.template: Invalid value: .*: field is immutable$/);
    expect(updateRefusals<Job>('Job', { spec: { template: once, suspend: true } }, retag)).toEqual([]);
  });

  test('a claim, but for its volume', () => {
    expect(updateRefusals<PersistentVolumeClaim>('PersistentVolumeClaim', claim, (c) => { c.spec.volumeName = 'pv1'; })).toEqual([]);
    expect(updateRefusals<PersistentVolumeClaim>('PersistentVolumeClaim', claim, (c) => { c.spec.accessModes = ['ReadOnlyMany']; })[0]).toMatch(/^spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n/);
  });

  test('a secret\'s type, and one that is immutable', () => {
    expect(updateRefusals<Secret>('Secret', {}, (s) => { s.type = 'kubernetes.io/tls'; s.data = { 'tls.crt': '', 'tls.key': '' }; })).toEqual(['type: Invalid value: "kubernetes.io/tls": field is immutable']);
    expect(updateRefusals<Secret>('Secret', { immutable: true }, (s) => { s.data = { a: 'eA==' }; })).toEqual(['data: Forbidden: field is immutable when `immutable` is set']);
  });
});

test('stringData is merged into data and not kept', () => {
  const secret = made('Secret', { data: { a: 'eA==', b: 'eQ==' }, stringData: { b: 'é' } }) as Secret;
  expect(secret.data).toEqual({ a: 'eA==', b: 'w6k=' });
  expect(secret).not.toHaveProperty('stringData');
});

test('a job selects its own pods', () => {
  const job = made('Job', { metadata: { name: 'j', uid: 'u9' }, spec: { template: once } }) as Job;
  expect(job.spec.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u9' } });
  expect(job.spec.template.metadata.labels).toEqual({ app: 'web', 'job-name': 'j', 'batch.kubernetes.io/job-name': 'j', 'controller-uid': 'u9', 'batch.kubernetes.io/controller-uid': 'u9' });
});
