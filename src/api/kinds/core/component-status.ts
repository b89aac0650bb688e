import type { ComponentStatus } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { nameColumn, text } from '../columns.ts';

export const componentStatus = defineKind<ComponentStatus>({
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
  storage: { group: '', version: 'v1', message: 'core/v1.ComponentStatus', warning: 'v1 ComponentStatus is deprecated in v1.19+' },
  verbs: ['get', 'list'],
  columns: [
    nameColumn,
    text('Status', (status) => (healthy(status) ? (healthy(status)!.status === 'True' ? 'Healthy' : 'Unhealthy') : 'Unknown')),
    text('Message', (status) => healthy(status)?.message ?? ''),
    text('Error', (status) => healthy(status)?.error ?? ''),
  ],
});

export const ComponentStatuses = resourceOf(componentStatus);

function healthy(status: ComponentStatus) {
  return status.conditions?.find((c) => c.type === 'Healthy');
}
