import { beforeEach, describe, expect, test } from 'vitest';
import type { Kind } from '../../api/kind.ts';
import { LimitRanges } from '../../api/kinds/core/limit-range.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { Pods, pod as podKind } from '../../api/kinds/core/pod.ts';
import { ResourceQuotas } from '../../api/kinds/core/resource-quota.ts';
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import { FlowSchemas } from '../../api/kinds/flowcontrol/flow-schema.ts';
import { PriorityLevelConfigurations } from '../../api/kinds/flowcontrol/priority-level-configuration.ts';
import { IngressClasses } from '../../api/kinds/networking/ingress-class.ts';
import { Ingresses } from '../../api/kinds/networking/ingress.ts';
import { ClusterRoleBindings } from '../../api/kinds/rbac/cluster-role-binding.ts';
import { ClusterRoles } from '../../api/kinds/rbac/cluster-role.ts';
import { PriorityClasses } from '../../api/kinds/scheduling/priority-class.ts';
import { StorageClasses } from '../../api/kinds/storage/storage-class.ts';
import type { Node, PersistentVolumeClaim, Pod, PodSpec, ServiceAccount, Toleration } from '../../api/types/core.v1.ts';
import type { Ingress, IngressClass } from '../../api/types/networking.v1.ts';
import type { PriorityClass } from '../../api/types/scheduling.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import { virtualClock, type VirtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { memoryStore } from '../../store/index.ts';
import { createApiServer } from '../index.ts';
import { resourceQuota } from './resource-quota.ts';

const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
let clock: VirtualClock;
let client: Client;
beforeEach(async () => {
  clock = virtualClock();
  client = (await createApiServer({ store: memoryStore(), clock, random: seededRandom(1) })).client();
});

const account = (name: string, more: Partial<ServiceAccount> = {}, namespace = 'default') =>
  client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace }, ...more });
const pod = (spec: Partial<PodSpec> = {}, metadata: Pod['metadata'] = {}) =>
  client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default', ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } });

describe('ServiceAccount', () => {
  test('the default one, its token in every container, where none has something there', async () => {
    await account('default');
    const { spec } = await pod({
      initContainers: [{ name: 'init', image: 'i' }],
      containers: [{ name: 'c', image: 'i' }, { name: 'own', image: 'i', volumeMounts: [{ name: 'mine', mountPath: MOUNT }] }],
      volumes: [{ name: 'mine', emptyDir: {} }],
    });
    expect([spec.serviceAccountName, spec.serviceAccount]).toEqual(['default', 'default']);
    const volume = spec.volumes![1]!;
    expect(volume.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume.projected).toEqual({
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    });
    const mount = { name: volume.name, readOnly: true, mountPath: MOUNT };
    expect(spec.initContainers![0]!.volumeMounts).toEqual([mount]);
    expect(spec.containers.map((c) => c.volumeMounts)).toEqual([[mount], [{ name: 'mine', mountPath: MOUNT }]]);
  });

  const secret = { secretKeyRef: { name: 'other', key: 'k' } };
  test.each<[string, Partial<PodSpec>, string]>([
    ['volume', { volumes: [{ name: 'v', secret: { secretName: 'other' } }] }, 'volume with secret.secretName="other" is not allowed because service account strict does not reference that secret'],
    ['variable', { containers: [{ name: 'c', image: 'i', env: [{ name: 'E', valueFrom: secret }] }] }, 'container c with envVar E referencing secret.secretName="other" is not allowed because service account strict does not reference that secret'],
    ['whole environment', { initContainers: [{ name: 'n', image: 'i', envFrom: [{ secretRef: { name: 'other' } }] }] }, 'init container n with envFrom referencing secret.secretName="other" is not allowed because service account strict does not reference that secret'],
    ['image\'s credentials', { imagePullSecrets: [{ name: 'other' }] }, 'imagePullSecrets[0].name="other" is not allowed because service account strict does not reference that imagePullSecret'],
  ])('that lists its secrets lets no other be used: %s', async (_what, spec, why) => {
    await account('strict', { metadata: { name: 'strict', namespace: 'default', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } }, secrets: [{ name: 'listed' }] } as Partial<ServiceAccount>);
    await expect(pod({ serviceAccountName: 'strict', ...spec })).rejects.toThrow(`pods "p" is forbidden: ${why}`);
    await pod({ serviceAccountName: 'strict', volumes: [{ name: 'v', secret: { secretName: 'listed' } }] });
    const debug = { name: 'd', image: 'i', env: [{ name: 'E', valueFrom: secret }] };
    await expect(client.patch(Pods, 'p', { type: 'strategic', body: { spec: { ephemeralContainers: [debug] } } }, { namespace: 'default', subresource: 'ephemeralcontainers' })).rejects.toThrow('ephemeral container d with envVar E');
  });

  const automount: [string, boolean | undefined, boolean | undefined, boolean][] = [
    ['nobody says anything', undefined, undefined, true],
    ['the account declines', false, undefined, false],
    ['the pod declines', true, false, false],
    ['the pod insists', false, true, true],
  ];
  test.each(automount)('a token: %s', async (_, ofAccount, ofPod, wanted) => {
    await account('default', { ...(ofAccount !== undefined && { automountServiceAccountToken: ofAccount }) });
    const { spec } = await pod({ ...(ofPod !== undefined && { automountServiceAccountToken: ofPod }) });
    expect(spec.containers[0]!.volumeMounts !== undefined).toBe(wanted);
    expect(spec.volumes !== undefined).toBe(wanted);
  });

  test('the secrets for images, where the pod names none', async () => {
    await account('puller', { imagePullSecrets: [{ name: 'registry' }] });
    expect((await pod({ serviceAccountName: 'puller' })).spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect((await pod({ serviceAccountName: 'puller', imagePullSecrets: [{ name: 'own' }] }, { name: 'q', namespace: 'default' })).spec.imagePullSecrets).toEqual([{ name: 'own' }]);
  });

  test('one that is missing is refused at once', async () => {
    await expect(pod({ serviceAccountName: 'nope' })).rejects.toMatchObject({
      code: 403, message: 'pods "p" is forbidden: error looking up service account default/nope: serviceaccount "nope" not found',
    });
  });

  test('the default one of a new namespace is waited for, but not for ever', async () => {
    await client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fresh' }, spec: {} });
    const waiting = pod({}, { name: 'early', namespace: 'fresh' });
    await clock.advance(300);
    await account('default', {}, 'fresh');
    await clock.advance(300);
    expect((await waiting).spec.serviceAccountName).toBe('default');

    const refused = expect(pod()).rejects.toMatchObject({ code: 403, message: 'pods "p" is forbidden: error looking up service account default/default: serviceaccount "default" not found' });
    await clock.advance(2_000);
    await refused;
  });

  test('a mirror pod is left as it is', async () => {
    await client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {} } as Node);
    const { spec } = await pod({ nodeName: 'n' }, { name: 'm', namespace: 'default', annotations: { 'kubernetes.io/config.mirror': 'x' } });
    expect([spec.serviceAccountName, spec.volumes]).toEqual([undefined, undefined]);
  });
});

describe('Priority', () => {
  const priorityClass = (name: string, value: number, more: Partial<PriorityClass> = {}) =>
    client.create(PriorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, ...more });
  const of = ({ spec }: Pod) => [spec.priorityClassName, spec.priority, spec.preemptionPolicy];
  beforeEach(() => account('default'));

  test('nothing said and no default', async () => expect(of(await pod())).toEqual([undefined, 0, 'PreemptLowerPriority']));

  test('of its class', async () => {
    await priorityClass('polite', 7, { preemptionPolicy: 'Never' });
    expect(of(await pod({ priorityClassName: 'polite' }))).toEqual(['polite', 7, 'Never']);
  });

  test('of the default class', async () => {
    await priorityClass('other', 9);
    await priorityClass('standard', 5, { globalDefault: true });
    expect(of(await pod())).toEqual(['standard', 5, 'PreemptLowerPriority']);
  });

  test('a class that is missing', async () => {
    await expect(pod({ priorityClassName: 'nope' })).rejects.toMatchObject({ code: 403, message: 'pods "p" is forbidden: no PriorityClass with name nope was found' });
  });

  test('what the pod says itself must be what its class says', async () => {
    await priorityClass('seven', 7);
    expect(of(await pod({ priorityClassName: 'seven', priority: 7, preemptionPolicy: 'PreemptLowerPriority' }))[1]).toBe(7);
    await expect(pod({ priorityClassName: 'seven', priority: 8 })).rejects.toThrow(
      'pods "p" is forbidden: the integer value of priority (8) must not be provided in pod spec; priority admission controller computed 7 from the given PriorityClass name');
    await expect(pod({ priorityClassName: 'seven', preemptionPolicy: 'Never' })).rejects.toThrow(
      'pods "p" is forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name');
  });

  test('there is one default', async () => {
    const first = await priorityClass('a', 1, { globalDefault: true });
    await expect(priorityClass('b', 2, { globalDefault: true })).rejects.toMatchObject({
      code: 403, message: 'priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. Only one default can exist',
    });
    // It may be written again.
    await client.update(PriorityClasses, { ...first, description: 'x' });
  });
});

describe('DefaultTolerationSeconds', () => {
  const standard = (key: string): Toleration => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  const cases: [string, Toleration[], Toleration[]][] = [
    ['none', [], [standard('not-ready'), standard('unreachable')]],
    ['one of its own', [{ ...standard('not-ready'), tolerationSeconds: 5 }], [{ ...standard('not-ready'), tolerationSeconds: 5 }, standard('unreachable')]],
    ['all effects of a key', [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists' }], [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists' }, standard('not-ready')]],
    ['everything', [{ operator: 'Exists' }], [{ operator: 'Exists' }]],
    ['another effect is none', [{ ...standard('not-ready'), effect: 'NoSchedule', tolerationSeconds: undefined }], [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoSchedule' }, standard('not-ready'), standard('unreachable')]],
  ];
  test.each(cases)('%s', async (_, tolerations, wanted) => {
    await account('default');
    expect((await pod({ tolerations })).spec.tolerations).toEqual(wanted);
  });
});

describe('default classes', () => {
  const marked = (annotation: string, name: string) => ({ name, annotations: { [annotation]: 'true' } });
  const claim = async (name: string, spec: object = {}) => (await client.create(PersistentVolumeClaims, {
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  } as PersistentVolumeClaim)).spec.storageClassName;
  const storageClass = (name: string) =>
    client.create(StorageClasses, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: marked('storageclass.kubernetes.io/is-default-class', name), provisioner: 'x' } as StorageClass);
  const ingress = async (name: string, metadata: Ingress['metadata'] = {}, spec: object = {}) => (await client.create(Ingresses, {
    apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace: 'default', ...metadata }, spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } }, ...spec },
  } as Ingress)).spec?.ingressClassName;
  const ingressClass = (name: string) =>
    client.create(IngressClasses, { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: marked('ingressclass.kubernetes.io/is-default-class', name), spec: { controller: 'x/y' } } as IngressClass);

  test('of storage: none, the only one, the newest, of equals the first by name; what a claim says stays', async () => {
    expect(await claim('none')).toBeUndefined();
    await storageClass('b');
    expect(await claim('one')).toBe('b');
    await storageClass('c');
    await storageClass('a');
    expect(await claim('equals')).toBe('a');
    await clock.advance(1_000);
    await storageClass('z');
    expect(await claim('newest')).toBe('z');
    expect(await claim('no-class', { storageClassName: '' })).toBe('');
    expect(await claim('own', { storageClassName: 'b' })).toBe('b');
  });

  test('of Ingresses: the newest; what an Ingress says stays', async () => {
    expect(await ingress('none')).toBeUndefined();
    await ingressClass('old');
    expect(await ingress('one')).toBe('old');
    await clock.advance(1_000);
    await ingressClass('new');
    expect(await ingress('newest')).toBe('new');
    expect(await ingress('own', {}, { ingressClassName: 'other' })).toBe('other');
    expect(await ingress('annotated', { name: 'annotated', namespace: 'default', annotations: { 'kubernetes.io/ingress.class': 'x' } })).toBeUndefined();
  });
});

describe('PersistentVolumeClaimResize', () => {
  const grow = async (storageClassName: string, storage: string, phase: 'Bound' | 'Pending' = 'Bound') => {
    for (const [name, allowVolumeExpansion] of [['elastic', true], ['stiff', undefined]] as const) {
      await client.create(StorageClasses, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, provisioner: 'x', ...(allowVolumeExpansion && { allowVolumeExpansion }) } as StorageClass);
    }
    await client.create(LimitRanges, { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits', namespace: 'default' }, spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '5Gi' } }] } });
    await client.create(PersistentVolumeClaims, {
      apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, volumeName: 'v', resources: { requests: { storage: '1Gi' } } },
    } as PersistentVolumeClaim);
    await client.patch(PersistentVolumeClaims, 'c', { type: 'merge', body: { status: { phase, capacity: { storage: '1Gi' } } } }, { namespace: 'default', subresource: 'status' });
    return client.patch(PersistentVolumeClaims, 'c', { type: 'merge', body: { spec: { resources: { requests: { storage } } } } }, { namespace: 'default' });
  };

  test('a bound claim grows where its class lets it', async () => {
    expect((await grow('elastic', '2Gi')).spec.resources?.requests).toEqual({ storage: '2Gi' });
  });

  test.each<[string, Parameters<typeof grow>, string]>([
    ['its class does not', ['stiff', '2Gi'], 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'],
    ['it has no class', ['', '2Gi'], 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'],
    ['its class is not there', ['gone', '2Gi'], 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'],
    ['the namespace does not', ['elastic', '6Gi'], 'maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi'],
  ])('not where %s', async (_, args, why) => {
    await expect(grow(...args)).rejects.toMatchObject({ code: 403, message: `persistentvolumeclaims "c" is forbidden: ${why}` });
  });

  test('a claim that is not bound does not grow', async () => {
    await expect(grow('elastic', '2Gi', 'Pending')).rejects.toMatchObject({ code: 422, message: expect.stringContaining('spec is immutable after creation') });
  });
});

test('a resize of a pod is held to limit ranges and quotas', async () => {
  await account('default');
  await client.create(ResourceQuotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'default' }, spec: { hard: { 'requests.cpu': '1', 'limits.cpu': '8' } } });
  await client.patch(ResourceQuotas, 'q', { type: 'merge', body: { status: { hard: { 'requests.cpu': '1', 'limits.cpu': '8' }, used: { 'requests.cpu': '0', 'limits.cpu': '0' } } } }, { namespace: 'default', subresource: 'status' });
  await client.create(LimitRanges, { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits', namespace: 'default' }, spec: { limits: [{ type: 'Container', max: { cpu: '4' } }] } });
  await pod({ containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '500m' }, limits: { cpu: '2' } } }] });
  const resize = (requests: string, limits: string) =>
    client.patch(Pods, 'p', { type: 'strategic', body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu: requests }, limits: { cpu: limits } } }] } } }, { namespace: 'default', subresource: 'resize' });
  await expect(resize('500m', '5')).rejects.toMatchObject({ code: 403, message: 'pods "p" is forbidden: maximum cpu usage per Container is 4, but limit is 5' });
  await expect(resize('1100m', '2')).rejects.toMatchObject({ code: 403, message: 'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=500m, limited: requests.cpu=1' });
  await resize('1', '4');
  expect((await client.get(ResourceQuotas, 'q', { namespace: 'default' })).status?.used).toEqual({ 'requests.cpu': '1', 'limits.cpu': '4' });
});

test('a quota that others write at the same time is charged all the same, and no further than it goes', async () => {
  const store = memoryStore();
  const own = (await createApiServer({ store, clock, random: seededRandom(1) })).client();
  await own.create(ResourceQuotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'default' }, spec: { hard: { pods: '3' } } });
  const count = (pods: string) => own.patch(ResourceQuotas, 'q', { type: 'merge', body: { status: { hard: { pods: '3' }, used: { pods } } } }, { namespace: 'default', subresource: 'status' });
  await count('0');
  // Between its reading and its writing the controller counts another pod.
  let before: (() => Promise<unknown>) | undefined = () => count('1');
  const client: Client = { ...own, update: async (...args) => {
    await before?.();
    before = undefined;
    return own.update(...args);
  } };
  const object: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: { containers: [] } };
  const admit = () => resourceQuota(store, clock).validate!({
    operation: 'CREATE', kind: podKind as unknown as Kind, resource: { group: '', version: 'v1', plural: 'pods' }, subresource: '', namespace: 'default', name: 'p', object, user: { name: 'u', groups: [] }, dryRun: false, client, warn() {},
  });
  await admit();
  expect((await own.get(ResourceQuotas, 'q', { namespace: 'default' })).status?.used).toEqual({ pods: '2' });
  before = () => count('3');
  await expect(admit()).rejects.toThrow('exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3');
});

test('a node brings its status along when it is made, and nothing else may change it but /status', async () => {
  const made = await client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {}, status: { capacity: { cpu: '4' } } } as unknown as Node);
  expect(made.status).toMatchObject({ capacity: { cpu: '4' }, allocatable: { cpu: '4' } });
  const after = await client.update(Nodes, { ...made, status: { ...made.status, capacity: { cpu: '8' } } } as Node);
  expect(after.status?.capacity).toEqual({ cpu: '4' });
});

test('a new node takes no pods until somebody has seen that it is well', async () => {
  const tainted = async (name: string, taints?: Node['spec']['taints']) => (await client.create(Nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints } } as Node)).spec.taints;
  const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  expect(await tainted('a')).toEqual([notReady]);
  expect(await tainted('b', [{ key: 'mine', effect: 'NoSchedule' }])).toEqual([{ key: 'mine', effect: 'NoSchedule' }, notReady]);
  expect(await tainted('c', [notReady as never])).toEqual([notReady]);
});

test('what every cluster has and nothing waits for comes once the start is over', async () => {
  expect((await client.list(FlowSchemas)).items).toEqual([]);
  await clock.advance(1_000);
  await expect.poll(async () => (await client.list(ClusterRoleBindings)).items.filter(({ metadata }) => metadata.name!.startsWith('system:controller:')).length).toBe(35);
  expect((await client.list(FlowSchemas)).items.map(({ metadata, spec }) => `${spec.matchingPrecedence} ${metadata.name} ${spec.priorityLevelConfiguration.name}`)).toContain('1 exempt exempt');
  expect((await client.list(PriorityLevelConfigurations)).items).toHaveLength(8);
  expect((await client.get(ClusterRoles, 'system:controller:root-ca-cert-publisher')).rules![0]).toEqual({ verbs: ['create', 'update'], apiGroups: [''], resources: ['configmaps'] });
});
