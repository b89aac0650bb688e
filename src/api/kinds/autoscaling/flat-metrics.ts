import type { MetricIdentifier, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../types/autoscaling.v2.ts';
import type { MetricSpec as FlatSpec, MetricStatus as FlatStatus } from '../../types/autoscaling.v2beta1.ts';

/**
 * The flat form of metrics that autoscaling/v2beta1 had, and that autoscaling/v1 keeps in annotations (`targetAverageValue` instead of `target.averageValue`):
 * pkg/apis/autoscaling/v2beta1/conversion.go. Fields stand in upstream's order, so that annotations have upstream's text.
 */

const some = <T>(key: string, value: T | undefined) => (value === undefined || value === '' ? {} : { [key]: value });
const identifier = (name: string | undefined, selector: MetricIdentifier['selector']): MetricIdentifier => ({ name: name ?? '', ...(selector && { selector }) });
const utilizationOrAverage = (utilization: number | undefined, averageValue: string | undefined): MetricTarget => ({
  type: utilization === undefined ? 'AverageValue' : 'Utilization',
  ...some('averageValue', averageValue),
  ...some('averageUtilization', utilization),
});

export function unflattenSpec(flat: FlatSpec): MetricSpec {
  const { object, pods, resource, containerResource, external } = flat;
  return {
    type: flat.type ?? '',
    ...(object && {
      object: {
        describedObject: { kind: object.target?.kind ?? '', name: object.target?.name ?? '', ...some('apiVersion', object.target?.apiVersion) },
        target: { type: object.averageValue === undefined ? 'Value' : 'AverageValue', ...(object.averageValue === undefined && { value: object.targetValue ?? '0' }), ...some('averageValue', object.averageValue) },
        metric: identifier(object.metricName, object.selector),
      },
    }),
    ...(pods && { pods: { metric: identifier(pods.metricName, pods.selector), target: { type: 'AverageValue', averageValue: pods.targetAverageValue ?? '0' } } }),
    ...(resource && { resource: { name: resource.name ?? '', target: utilizationOrAverage(resource.targetAverageUtilization, resource.targetAverageValue) } }),
    ...(containerResource && {
      containerResource: { name: containerResource.name ?? '', target: utilizationOrAverage(containerResource.targetAverageUtilization, containerResource.targetAverageValue), container: containerResource.container ?? '' },
    }),
    ...(external && {
      external: {
        metric: identifier(external.metricName, external.metricSelector),
        target: { type: external.targetValue === undefined ? 'AverageValue' : 'Value', ...some('value', external.targetValue), ...some('averageValue', external.targetAverageValue) },
      },
    }),
  };
}

export function flattenSpec(spec: MetricSpec): FlatSpec {
  const { object, pods, resource, containerResource, external } = spec;
  const resourceTarget = (target: MetricTarget) => ({ ...some('targetAverageUtilization', target.averageUtilization), ...some('targetAverageValue', target.averageValue) });
  return {
    type: spec.type,
    ...(object && {
      object: { target: object.describedObject, metricName: object.metric.name, targetValue: object.target.value ?? '0', ...some('selector', object.metric.selector), ...some('averageValue', object.target.averageValue) },
    }),
    ...(pods && { pods: { metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? '0', ...some('selector', pods.metric.selector) } }),
    ...(resource && { resource: { name: resource.name, ...resourceTarget(resource.target) } }),
    ...(containerResource && { containerResource: { name: containerResource.name, ...resourceTarget(containerResource.target), container: containerResource.container } }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        ...some('metricSelector', external.metric.selector),
        ...some('targetValue', external.target.value),
        ...some('targetAverageValue', external.target.averageValue),
      },
    }),
  };
}

export function unflattenStatus(flat: FlatStatus): MetricStatus {
  const { object, pods, resource, containerResource, external } = flat;
  const usage = (of: { currentAverageUtilization?: number; currentAverageValue?: string }): MetricValueStatus => ({
    averageValue: of.currentAverageValue ?? '0',
    ...some('averageUtilization', of.currentAverageUtilization),
  });
  return {
    type: flat.type ?? '',
    ...(object && {
      object: {
        metric: identifier(object.metricName, object.selector),
        current: { value: object.currentValue ?? '0', ...some('averageValue', object.averageValue) },
        describedObject: { kind: object.target?.kind ?? '', name: object.target?.name ?? '', ...some('apiVersion', object.target?.apiVersion) },
      },
    }),
    ...(pods && { pods: { metric: identifier(pods.metricName, pods.selector), current: { averageValue: pods.currentAverageValue ?? '0' } } }),
    ...(resource && { resource: { name: resource.name ?? '', current: usage(resource) } }),
    ...(containerResource && { containerResource: { name: containerResource.name ?? '', current: usage(containerResource), container: containerResource.container ?? '' } }),
    ...(external && { external: { metric: identifier(external.metricName, external.metricSelector), current: { value: external.currentValue ?? '0', ...some('averageValue', external.currentAverageValue) } } }),
  };
}

export function flattenStatus(status: MetricStatus): FlatStatus {
  const { object, pods, resource, containerResource, external } = status;
  const usage = (current: MetricValueStatus) => ({ ...some('currentAverageUtilization', current.averageUtilization), currentAverageValue: current.averageValue ?? '0' });
  return {
    type: status.type,
    ...(object && {
      object: { target: object.describedObject, metricName: object.metric.name, currentValue: object.current.value ?? '0', ...some('selector', object.metric.selector), ...some('averageValue', object.current.averageValue) },
    }),
    ...(pods && { pods: { metricName: pods.metric.name, currentAverageValue: pods.current.averageValue ?? '0', ...some('selector', pods.metric.selector) } }),
    ...(resource && { resource: { name: resource.name, ...usage(resource.current) } }),
    ...(containerResource && { containerResource: { name: containerResource.name, ...usage(containerResource.current), container: containerResource.container } }),
    ...(external && {
      external: { metricName: external.metric.name, ...some('metricSelector', external.metric.selector), currentValue: external.current.value ?? '0', ...some('currentAverageValue', external.current.averageValue) },
    }),
  };
}
