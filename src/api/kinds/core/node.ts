import type { Node } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const node = defineKind<Node>({
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  storage: { group: '', version: 'v1', message: 'core/v1.Node' },
  status: true,
});

export const Nodes = resourceOf(node);
