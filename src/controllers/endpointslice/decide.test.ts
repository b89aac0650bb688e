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
const asSlice = (name: string, s: Pick<EndpointSlice, 'ports' | 'endpoints'>): EndpointSlice => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name }, addressType: 'IPv4', ...s });
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
  const full = asSlice('a', plan(many(3)).create[0]!);
  const cases: [string, ReturnType<typeof plan>, object][] = [
    ['none yet', plan(many(3)), { create: [3], update: [], remove: [] }],
    ['as they should be', plan(many(3), [full]), { create: [], update: [], remove: [] }],
    ['one pod more goes into the slice that is there', plan(many(4), [full]), { create: [], update: ['a:4'], remove: [] }],
    ['one pod less', plan(many(2), [full]), { create: [], update: ['a:2'], remove: [] }],
    ['no pod left: the slice stays, empty', plan([], [full]), { create: [], update: ['a:0'], remove: [] }],
    ['never a pod: an empty slice says so', plan([]), { create: [0], update: [], remove: [] }],
    ['more than one slice holds', plan(many(MAX_ENDPOINTS + 1)), { create: [MAX_ENDPOINTS, 1], update: [], remove: [] }],
    ['pods with other ports stand apart', plan([pod(1, { port: 1 }), pod(2, { port: 2 })], [], service({ ports: [{ port: 80, targetPort: 'web' }] })), { create: [1, 1], update: [], remove: [] }],
  ];
  test.each(cases)('%s', (_, found, wanted) => expect(shape(found)).toEqual(wanted));
});
