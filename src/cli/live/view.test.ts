import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event, Pod } from '../../api/types/core.v1.ts';
import { createScreen } from './screen.ts';
import { age, render, type ClusterState, type Workload } from './view.ts';

const pod = (status: Pod['status']): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: { containers: [] }, status });
const ready = pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
const event = (name: string, message: string, type = 'Normal'): Event => ({
  apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', namespace: 'default', uid: name }, involvedObject: { kind: 'Pod', name, namespace: 'default' }, reason: 'Started', message, type, lastTimestamp: '2026-01-01T10:00:00Z',
});
const workload = (changes: Partial<Workload>): Workload => ({ kind: 'Deployment', namespace: 'default', name: 'web', wanted: 2, ready: 2, updated: 2, pods: [ready, ready], changedAt: 0, ...changes });
const state = (changes: Partial<ClusterState> = {}): ClusterState => ({
  name: 'dev', url: 'https://127.0.0.1:6443', ingress: 'http://localhost:80', kubeconfig: '/home/me/.coracle/dev/kubeconfig', upMs: 65_000,
  nodes: [{ name: 'node-1', ready: true, schedulable: true }], workloads: [workload({})], pods: [ready], events: [event('a', 'Started container')], limitations: [], ...changes,
});
// oxlint-disable-next-line no-control-regex -- colours are what is taken out
const plain = (lines: readonly string[]) => lines.map((line) => line.replaceAll(/\x1b\[[0-9;]*m/g, ''));

test('a header, workloads and events', () => {
  expect(plain(render(state(), 80, 24, 42_000))).toEqual([
    '● Coracle dev   https://127.0.0.1:6443   1 node   1/1 pods ready   up 1m05s',
    '  Ingress http://localhost:80 and every *.localhost name',
    '  export KUBECONFIG=/home/me/.coracle/dev/kubeconfig',
    '',
    'NAMESPACE   WORKLOAD         READY   AGE   STATE',
    'default     deployment/web   2/2     42s   ok',
    '',
    'EVENTS',
    '10:00:00  pod/a  Started container',
  ]);
  expect(plain(render(state(), 120, 24, 42_000)).at(-1)).toBe('10:00:00  pod/a  Started  Started container');
});

test('events stand in the order of their times, whenever they were heard of', () => {
  const at = (name: string, lastTimestamp: string) => ({ ...event(name, name), lastTimestamp });
  const lines = plain(render(state({ events: [at('b', '2026-01-01T10:00:02Z'), at('a', '2026-01-01T10:00:01Z'), at('c', '2026-01-01T10:00:02Z')] }), 80, 24, 0));
  expect(lines.slice(-3).map((line) => line.at(-1))).toEqual(['a', 'b', 'c']);
});

test.each<[Partial<Workload>, string]>([
  [{}, 'ok'],
  [{ wanted: 0, ready: 0, updated: 0, pods: [] }, 'asleep'],
  [{ updated: 1 }, 'rolling out 1/2'],
  [{ ready: 1 }, '1 starting'],
  [{ pods: [pod({ phase: 'Pending', containerStatuses: [{ name: 'c', image: '', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason: 'ErrImagePull' } } }] })] }, 'ErrImagePull'],
  [{ ready: 1, pods: [pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] })] }, 'Unschedulable'],
  [{ pods: [{ ...ready, metadata: { ...ready.metadata, deletionTimestamp: '2026-01-01T10:00:00Z' } }] }, '1 leaving'],
])('the state of %j is %s', (changes, expected) => {
  expect(plain(render(state({ workloads: [workload(changes)] }), 120, 24, 0))[5]!.endsWith(`   ${expected}`)).toBe(true);
});

test('nothing is wider or higher than the terminal, whatever there is to show', () => {
  const name = fc.string({ unit: fc.constantFrom('a', '-', 'z'), maxLength: 120 });
  fc.assert(fc.property(fc.integer({ min: 60, max: 200 }), fc.integer({ min: 10, max: 60 }), fc.array(name, { maxLength: 40 }), fc.array(fc.tuple(name, name), { maxLength: 40 }), (columns, rows, names, events) => {
    const lines = plain(render(state({ workloads: names.map((n, i) => workload({ name: n, namespace: n.slice(0, 60), changedAt: i })), events: events.map(([n, message]) => event(n, message)), limitations: names.slice(0, 2) }), columns, rows, 0));
    expect(lines.length).toBeLessThan(rows);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
  }));
});

test('the screen draws only what changed, in place', () => {
  const written: string[] = [];
  const screen = createScreen({ write: (text: string | Uint8Array) => Boolean(written.push(String(text))) });
  screen.draw(['a', 'b']);
  screen.draw(['a', 'b']);
  screen.draw(['a']);
  expect(written).toHaveLength(2);
  expect(written[1]).toContain('\x1b[2A\ra\x1b[K\n\x1b[J');
  screen.close();
  expect(written.at(-1)).toBe('\x1b[?25h');
});

test.each([[0, '0s'], [59_999, '59s'], [185_000, '3m05s'], [7_800_000, '2h10m'], [400_000_000, '4d'], [-5, '0s']])('%d ms is %s', (ms, text) => {
  expect(age(ms)).toBe(text);
});
