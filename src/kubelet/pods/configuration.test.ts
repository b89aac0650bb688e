import { describe, expect, test } from 'vitest';
import type { ConfigMap, Container, Pod, PodSpec, Service } from '../../api/types/core.v1.ts';
import type { ImageInfo } from '../types.ts';
import { commandLine, signalName } from './container-config.ts';
import { fieldValue, resourceValue } from './downward.ts';
import { environment, type EnvInput } from './env.ts';
import { expand } from './expansion.ts';
import { authsFor } from './pull-secrets.ts';
import { qosClass } from './qos.ts';
import { cgroupParent, containerResources, oomScoreAdj, podResources, podTotal } from './resources.ts';
import { hostname, nodeDns, parseResolvConf, podDns } from './sandbox-config.ts';
import { nonRootComplaint, runAs, security, wantedUser } from './security.ts';

const pod = (spec: Partial<PodSpec> = {}, metadata: Pod['metadata'] = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'ns', uid: 'u', ...metadata }, spec: { containers: [{ name: 'a' }], ...spec } });

test.each([
  ['$(A)', '1'], ['x$(A)$(B)y', 'x12y'], ['$$(A)', '$(A)'], ['$$$(A)', '$1'], ['$(NO)', '$(NO)'], ['$(A', '$(A'], ['$', '$'], ['$A', '$A'], ['a$$b', 'a$b'], ['$()', '$()'],
])('expand %s', (text, expected) => {
  expect(expand(text, (name) => ({ A: '1', B: '2' })[name])).toBe(expected);
});

describe('environment', () => {
  const input = (container: Partial<Container>, more: Partial<EnvInput> = {}): EnvInput => ({
    pod: pod(), container: { name: 'a', ...container }, configMaps: new Map(), secrets: new Map(), services: [], addresses: { podIPs: ['10.1.1.1'], hostIPs: ['1.1.1.1'] }, allocatable: { cpu: '4', memory: '8Gi' }, ...more,
  });
  const env = (container: Partial<Container>, more?: Partial<EnvInput>) => Object.fromEntries(environment(input(container, more)));
  const configMaps = new Map<string, ConfigMap>([['c', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1', b: '2' } }], ['d', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'd' }, data: { b: '3' } }]]);
  const secrets = new Map([['s', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { pw: Buffer.from('x y').toString('base64') } }]]);

  test('envFrom in order, env last', () => {
    expect(env({ envFrom: [{ configMapRef: { name: 'c' } }, { configMapRef: { name: 'd' } }, { prefix: 'P_', secretRef: { name: 's' } }], env: [{ name: 'a', value: 'own' }] }, { configMaps, secrets }))
      .toEqual({ a: 'own', b: '3', P_pw: 'x y' });
  });
  test('references expand to what was defined before', () => {
    expect(env({ env: [{ name: 'X', value: '1' }, { name: 'Y', value: '$(X)$(Z)' }, { name: 'Z', value: '2' }] })).toEqual({ X: '1', Y: '1$(Z)', Z: '2' });
  });
  test('what is missing is an error, unless optional', () => {
    const key = { name: 'c', key: 'no' };
    expect(() => env({ env: [{ name: 'A', valueFrom: { configMapKeyRef: key } }] }, { configMaps })).toThrow("couldn't find key no in ConfigMap ns/c");
    expect(() => env({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'x', key: 'k' } } }] })).toThrow('secret "x" not found');
    expect(() => env({ envFrom: [{ configMapRef: { name: 'x' } }] })).toThrow('configmap "x" not found');
    expect(env({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { ...key, optional: true } } }], envFrom: [{ configMapRef: { name: 'x', optional: true } }] }, { configMaps })).toEqual({});
  });
  test('service links', () => {
    const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'my-db', namespace: 'ns' }, spec: { clusterIP: '10.96.0.7', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] } };
    const kubernetes: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default' }, spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP' }] } };
    expect(env({}, { services: [service] })).toEqual({
      MY_DB_SERVICE_HOST: '10.96.0.7', MY_DB_SERVICE_PORT: '5432', MY_DB_SERVICE_PORT_SQL: '5432', MY_DB_PORT: 'tcp://10.96.0.7:5432', MY_DB_PORT_5432_TCP: 'tcp://10.96.0.7:5432',
      MY_DB_PORT_5432_TCP_PROTO: 'tcp', MY_DB_PORT_5432_TCP_PORT: '5432', MY_DB_PORT_5432_TCP_ADDR: '10.96.0.7',
    });
    expect(Object.keys(env({}, { services: [service, kubernetes], pod: pod({ enableServiceLinks: false }) })).every((k) => k.startsWith('KUBERNETES_'))).toBe(true);
  });
});

test('downward API', () => {
  const p = pod({ nodeName: 'n', serviceAccountName: 'sa' }, { labels: { b: '2', a: 'x"y' }, annotations: { k: 'v' } });
  const at = { podIPs: ['10.1.1.1'], hostIPs: ['1.1.1.1'] };
  const value = (fieldPath: string) => fieldValue({ fieldPath }, p, at);
  expect(['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.podIP', 'status.hostIP', "metadata.annotations['k']", "metadata.labels['no']"].map(value))
    .toEqual(['p', 'ns', 'u', 'n', 'sa', '10.1.1.1', '1.1.1.1', 'v', '']);
  expect(value('metadata.labels')).toBe('a="x\\"y"\nb="2"');
  expect(() => value('spec.hostname')).toThrow('unsupported fieldPath: spec.hostname');
  const c: Container = { name: 'a', resources: { limits: { cpu: '250m' }, requests: { memory: '100Mi' } } };
  const res = (resource: string, divisor?: string) => resourceValue({ resource, ...(divisor && { divisor }) }, c, { memory: '8Gi' });
  expect([res('limits.cpu'), res('limits.cpu', '1m'), res('requests.memory', '1Mi'), res('limits.memory', '1Gi'), res('requests.cpu')]).toEqual(['1', '250', '100', '8', '0']);
});

describe('resources', () => {
  const c = (requests?: Record<string, string>, limits?: Record<string, string>): Container => ({ name: 'c', resources: { ...(requests && { requests }), ...(limits && { limits }) } });
  test.each([
    ['none', [c()], 'BestEffort', 'kubepods/besteffort/podu', 1000],
    ['equal', [c({ cpu: '1', memory: '1Gi' }, { cpu: '1', memory: '1Gi' })], 'Guaranteed', 'kubepods/podu', -997],
    ['one of two', [c({ cpu: '1', memory: '1Gi' }, { cpu: '1', memory: '1Gi' }), c()], 'Burstable', 'kubepods/burstable/podu', 938],
    ['requests', [c({ memory: '8Gi' })], 'Burstable', 'kubepods/burstable/podu', 500],
    ['little', [c({ cpu: '1' })], 'Burstable', 'kubepods/burstable/podu', 999],
  ] as const)('QoS: %s', (_name, containers, qos, parent, oom) => {
    const p = pod({ containers: [...containers] });
    expect(qosClass(p)).toBe(qos);
    expect(cgroupParent(p)).toBe(parent);
    expect(oomScoreAdj(p, containers[0]!, 16 * 2 ** 30)).toBe(oom);
  });
  test('shares, quota, memory', () => {
    expect(containerResources(c({ cpu: '100m' }, { cpu: '250m', memory: '64Mi' }).resources)).toEqual({ cpuShares: 102, cpuQuota: 25_000, memoryBytes: 64 * 2 ** 20, pids: undefined });
    expect(containerResources(c().resources)).toMatchObject({ cpuShares: 2, cpuQuota: undefined, memoryBytes: undefined });
    expect(containerResources(c(undefined, { cpu: '1m' }).resources).cpuQuota).toBe(1000);
    expect(podResources(pod({ containers: [c(undefined, { cpu: '1', memory: '1Gi' }), c({ cpu: '500m' })] }))).toMatchObject({ cpuShares: 1536, cpuQuota: undefined, memoryBytes: undefined });
  });
  test('init containers count by their greatest, sidecars always', () => {
    const p = pod({ containers: [c({ cpu: '1' })], initContainers: [{ ...c({ cpu: '200m' }), restartPolicy: 'Always' }, c({ cpu: '2' })] });
    expect(podTotal(p, 'requests', 'cpu')).toBe(2200);
  });
});

describe('sandbox', () => {
  const settings = { clusterDns: '10.96.0.10', clusterDomain: 'cluster.local', host: { servers: ['1.1.1.1'], searches: ['corp'], options: [] } };
  test('DNS policies', () => {
    expect(podDns(pod(), settings)).toEqual({ servers: ['10.96.0.10'], searches: ['ns.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'corp'], options: ['ndots:5'] });
    expect(podDns(pod({ hostNetwork: true }), settings)).toEqual(settings.host);
    expect(podDns(pod({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), settings).servers).toEqual(['10.96.0.10']);
    expect(podDns(pod({ dnsPolicy: 'None', dnsConfig: { nameservers: ['8.8.8.8'], searches: ['x'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] } }), settings)).toEqual({ servers: ['8.8.8.8'], searches: ['x'], options: ['ndots:2', 'edns0'] });
    expect(podDns(pod({ dnsConfig: { options: [{ name: 'ndots', value: '1' }] } }), settings).options).toEqual(['ndots:1']);
    expect(parseResolvConf('# c\nnameserver 9.9.9.9\nsearch a b\noptions ndots:2 rotate\n')).toEqual({ servers: ['9.9.9.9'], searches: ['a', 'b'], options: ['ndots:2', 'rotate'] });
  });
  test('the node\'s resolver is one that pods can reach', () => {
    const files = (entries: Record<string, string>) => (path: string) => entries[path] ?? (() => { throw new Error(path); })();
    const stub = 'nameserver 127.0.0.53\nsearch lan\n';
    expect(nodeDns(files({ '/etc/resolv.conf': 'nameserver 9.9.9.9\n', '/run/systemd/resolve/resolv.conf': 'nameserver 8.8.8.8\n' })).servers).toEqual(['9.9.9.9']);
    expect(nodeDns(files({ '/etc/resolv.conf': stub, '/run/systemd/resolve/resolv.conf': 'nameserver 8.8.8.8\nsearch lan\n' }))).toEqual({ servers: ['8.8.8.8'], searches: ['lan'], options: [] });
    expect(nodeDns(files({ '/etc/resolv.conf': stub })).servers).toEqual(['127.0.0.53']);
    expect(nodeDns(files({}))).toEqual({ servers: [], searches: [], options: [] });
  });
  test('host names', () => {
    expect(hostname(pod({ hostname: 'h', subdomain: 's', setHostnameAsFQDN: true }), 'c.l')).toBe('h.s.ns.svc.c.l');
    expect(hostname(pod({}, { name: `${'a'.repeat(62)}-b` }), 'c.l')).toBe('a'.repeat(62));
  });
});

describe('security', () => {
  test('users and groups', () => {
    const p = pod({ securityContext: { runAsUser: 5, fsGroup: 7, supplementalGroups: [8] } });
    expect(wantedUser(p, { name: 'a' }, 'www')).toBe('5');
    expect(wantedUser(p, { name: 'a', securityContext: { runAsUser: 6 } }, '')).toBe('6');
    expect(wantedUser(pod(), { name: 'a' }, 'www')).toBe('www');
    expect(runAs(p, { name: 'a' }, { uid: 5, gid: 0, supplementalGroups: [9] })).toEqual({ uid: 5, gid: 0, supplementalGroups: [9, 8, 7] });
  });
  test('runAsNonRoot', () => {
    const root = { uid: 0, gid: 0, supplementalGroups: [] };
    expect(nonRootComplaint(pod({ securityContext: { runAsNonRoot: true } }), { name: 'a' }, root, '')).toBe('container has runAsNonRoot and image will run as root (pod: "p_ns(u)", container: a)');
    expect(nonRootComplaint(pod({ securityContext: { runAsNonRoot: true, runAsUser: 0 } }), { name: 'a' }, root, '')).toBe('container\'s runAsUser breaks non-root policy (pod: "p_ns(u)", container: a)');
    expect(nonRootComplaint(pod(), { name: 'a' }, root, '')).toBeUndefined();
    const strict = pod({ securityContext: { runAsNonRoot: true } });
    const www = { uid: 33, gid: 33, supplementalGroups: [] };
    expect(nonRootComplaint(strict, { name: 'a' }, www, 'www-data:www-data')).toBe('container has runAsNonRoot and image has non-numeric user (www-data), cannot verify user is non-root (pod: "p_ns(u)", container: a)');
    expect(nonRootComplaint(strict, { name: 'a' }, www, '33:www-data')).toBeUndefined();
    expect(nonRootComplaint(strict, { name: 'a', securityContext: { runAsUser: 33 } }, www, 'www-data')).toBeUndefined();
  });
  test('capabilities', () => {
    const caps = (add: string[], drop: string[]) => security(pod(), { name: 'a', securityContext: { capabilities: { add, drop } } }).capabilities;
    expect(caps(['NET_ADMIN'], ['ALL'])).toEqual(['NET_ADMIN']);
    expect(caps([], ['CAP_CHOWN'])).not.toContain('CHOWN');
    expect(caps([], [])).toContain('CHOWN');
  });
  test('profiles of the node\'s own reach the runtime, the container\'s before the pod\'s', () => {
    const p = pod({ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'p.json' }, appArmorProfile: { type: 'Localhost', localhostProfile: 'pod' } } });
    expect(security(p, { name: 'a', securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } })).toMatchObject({ seccompProfile: 'localhost/p.json' });
    expect(security(p, { name: 'a', securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } })).not.toHaveProperty('appArmorProfile');
    expect(security(pod(), { name: 'a', securityContext: { seccompProfile: { type: 'RuntimeDefault' } } })).toMatchObject({ seccompProfile: 'runtime/default' });
    expect(security(p, { name: 'a', securityContext: { privileged: true } })).not.toHaveProperty('seccompProfile');
    expect(security(pod(), { name: 'a', securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' } } })).toMatchObject({ appArmorProfile: 'mine' });
  });
});

test('commands', () => {
  const image = { config: { entrypoint: ['/e'], cmd: ['c'] } } as unknown as ImageInfo;
  const line = (c: Partial<Container>) => commandLine({ name: 'a', ...c }, image, (n) => (n === 'V' ? 'v' : undefined));
  expect([line({}), line({ args: ['$(V)'] }), line({ command: ['x'] }), line({ command: ['x'], args: ['y'] })]).toEqual([['/e', 'c'], ['/e', 'v'], ['x'], ['x', 'y']]);
  expect([signalName(undefined), signalName('QUIT'), signalName('SIGINT'), signalName('3')]).toEqual(['SIGTERM', 'SIGQUIT', 'SIGINT', 'SIGQUIT']);
});

test('pull secrets', () => {
  const secret = (auths: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') } });
  const auth = Buffer.from('me:pa:ss').toString('base64');
  const users = (image: string, ...secrets: object[]) => authsFor(image, secrets.map(secret)).map(({ username }) => username);
  expect(authsFor('r.io/a/b:1', [secret({ 'https://r.io': { auth } })])).toMatchObject([{ username: 'me', password: 'pa:ss' }]);
  expect(users('redis', { 'https://index.docker.io/v1/': { username: 'u' } })).toEqual(['u']);
  expect(users('other.io/a', { 'r.io': { auth } })).toEqual([]);
  expect(users('r.io:5000/a', { 'r.io': { username: 'no' }, 'r.io:5000': { username: 'yes' } })).toEqual(['yes']);
  // Of several that fit, the one for the longer path first; of the same place in the secrets' order.
  expect(users('r.io/a/b:1', { 'r.io': { username: 'all' } }, { 'https://r.io/v2/a/': { username: 'path' }, 'r.io/c': { username: 'other' } }, { 'r.io': { username: 'all2' } })).toEqual(['path', 'all', 'all2']);
  expect(users('eu.r.io/a', { '*.r.io': { username: 'one' }, '*.io': { username: 'too short' }, 'e*.r.io': { username: 'two' } })).toEqual(['two', 'one']);
  expect(authsFor('r.io/a', [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { '.dockerconfigjson': 'e30' } }])).toEqual([]);
});
