import type { CSINode } from '../../types/storage.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { validateCsiNode } from './validation.ts';
import { ageColumn, integer, nameColumn } from '../columns.ts';

export const csiNode = defineKind<CSINode>({
  kind: 'CSINode',
  plural: 'csinodes',
  singular: 'csinode',
  namespaced: false,
  storage: { group: 'storage.k8s.io', version: 'v1', message: 'storage/v1.CSINode' },
  validate: validateCsiNode,
  unconditionalUpdate: false,
  columns: [nameColumn, integer('Drivers', (node) => (node.spec.drivers ?? []).length), ageColumn],
});

export const CSINodes = resourceOf(csiNode);
