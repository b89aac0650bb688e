import type { PodMetrics as PodMetricsObject } from '../../types/metrics.v1beta1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { addLists, formatResourceList, parseResourceList, NOTHING } from '../../resource-list.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

/** Usage of a running pod. Never stored: the metrics room makes it. */
export const podMetrics = defineKind<PodMetricsObject>({
  kind: 'PodMetrics',
  plural: 'pods',
  singular: '',
  namespaced: true,
  storage: { group: 'metrics.k8s.io', version: 'v1beta1', message: 'metrics/v1beta1.PodMetrics' },
  verbs: ['get', 'list'],
  columns: [
    nameColumn,
    text('CPU', ({ containers }) => total(containers)['cpu'] ?? ''),
    text('Memory', ({ containers }) => total(containers)['memory'] ?? ''),
    text('Window', ({ window }) => window ?? ''),
    ageColumn,
  ],
});

export const PodMetrics = resourceOf(podMetrics);

function total(containers: PodMetricsObject['containers']): Record<string, string> {
  return formatResourceList((containers ?? []).map((c) => parseResourceList(c.usage)).reduce(addLists, NOTHING));
}
