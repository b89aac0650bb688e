import type { ComponentStatus } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const componentStatus = defineKind<ComponentStatus>({
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
  storage: { group: '', version: 'v1', message: 'core/v1.ComponentStatus' },
  verbs: ['get', 'list'],
});

export const ComponentStatuses = resourceOf(componentStatus);
