import { expect, test } from 'vitest';
import { virtualClock } from '../../base/clock.ts';
import type { Node, Service } from '../../api/types/core.v1.ts';
import type { Endpoint, EndpointSlice } from '../../api/types/discovery.v1.ts';
import { origins } from './origin.ts';
import { createTable } from './table.ts';

const node = (name: string, zone: string, podCIDR: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } }, spec: { podCIDR } });
const originOf = origins([node('n1', 'a', '10.9.0.0/24'), node('n2', 'b', '10.9.1.0/24'), node('n3', 'b', '10.9.2.0/24')], 'n1');
const endpoint = (number: number, nodeName: string, zone?: string): Endpoint => ({ addresses: [`10.9.9.${number}`], conditions: { ready: true }, nodeName, targetRef: { kind: 'Pod', uid: `u${number}` }, ...(zone && { hints: { forZones: [{ name: zone }] } }) });
/** The nodes that this client's requests come to. Over UDP: nothing has to be proven. */
const reached = (client: string, external: boolean, spec: Partial<Service['spec']>, endpoints: Endpoint[]) => {
  const table = createTable({ clock: virtualClock(), hold: { newMs: 1, lostMs: 1, wakeMs: 1 }, originOf });
  const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'd' }, spec: { clusterIP: '10.0.0.1', ports: [{ port: 53, protocol: 'UDP' }], ...spec } };
  const slice: EndpointSlice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: {}, addressType: 'IPv4', ports: [{ port: 53, protocol: 'UDP' }], endpoints };
  table.set(service, [slice]);
  const backend = [...table.services()][0]!.backends[0]!;
  const chosen = new Set(endpoints.map(() => backend.choose(client, external)?.address));
  table.close();
  return endpoints.filter(({ addresses }) => chosen.has(addresses[0])).map(({ nodeName }) => nodeName);
};
const hinted = [endpoint(1, 'n1', 'a'), endpoint(2, 'n2', 'b'), endpoint(3, 'n3', 'b')];
const plain = [endpoint(1, 'n1'), endpoint(2, 'n2'), endpoint(3, 'n3')];
const local = { internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' } as const;

test.each<[string, string, boolean, Partial<Service['spec']>, Endpoint[], string[]]>([
  ['a pod: anywhere', '10.9.1.7', false, {}, plain, ['n1', 'n2', 'n3']],
  ['a pod: its own node', '10.9.1.7', false, local, plain, ['n2']],
  ['a pod: nowhere else, where its node has none', '10.9.1.7', false, local, [plain[0]!], []],
  ['a program of this machine, which is every node: anywhere', '127.0.0.1', false, local, plain, ['n1', 'n2', 'n3']],
  ['a program of this machine, by the gateway', '10.9.0.1', false, local, plain, ['n1', 'n2', 'n3']],
  ['from outside, where all nodes have one address: anywhere', '10.9.1.7', true, local, hinted, ['n1', 'n2', 'n3']],
  ['from outside: what is for the zone of the machine', '10.9.1.7', true, {}, hinted, ['n1']],
  ['a pod: what is for its zone', '10.9.1.7', false, {}, hinted, ['n2', 'n3']],
  ['a program of this machine: what is for its zone', '127.0.0.1', false, {}, hinted, ['n1']],
  ['a pod of a zone that nothing is for: anywhere', '10.9.1.7', false, {}, [hinted[0]!], ['n1']],
  ['hints are no matter where the policy is Local', '10.9.2.7', false, local, hinted, ['n3']],
])('%s', (_, client, external, spec, endpoints, expected) => {
  expect(reached(client, external, spec, endpoints)).toEqual(expected);
});

test('a pod whose node has nobody is refused, where others are not', () => {
  const table = createTable({ clock: virtualClock(), hold: { newMs: 1, lostMs: 1, wakeMs: 1 }, originOf });
  const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'd' }, spec: { clusterIP: '10.0.0.1', ports: [{ port: 53, protocol: 'UDP' }], internalTrafficPolicy: 'Local' } };
  table.set(service, [{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: {}, addressType: 'IPv4', ports: [{ port: 53, protocol: 'UDP' }], endpoints: [plain[0]!] }]);
  const backend = [...table.services()][0]!.backends[0]!;
  expect([backend.refuses('10.9.0.7', false), backend.refuses('10.9.1.7', false), backend.refuses('10.9.1.7', true), backend.refuses('127.0.0.1', false)]).toEqual([false, true, false, false]);
  table.close();
});

test('a pod that leaves and serves yet is asked when nobody is coming; not while somebody may be, and not where somebody can be woken', async () => {
  for (const wakes of [false, true]) {
    const clock = virtualClock();
    const table = createTable({ clock, hold: { newMs: 20_000, lostMs: 3_000, wakeMs: 60_000 }, originOf });
    if (wakes) table.onHold(() => false, () => true);
    const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'd' }, spec: { clusterIP: '10.0.0.1', selector: { app: 's' }, ports: [{ port: 53, protocol: 'UDP' }] } };
    const slice = (conditions: Endpoint['conditions']): EndpointSlice => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: {}, addressType: 'IPv4', ports: [{ port: 53, protocol: 'UDP' }], endpoints: [{ ...plain[0]!, conditions }] });
    table.set(service, [slice({ ready: true })]);
    const backend = [...table.services()][0]!.backends[0]!;
    void table.drains.unpublish({ uid: 'u1', key: 'd/p' }, clock.monotonic() + 100_000);
    await clock.advance(1_000);
    table.set(service, [slice({ ready: false, serving: true, terminating: true })]);
    expect(backend.choose('127.0.0.1', false)).toBeUndefined();
    let found: boolean | undefined;
    backend.wait('127.0.0.1', false, (is) => void (found = is));
    await clock.advance(2_000);
    expect(found).toBeUndefined();
    await clock.advance(2_000);
    expect([found, backend.choose('127.0.0.1', false)?.address]).toEqual(wakes ? [false, undefined] : [true, '10.9.9.1']);
    table.set(service, [slice({ ready: false, serving: false, terminating: true })]);
    expect([backend.choose('127.0.0.1', false), backend.open]).toEqual([undefined, wakes]);
    table.close();
  }
});
