import { expect, test } from 'vitest';
import { virtualClock } from '../../base/clock.ts';
import { createTable } from './table.ts';

const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a', namespace: 'default', uid: 'a' }, spec: { clusterIP: '10.0.0.1', ports: [{ port: 53, protocol: 'UDP' as const }], ...spec } });
const slice = (pods: readonly (readonly [ip: string, node: string])[]) => ({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'a-1', namespace: 'default' }, addressType: 'IPv4' as const, ports: [{ port: 5353, protocol: 'UDP' as const }],
  endpoints: pods.map(([ip, nodeName]) => ({ addresses: [ip], nodeName, conditions: { ready: true } })),
});
const backendOf = (spec: object, ...pods: (readonly [ip: string, node: string])[]) => {
  const table = createTable({ clock: virtualClock(), hold: { newMs: 1, lostMs: 1, wakeMs: 1 }, nodeOf: (address) => /^10\.1\.(\d)\./.exec(address)?.[1] });
  table.set(service(spec), [slice(pods)]);
  return [...table.services()][0]!.backends[0]!;
};

test('internalTrafficPolicy Local keeps a pod to its own node, and refuses it where there is nobody; the machine itself is every node', () => {
  const backend = backendOf({ internalTrafficPolicy: 'Local' }, ['10.1.1.5', '1'], ['10.1.1.6', '1']);
  expect(backend.choose('10.1.1.9', false)?.address).toMatch(/^10\.1\.1\./);
  expect([backend.choose('10.1.2.9', false), backend.refuses('10.1.2.9', false)]).toEqual([undefined, true]);
  expect(backend.choose('192.0.2.1', false)?.address).toMatch(/^10\.1\.1\./);
  expect([backend.refuses('10.1.1.9', false), backend.refuses('10.1.2.9', true)]).toEqual([false, false]);
});

test('externalTrafficPolicy Local reaches the pods of all nodes: they have one address', () => {
  const backend = backendOf({ type: 'NodePort', externalTrafficPolicy: 'Local' }, ['10.1.2.5', '2']);
  expect(backend.choose('10.1.1.9', true)?.address).toBe('10.1.2.5');
});
