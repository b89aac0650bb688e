import type { HorizontalPodAutoscaler } from '../../types/autoscaling.v2.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defaultAutoscaler } from './hpa-defaults.ts';
import { targetsText } from './hpa-columns.ts';
import { oldAutoscalers } from './old-versions.ts';
import { validateAutoscaler, validateAutoscalerStatus } from './hpa-validation.ts';

export const horizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'autoscaling', version: 'v2', message: 'autoscaling/v2.HorizontalPodAutoscaler' },
  served: oldAutoscalers,
  status: true,
  defaults: defaultAutoscaler,
  validate: validateAutoscaler,
  validateStatus: validateAutoscalerStatus,
  prepareCreate(hpa) {
    hpa.status = { desiredReplicas: 0 };
  },
  columns: [
    nameColumn,
    text('Reference', ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`),
    text('Targets', (hpa) => targetsText(hpa.spec.metrics ?? [], hpa.status?.currentMetrics ?? [])),
    text('MinPods', (hpa) => (hpa.spec.minReplicas === undefined ? '<unset>' : String(hpa.spec.minReplicas))),
    text('MaxPods', (hpa) => hpa.spec.maxReplicas),
    text('Replicas', (hpa) => hpa.status?.currentReplicas ?? 0),
    ageColumn,
  ],
});

export const HorizontalPodAutoscalers = resourceOf(horizontalPodAutoscaler);
