import type { HorizontalPodAutoscaler } from '../../types/autoscaling.v2.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const horizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'autoscaling', version: 'v2', message: 'autoscaling/v2.HorizontalPodAutoscaler' },
  status: true,
});

export const HorizontalPodAutoscalers = resourceOf(horizontalPodAutoscaler);
