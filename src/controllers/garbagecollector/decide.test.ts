import { expect, test } from 'vitest';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import { decide, type OwnerState } from './decide.ts';
import type { GraphNode } from './graph.ts';

const node: GraphNode = { uid: 'n', type: ConfigMaps, namespace: 'd', name: 'n', owners: [], deleting: false, finalizers: [] };
const owner = (uid: string): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid });

const dependent = (more: Partial<GraphNode> = {}): GraphNode => ({ ...node, uid: 'd', ...more });
const cases: [string, Partial<GraphNode>, OwnerState[], GraphNode[], string][] = [
  ['no owners', {}, [], [], 'keep'],
  ['its owner is there', {}, ['solid'], [], 'keep'],
  ['its only owner is gone', {}, ['dangling'], [], 'delete Background'],
  ['one of two is gone', {}, ['dangling', 'solid'], [], 'release 0'],
  ['one waits, the other is there', {}, ['waiting', 'solid'], [], 'release 0'],
  ['nobody can tell of one', {}, ['dangling', 'unknown'], [], 'keep'],
  ['the owner waits in the foreground', {}, ['waiting'], [], 'delete Background'],
  ['and it has dependents itself', {}, ['waiting'], [dependent()], 'delete Foreground'],
  ['and they wait, too: it may be for each other', {}, ['waiting'], [dependent({ deleting: true, finalizers: ['foregroundDeletion'] })], 'delete Foreground unblock'],
  ['it is being deleted already', { deleting: true }, ['dangling'], [], 'keep'],
  ['it wants its own dependents kept', { finalizers: ['orphan'] }, ['dangling'], [dependent()], 'delete Orphan'],
];
test.each(cases)('%s', (_, more, states, dependents, expected) => {
  const action = decide({ ...node, ...more }, states.map((state, i) => ({ reference: owner(String(i)), state })), dependents);
  expect(action.kind === 'delete' ? `delete ${action.policy}${action.unblock ? ' unblock' : ''}` : action.kind === 'release' ? `release ${action.uids.join()}` : action.kind).toBe(expected);
});
