import type { ConvertedVersion } from '../../kind.ts';
import type { HorizontalPodAutoscaler as V1 } from '../../types/autoscaling.v1.ts';
import type { HorizontalPodAutoscaler, HPAScalingRules, HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerCondition, MetricSpec } from '../../types/autoscaling.v2.ts';
import type { HorizontalPodAutoscaler as V2beta1, MetricSpec as FlatSpec, MetricStatus as FlatStatus } from '../../types/autoscaling.v2beta1.ts';
import type { HorizontalPodAutoscaler as V2beta2 } from '../../types/autoscaling.v2beta2.ts';
import { convertedVersion, oldVersion, withAnnotations, withoutAnnotations } from '../conversion.ts';
import { flattenSpec, flattenStatus, unflattenSpec, unflattenStatus } from './flat-metrics.ts';

/** What older versions cannot say travels in annotations: pkg/apis/autoscaling/{annotations.go,v1/conversion.go,v2beta1/conversion.go,v2beta2/conversion.go}. */

const STORED = { group: 'autoscaling', version: 'v2' };
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';
const TOLERANCE_DOWN = 'autoscaling.alpha.kubernetes.io/scale-down-tolerance';
const TOLERANCE_UP = 'autoscaling.alpha.kubernetes.io/scale-up-tolerance';
const CARRIERS = new Set([METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR, TOLERANCE_DOWN, TOLERANCE_UP]);

const withoutCarriers = <T extends V1 | V2beta1 | V2beta2 | HorizontalPodAutoscaler>(hpa: T): T => withoutAnnotations(hpa, (key) => CARRIERS.has(key));

/** An annotation's JSON list or object; what does not parse is as if it were not there. */
function carried<T>(hpa: { metadata: { annotations?: Record<string, string> } }, key: string): T | undefined {
  const text = hpa.metadata.annotations?.[key];
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

/** Upstream writes its internal struct: every field, capitalised, null when unset. */
function behaviorText(behavior: HorizontalPodAutoscalerBehavior): string {
  const rules = (of: HPAScalingRules | undefined) =>
    of
      ? {
        StabilizationWindowSeconds: of.stabilizationWindowSeconds ?? null,
        SelectPolicy: of.selectPolicy ?? null,
        Policies: of.policies?.map((policy) => ({ Type: policy.type, Value: policy.value, PeriodSeconds: policy.periodSeconds })) ?? null,
        Tolerance: of.tolerance ?? null,
      }
      : null;
  return JSON.stringify({ ScaleUp: rules(behavior.scaleUp), ScaleDown: rules(behavior.scaleDown) });
}

function carriedBehavior(hpa: V1 | V2beta1): HorizontalPodAutoscalerBehavior | undefined {
  const raw = carried<Record<string, unknown>>(hpa, BEHAVIOR);
  const behavior = raw && (uncapitalised(raw) as HorizontalPodAutoscalerBehavior);
  return behavior?.scaleUp || behavior?.scaleDown ? behavior : undefined;
}

function uncapitalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(uncapitalised);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key.charAt(0).toLowerCase() + key.slice(1), uncapitalised(inner)]));
}

const isCpuUtilization = (metric: MetricSpec) => metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.target.averageUtilization !== undefined;
const cpuUtilization = (percent: number): MetricSpec => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } });

function fromV1(old: V1): HorizontalPodAutoscaler {
  const { targetCPUUtilizationPercentage: percent, ...spec } = old.spec ?? ({} as V1['spec']);
  const { currentCPUUtilizationPercentage: current, ...status } = old.status ?? { currentReplicas: 0, desiredReplicas: 0 };
  const others = carried<FlatSpec[]>(old, METRICS)?.map(unflattenSpec) ?? [];
  const metrics = [...others, ...(percent === undefined ? [] : [cpuUtilization(percent)])];
  const currentMetrics = carried<FlatStatus[]>(old, CURRENT_METRICS)?.map(unflattenStatus)
    ?? (current === undefined ? undefined : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }]);
  const conditions = carried<HorizontalPodAutoscalerCondition[]>(old, CONDITIONS);
  const behavior = carriedBehavior(old);
  return {
    ...withoutCarriers(old),
    spec: { ...spec, ...(metrics.length > 0 && { metrics }), ...(behavior && { behavior }) },
    ...(old.status && { status: { ...status, ...(currentMetrics && { currentMetrics }), ...(conditions && { conditions }) } }),
  };
}

function toV1(hpa: HorizontalPodAutoscaler): V1 {
  const { metrics = [], behavior, ...spec } = hpa.spec ?? ({} as HorizontalPodAutoscaler['spec']);
  const { currentMetrics = [], conditions = [], ...status } = hpa.status ?? { desiredReplicas: 0 };
  const others = metrics.filter((metric) => !isCpuUtilization(metric)).map(flattenSpec);
  const percent = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization;
  const current = currentMetrics.find((metric) => metric.type === 'Resource' && metric.resource?.name === 'cpu')?.resource?.current.averageUtilization;
  const { status: _status, ...rest } = withoutCarriers(hpa);
  const plain: V1 = {
    ...rest,
    spec: { ...spec, ...(percent !== undefined && { targetCPUUtilizationPercentage: percent }) },
    ...(hpa.status && { status: { currentReplicas: 0, ...status, ...(current !== undefined && { currentCPUUtilizationPercentage: current }) } }),
  };
  return withAnnotations(plain, {
    ...(others.length > 0 && { [METRICS]: JSON.stringify(others) }),
    ...(currentMetrics.length > 0 && { [CURRENT_METRICS]: JSON.stringify(currentMetrics.map(flattenStatus)) }),
    ...(behavior && { [BEHAVIOR]: behaviorText(behavior) }),
    ...(conditions.length > 0 && { [CONDITIONS]: JSON.stringify(conditions) }),
  });
}

function fromV2beta1(old: V2beta1): HorizontalPodAutoscaler {
  const { metrics, ...spec } = old.spec ?? {};
  const { currentMetrics, ...status } = old.status ?? {};
  const behavior = carriedBehavior(old);
  return {
    ...withoutCarriers(old),
    spec: { ...spec, ...(metrics && { metrics: metrics.map(unflattenSpec) }), ...(behavior && { behavior }) },
    ...(old.status && { status: { ...status, ...(currentMetrics && { currentMetrics: currentMetrics.map(unflattenStatus) }) } }),
  } as HorizontalPodAutoscaler;
}

function toV2beta1(hpa: HorizontalPodAutoscaler): V2beta1 {
  const { metrics, behavior, ...spec } = hpa.spec ?? ({} as HorizontalPodAutoscaler['spec']);
  const { currentMetrics, ...status } = hpa.status ?? { desiredReplicas: 0 };
  const { status: _status, ...rest } = withoutCarriers(hpa);
  const plain: V2beta1 = {
    ...rest,
    spec: { ...spec, ...(metrics && { metrics: metrics.map(flattenSpec) }) },
    ...(hpa.status && { status: { ...status, ...(currentMetrics && { currentMetrics: currentMetrics.map(flattenStatus) }) } }),
  };
  return behavior ? withAnnotations(plain, { [BEHAVIOR]: behaviorText(behavior) }) : plain;
}

/** v2beta2 is v2 without tolerances. */
function fromV2beta2(old: V2beta2): HorizontalPodAutoscaler {
  const up = old.metadata.annotations?.[TOLERANCE_UP];
  const down = old.metadata.annotations?.[TOLERANCE_DOWN];
  const plain = withoutCarriers(old) as HorizontalPodAutoscaler;
  if (up === undefined && down === undefined) return plain;
  const behavior = { ...plain.spec.behavior };
  if (up !== undefined) behavior.scaleUp = { ...behavior.scaleUp, tolerance: up };
  if (down !== undefined) behavior.scaleDown = { ...behavior.scaleDown, tolerance: down };
  return { ...plain, spec: { ...plain.spec, behavior } };
}

function toV2beta2(hpa: HorizontalPodAutoscaler): V2beta2 {
  const { scaleUp, scaleDown } = hpa.spec?.behavior ?? {};
  const plain = withoutCarriers(hpa);
  if (scaleUp?.tolerance === undefined && scaleDown?.tolerance === undefined) return plain;
  const withoutTolerance = ({ tolerance: _tolerance, ...rules }: HPAScalingRules) => rules;
  const behavior = { ...(scaleUp && { scaleUp: withoutTolerance(scaleUp) }), ...(scaleDown && { scaleDown: withoutTolerance(scaleDown) }) };
  return withAnnotations({ ...plain, spec: { ...plain.spec, behavior } }, {
    ...(scaleUp?.tolerance !== undefined && { [TOLERANCE_UP]: scaleUp.tolerance }),
    ...(scaleDown?.tolerance !== undefined && { [TOLERANCE_DOWN]: scaleDown.tolerance }),
  });
}

const KIND = 'HorizontalPodAutoscaler';

export const oldAutoscalers: readonly ConvertedVersion[] = [
  convertedVersion({ group: 'autoscaling', version: 'v1', message: `autoscaling/v1.${KIND}` }, STORED, { toStorage: fromV1, fromStorage: toV1 }),
  convertedVersion(oldVersion('autoscaling', 'v2beta2', 'autoscaling/v2beta2', KIND, '1.23', '1.26', STORED), STORED, { toStorage: fromV2beta2, fromStorage: toV2beta2 }),
  convertedVersion(oldVersion('autoscaling', 'v2beta1', 'autoscaling/v2beta1', KIND, '1.22', '1.25', STORED), STORED, { toStorage: fromV2beta1, fromStorage: toV2beta1 }),
];
