import type { NodeMetrics as NodeMetricsObject } from '../../types/metrics.v1beta1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';

/** Usage of a node. Never stored: the metrics room makes it. */
export const nodeMetrics = defineKind<NodeMetricsObject>({
  kind: 'NodeMetrics',
  plural: 'nodes',
  singular: '',
  namespaced: false,
  storage: { group: 'metrics.k8s.io', version: 'v1beta1', message: 'metrics/v1beta1.NodeMetrics' },
  verbs: ['get', 'list'],
  columns: [nameColumn, text('CPU', ({ usage }) => usage?.['cpu'] ?? ''), text('Memory', ({ usage }) => usage?.['memory'] ?? ''), text('Window', ({ window }) => window ?? ''), ageColumn],
});

export const NodeMetrics = resourceOf(nodeMetrics);
