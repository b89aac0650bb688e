import { describe, expect, test } from 'vitest';
import type { Pod, Service } from '../../api/types/core.v1.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import { endpointOf, MAX_ENDPOINTS, planSlices, portsOf } from './decide.ts';

const service = (spec: Partial<Service['spec']> = {}): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'd', uid: 's' }, spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec } });
const pod = (n: number, more: { ready?: boolean; deleting?: boolean; port?: number } = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${n}`, namespace: 'd', uid: `u${n}`, ...(more.deleting && { deletionTimestamp: '2025-01-01T00:00:00Z' }) },
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort: more.port ?? 8080 }] }] },
  status: { phase: 'Running', podIPs: [{ ip: `10.0.0.${n}` }], conditions: [{ type: 'Ready', status: more.ready === false ? 'False' : 'True' }] },
});
const many = (count: number) => Array.from({ length: count }, (_, i) => pod(i + 1));
const named = (name: string, slice: EndpointSlice, more: EndpointSlice['metadata'] = {}): EndpointSlice => ({ ...slice, metadata: { ...slice.metadata, name, ...more } });
const plan = (pods: readonly Pod[], slices: readonly EndpointSlice[] = [], s = service()) => planSlices(s, pods, () => undefined, slices);
const shape = (p: ReturnType<typeof plan>) => ({ create: p.create.map((c) => c.endpoints?.length), update: p.update.map((u) => `${u.metadata.name}:${u.endpoints?.length}`), remove: p.remove.map((r) => r.metadata.name) });

describe('an endpoint', () => {
  const conditions = (p: Pod, s = service()) => endpointOf(p, s, undefined).conditions;
  test.each([
    ['ready', conditions(pod(1)), { ready: true, serving: true, terminating: false }],
    ['not ready', conditions(pod(1, { ready: false })), { ready: false, serving: false, terminating: false }],
    ['terminating, still serving', conditions(pod(1, { deleting: true })), { ready: false, serving: true, terminating: true }],
    ['published though not ready', conditions(pod(1, { ready: false }), service({ publishNotReadyAddresses: true })), { ready: true, serving: false, terminating: false }],
  ])('%s', (_, found, wanted) => expect(found).toEqual(wanted));
});

test('a named target port is the pod\'s own; a pod without it has none', () => {
  expect(portsOf(service({ ports: [{ port: 80, targetPort: 'web' }] }), pod(1, { port: 9090 }))).toMatchObject([{ port: 9090 }]);
  expect(portsOf(service({ ports: [{ port: 80, targetPort: 'nope' }] }), pod(1))).toEqual([]);
});

describe('slices', () => {
  const full = named('a', plan(many(3)).create[0]!);
  const of = (name: string, from: number, to: number) => named(name, plan(many(to).slice(from)).create[0]!);
  const otherPort = service({ ports: [{ name: 'http', port: 80, targetPort: 9090 }] });
  const cases: [string, ReturnType<typeof plan>, object][] = [
    ['none yet', plan(many(3)), { create: [3], update: [], remove: [] }],
    ['as they should be', plan(many(3), [full]), { create: [], update: [], remove: [] }],
    ['one pod more goes into the slice that is there', plan(many(4), [full]), { create: [], update: ['a:4'], remove: [] }],
    ['one pod less', plan(many(2), [full]), { create: [], update: ['a:2'], remove: [] }],
    ['no pod left: the slice stays, empty', plan([], [full]), { create: [], update: ['a:0'], remove: [] }],
    ['and then it is as it should be', plan([], [named('a', plan([]).create[0]!)]), { create: [], update: [], remove: [] }],
    ['never a pod: an empty slice says so', plan([]), { create: [0], update: [], remove: [] }],
    ['a pod after the empty slice goes into it', plan(many(1), [named('a', plan([]).create[0]!)]), { create: [], update: ['a:1'], remove: [] }],
    ['more than one slice holds', plan(many(MAX_ENDPOINTS + 1)), { create: [MAX_ENDPOINTS, 1], update: [], remove: [] }],
    ['the slice with the least room that is enough', plan(many(160), [of('a', 0, 60), of('b', 60, 140)]), { create: [], update: ['b:100'], remove: [] }],
    ['no slice has room for all: a new one', plan(many(190), [of('a', 0, 60), of('b', 60, 140)]), { create: [50], update: [], remove: [] }],
    ['one that changes anyway is filled first', plan(many(150).slice(1), [of('a', 0, 60), of('b', 60, 140)]), { create: [], update: ['a:69'], remove: [] }],
    ['one that is left empty goes', plan(many(140).slice(60), [of('a', 0, 60), of('b', 60, 140)]), { create: [], update: [], remove: ['a'] }],
    ['new ports: the slice is written over', plan(many(3), [full], otherPort), { create: [], update: ['a:3'], remove: [] }],
    ['one that is going does not count', plan(many(3), [named('a', full, { deletionTimestamp: '2025-01-01T00:00:00Z' })]), { create: [3], update: [], remove: [] }],
    ['one of a Service that had this name', plan(many(3), [named('a', full, { ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'before' }] })]), { create: [3], update: [], remove: ['a'] }],
    ['the Service is going: nothing new', plan(many(3), [], { ...service(), metadata: { ...service().metadata, deletionTimestamp: '2025-01-01T00:00:00Z' } }), { create: [], update: [], remove: [] }],
    ['pods with other ports stand apart', plan([pod(1, { port: 1 }), pod(2, { port: 2 })], [], service({ ports: [{ port: 80, targetPort: 'web' }] })), { create: [1, 1], update: [], remove: [] }],
  ];
  test.each(cases)('%s', (_, found, wanted) => expect(shape(found)).toEqual(wanted));

  test('carry the Service\'s labels and ours, and follow them', () => {
    const relabelled = { ...service({ clusterIP: '10.0.0.9' }), metadata: { ...service().metadata, labels: { tier: 'front', 'endpointslice.kubernetes.io/managed-by': 'me' } } };
    expect(plan(many(3), [full], relabelled).update[0]?.metadata.labels).toEqual({ tier: 'front', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io', 'kubernetes.io/service-name': 'web' });
    expect(plan(many(3), [], service({ clusterIP: 'None' })).create[0]?.metadata.labels).toMatchObject({ 'service.kubernetes.io/headless': '' });
  });
});
