import { expect, test } from 'vitest';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import { decide, type OwnerState } from './decide.ts';
import type { GraphNode } from './graph.ts';

const node: GraphNode = { uid: 'n', type: ConfigMaps, namespace: 'd', name: 'n', owners: [], deleting: false, finalizers: [] };
const owner = (uid: string): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid });

const cases: [string, Partial<GraphNode>, OwnerState[], boolean, string][] = [
  ['no owners', {}, [], false, 'keep'],
  ['its owner is there', {}, ['solid'], false, 'keep'],
  ['its only owner is gone', {}, ['dangling'], false, 'delete Background'],
  ['one of two is gone', {}, ['dangling', 'solid'], false, 'release 0'],
  ['the owner waits in the foreground', {}, ['waiting'], false, 'delete Background'],
  ['and it has dependents itself', {}, ['waiting'], true, 'delete Foreground'],
  ['it is being deleted already', { deleting: true }, ['dangling'], false, 'keep'],
  ['it wants its own dependents kept', { finalizers: ['orphan'] }, ['dangling'], true, 'delete Orphan'],
];
test.each(cases)('%s', (_, more, states, dependents, expected) => {
  const action = decide({ ...node, ...more }, states.map((state, i) => ({ reference: owner(String(i)), state })), dependents);
  expect(action.kind === 'delete' ? `delete ${action.policy}` : action.kind === 'release' ? `release ${action.uids.join()}` : action.kind).toBe(expected);
});
