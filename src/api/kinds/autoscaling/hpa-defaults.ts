import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../types/autoscaling.v2.ts';

/** Defaults of autoscalers: pkg/apis/autoscaling/v2/defaults.go. */
export function defaultAutoscaler(hpa: HorizontalPodAutoscaler): void {
  const spec = (hpa.spec ??= { scaleTargetRef: { kind: '', name: '' }, maxReplicas: 0 });
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0) spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
  if (spec.behavior) {
    spec.behavior.scaleUp = scaleUpRules(spec.behavior.scaleUp);
    spec.behavior.scaleDown = scaleDownRules(spec.behavior.scaleDown);
  }
}

/** The rules for growing, with what is not said filled in: at most 4 pods or 100 % in 15 s, whichever is more. */
function scaleUpRules(given: HPAScalingRules | undefined): HPAScalingRules {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }],
    ...present(given),
  };
}

/** The rules for shrinking: 100 % in 15 s. The stabilisation window is the controller's when it is not said. */
function scaleDownRules(given: HPAScalingRules | undefined): HPAScalingRules {
  return { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }], ...present(given) };
}

function present(given: HPAScalingRules | undefined): HPAScalingRules {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== null));
}
