import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../object.ts';
import type { DaemonSet } from '../types/apps.v1.ts';
import type { Namespace, Pod } from '../types/core.v1.ts';
import { kindNamed, made, refusals, updateRefusals } from './complaints.suite.ts';

const pod = (spec: object, status: object = {}): Pod => ({ ...(made('Pod', { spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }) as Pod), status });

describe('grace of a pod\'s deletion', () => {
  const rows: [string, Pod, number | undefined, number][] = [
    ['not on a node', pod({}), 30, 0],
    ['its own', pod({ nodeName: 'n', terminationGracePeriodSeconds: 7 }), undefined, 7],
    ['the asked', pod({ nodeName: 'n' }), 3, 3],
    ['at once', pod({ nodeName: 'n' }), 0, 0],
    ['negative', pod({ nodeName: 'n' }), -5, 1],
    ['finished', pod({ nodeName: 'n' }, { phase: 'Succeeded' }), 30, 0],
  ];
  test.each(rows)('%s', (_name, object, requested, seconds) => {
    expect(kindNamed('Pod').graceSeconds!(object, requested)).toBe(seconds);
  });
});

describe('quality of service', () => {
  const rows: [string, object[], string][] = [
    ['nothing asked', [{}], 'BestEffort'],
    ['asked', [{ requests: { cpu: '1' } }], 'Burstable'],
    ['limits alone are requests too', [{ limits: { cpu: '1', memory: '1Gi' } }], 'Guaranteed'],
    ['one container without', [{ limits: { cpu: '1', memory: '1Gi' } }, {}], 'Burstable'],
    ['written otherwise', [{ limits: { cpu: '1000m', memory: '1Gi' }, requests: { cpu: '1', memory: '1024Mi' } }], 'Guaranteed'],
    ['only a GPU', [{ limits: { 'nvidia.com/gpu': '1' } }], 'BestEffort'],
  ];
  test.each(rows)('%s', (_name, resources, expected) => {
    const containers = resources.map((r, i) => ({ name: `c${i}`, image: 'i', resources: r }));
    expect((made('Pod', { spec: { containers } }) as Pod).status?.qosClass).toBe(expected);
  });
});

test('field selectors', () => {
  const of = (kind: string, object: object) => Object.fromEntries(Object.entries(kindNamed(kind).fieldSelectors ?? {}).map(([key, value]) => [key, value(object as never)]));
  expect(of('Pod', pod({ nodeName: 'n' }, { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }] }))).toEqual({
    'spec.nodeName': 'n', 'spec.restartPolicy': 'Always', 'spec.schedulerName': 'default-scheduler', 'spec.serviceAccountName': '', 'spec.hostNetwork': 'false', 'status.phase': 'Running',
    'status.podIP': '10.0.0.1', 'status.podIPs': '10.0.0.1', 'status.nominatedNodeName': '',
  });
  expect(of('Node', { spec: { unschedulable: true } })).toEqual({ 'spec.unschedulable': 'true' });
  expect(of('Secret', { type: 'Opaque' })).toEqual({ type: 'Opaque' });
  expect(of('Job', { status: { succeeded: 2 } })).toEqual({ 'status.successful': '2' });
});

test('a namespace begins active, labelled with its name, and is finalized by Kubernetes', () => {
  const namespace = made('Namespace', { metadata: { name: 'a' } }) as Namespace;
  expect(namespace).toMatchObject({ metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
  expect(updateRefusals<Namespace>('Namespace', { metadata: { name: 'a' } }, (next) => { next.spec.finalizers = []; })).toEqual([]);
});

test('a job without labels has those that its pods get', () => {
  const spec = { template: { spec: { containers: [{ name: 'c', image: 'i' }], restartPolicy: 'Never' } } };
  expect(made('Job', { spec }).metadata.labels).toEqual({ 'job-name': 'x', 'batch.kubernetes.io/job-name': 'x', 'controller-uid': 'u1', 'batch.kubernetes.io/controller-uid': 'u1' });
  expect(made('Job', { metadata: { labels: { mine: 'yes' } }, spec }).metadata.labels).toEqual({ mine: 'yes' });
});

test('a daemon set counts the changes of its template', () => {
  const generation = (object: KubeObject) => object.metadata.annotations?.['deprecated.daemonset.template.generation'];
  const spec = { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } };
  const set = made('DaemonSet', { spec }) as DaemonSet;
  expect(generation(set)).toBe('1');
  const changed = (change: (next: DaemonSet) => void) => {
    const next = structuredClone(set);
    change(next);
    const kind = kindNamed('DaemonSet');
    kind.defaults!(next);
    kind.prepareUpdate!(next, set);
    return generation(next);
  };
  expect(changed((next) => { next.metadata.annotations = {}; })).toBe('1');
  expect(changed((next) => { next.spec.template.spec.containers[0]!.image = 'j'; })).toBe('2');
});

describe('finalizers', () => {
  const refused = (kind: string, name: string) => refusals(kind, { metadata: { finalizers: [name] } }).filter((text) => text.startsWith('metadata.finalizers'));
  test('need a domain', () => {
    expect(refused('ConfigMap', 'plain')).toEqual(['metadata.finalizers[0]: Invalid value: "plain": name is neither a standard finalizer name nor is it fully qualified']);
    expect(updateRefusals('ConfigMap', {}, (next) => { next.metadata.finalizers = ['plain']; })).toEqual(refused('ConfigMap', 'plain'));
  });
  test.each([['ConfigMap', 'e.com/x'], ['ConfigMap', 'orphan'], ['Lease', 'plain']])('%s may have %s', (kind, name) => expect(refused(kind, name)).toEqual([]));
});

test.each([['x', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'], ['010.1.1.1', 'must not have leading 0s'], ['2001:DB8::1', 'must be in canonical form ("2001:db8::1")']])('%s is no name for an address', (name, why) => {
  const spec = { parentRef: { resource: 'services', name: 's' } };
  expect(refusals('IPAddress', { metadata: { name }, spec })).toEqual([`metadata.name: Invalid value: ${JSON.stringify(name)}: ${why}`]);
  expect(refusals('IPAddress', { metadata: { name: '2001:db8::1' }, spec })).toEqual([]);
});

describe('custom resource definitions', () => {
  const schema = { type: 'object', properties: { spec: { type: 'object', properties: { size: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } } } } };
  const definition = (openAPIV3Schema: object | undefined, names: object = {}) => ({
    metadata: { name: 'crontabs.stable.example.com' },
    spec: { group: 'stable.example.com', scope: 'Namespaced', names: { plural: 'crontabs', kind: 'CronTab', ...names }, versions: [{ name: 'v1', served: true, storage: true, schema: openAPIV3Schema && { openAPIV3Schema } }] },
  });
  const at = 'spec.validation.openAPIV3Schema';
  const rows: [string, object, string[]][] = [
    ['plain', definition(schema), []],
    ['no schema', definition(undefined), ['spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required']],
    ['no type', definition({ properties: { a: {} } }), [`${at}.properties[a].type: Required value: must not be empty for specified object fields`, `${at}.type: Required value: must not be empty at the root`]],
    ['a type inside anyOf', definition({ type: 'object', anyOf: [{ type: 'object' }] }), [`${at}.anyOf[0].type: Forbidden: must be empty to be structural`]],
    ['a list map without keys', definition({ type: 'object', properties: { l: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' } } }), [`${at}.properties[l].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`]],
    ['the kind of its list', definition(schema, { listKind: 'CronTab' }), ['spec.names.listKind: Invalid value: "CronTab": kind and listKind may not be the same']],
    ['another name', { ...definition(schema), metadata: { name: 'x.y' } }, ['metadata.name: Invalid value: "x.y": must be spec.names.plural+"."+spec.group']],
  ];
  test.each(rows)('%s', (_name, fields, expected) => {
    expect(refusals('CustomResourceDefinition', fields)).toEqual(expected);
  });

  test('names and the stored version are filled in', () => {
    expect(made('CustomResourceDefinition', definition(schema))).toMatchObject({ spec: { names: { singular: 'crontab', listKind: 'CronTabList' }, conversion: { strategy: 'None' } }, status: { storedVersions: ['v1'] } });
  });
});
