import type { FieldError } from '../../errors.ts';
import type { CrossVersionObjectReference, HorizontalPodAutoscaler, HPAScalingRules, MetricIdentifier, MetricSpec, MetricTarget } from '../../types/autoscaling.v2.ts';
import { each, forbidden, invalid, invalidEach, nonNegative, oneOf, required, unsupported } from '../../validation/field.ts';
import { dns1123Label, pathSegment } from '../../validation/formats.ts';
import { nonNegativeQuantity, quantityOrUndefined } from '../../validation/values.ts';
import { containerResourceName } from '../core/resource-validation.ts';

/** Validation of autoscalers: pkg/apis/autoscaling/validation/validation.go, with HPAScaleToZero on as it is since 1.37: minReplicas 0 needs a metric that exists without pods. */
export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const { minReplicas, maxReplicas = 0, metrics = [] } = spec;
  const toZero = minReplicas === 0 && !metrics.some((metric) => metric.type === 'Object' || metric.type === 'External');
  return [
    ...(minReplicas !== undefined && minReplicas < 0 ? [invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1')] : []),
    ...(maxReplicas < 1 ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0')] : []),
    ...(minReplicas !== undefined && maxReplicas < minReplicas ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')] : []),
    ...validateReference(spec.scaleTargetRef, 'spec.scaleTargetRef'),
    ...each(metrics, 'spec.metrics', validateMetric),
    ...(toZero ? [forbidden('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas')] : []),
    ...validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

export function validateAutoscalerStatus({ status }: HorizontalPodAutoscaler): FieldError[] {
  return [...nonNegative('status.currentReplicas', status?.currentReplicas), ...nonNegative('status.desiredReplicas', status?.desiredReplicas)];
}

function validateReference(ref: CrossVersionObjectReference | undefined, at: string): FieldError[] {
  return (['kind', 'name'] as const).flatMap((field) => (ref?.[field] ? invalidEach(`${at}.${field}`, ref[field], pathSegment(ref[field])) : [required(`${at}.${field}`)]));
}

const SOURCES = { Object: 'object', External: 'external', Pods: 'pods', Resource: 'resource', ContainerResource: 'containerResource' } as const;
const TYPES = Object.keys(SOURCES).sort();

function validateMetric(metric: MetricSpec, at: string): FieldError[] {
  const errors = metric.type ? [] : [required(`${at}.type`, 'must specify a metric source type')];
  const present = Object.values(SOURCES).filter((source) => metric[source] !== undefined);
  if (present[0]) errors.push(...validateSource(metric, present[0], `${at}.${present[0]}`));
  const expected = Object.hasOwn(SOURCES, metric.type ?? '') ? SOURCES[metric.type as keyof typeof SOURCES] : undefined;
  if (expected === undefined) errors.push(unsupported(`${at}.type`, metric.type ?? '', TYPES));
  else if (metric[expected] === undefined) errors.push(required(`${at}.${expected}`, 'must populate information for the given metric source'));
  if (present.length === 1) return errors;
  return [...errors, ...present.filter((source) => source !== expected).map((source) => forbidden(`${at}.${source}`, 'must populate the given metric source only'))];
}

function validateSource(metric: MetricSpec, source: (typeof SOURCES)[keyof typeof SOURCES], at: string): FieldError[] {
  const target = metric[source]?.target;
  const errors: FieldError[] = [];
  switch (source) {
    case 'object':
      errors.push(...validateReference(metric.object?.describedObject, `${at}.describedObject`), ...validateIdentifier(metric.object?.metric, `${at}.metric`), ...validateTarget(target, `${at}.target`));
      if (target?.value === undefined && target?.averageValue === undefined) errors.push(required(`${at}.target.averageValue`, 'must set either a target value or averageValue'));
      return errors;
    case 'external':
      errors.push(...validateIdentifier(metric.external?.metric, `${at}.metric`), ...validateTarget(target, `${at}.target`));
      if (target?.value === undefined && target?.averageValue === undefined) errors.push(required(`${at}.target.averageValue`, 'must set either a target value for metric or a per-pod target'));
      if (target?.value !== undefined && target.averageValue !== undefined) errors.push(forbidden(`${at}.target.value`, 'may not set both a target value for metric and a per-pod target'));
      return errors;
    case 'pods':
      errors.push(...validateIdentifier(metric.pods?.metric, `${at}.metric`), ...validateTarget(target, `${at}.target`));
      if (target?.averageValue === undefined) errors.push(required(`${at}.target.averageValue`, 'must specify a positive target averageValue'));
      return errors;
    default: {
      const name = metric[source]?.name;
      if (!name) errors.push(required(`${at}.name`, 'must specify a resource name'));
      if (source === 'containerResource') {
        const container = metric.containerResource?.container;
        if (name) errors.push(...containerResourceName(name, `${at}.name`));
        errors.push(...(container ? invalidEach(`${at}.container`, container, dns1123Label(container)) : [required(`${at}.container`, 'must specify a container')]));
      }
      errors.push(...validateTarget(target, `${at}.target`));
      if (target?.averageUtilization === undefined && target?.averageValue === undefined) errors.push(required(`${at}.target.averageUtilization`, 'must set either a target raw value or a target utilization'));
      if (target?.averageUtilization !== undefined && target.averageValue !== undefined) errors.push(forbidden(`${at}.target.averageValue`, 'may not set both a target raw value and a target utilization'));
      return errors;
    }
  }
}

function validateIdentifier(id: MetricIdentifier | undefined, at: string): FieldError[] {
  return id?.name ? invalidEach(`${at}.name`, id.name, pathSegment(id.name)) : [required(`${at}.name`, 'must specify a metric name')];
}

function validateTarget(target: MetricTarget | undefined, at: string): FieldError[] {
  const { type = '', value, averageValue, averageUtilization } = target ?? {};
  const positive = (text: string | undefined, path: string): FieldError[] => {
    const amount = quantityOrUndefined(text);
    return text !== undefined && (amount === undefined || amount.nanos <= 0n) ? [invalid(path, text, 'must be positive')] : [];
  };
  return [
    ...(type === '' ? [required(`${at}.type`, 'must specify a metric target type')] : []),
    ...(['Utilization', 'Value', 'AverageValue'].includes(type) ? [] : [invalid(`${at}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...positive(value, `${at}.value`),
    ...positive(averageValue, `${at}.averageValue`),
    ...(averageUtilization !== undefined && averageUtilization < 1 ? [invalid(`${at}.averageUtilization`, averageUtilization, 'must be greater than 0')] : []),
  ];
}

const LONGEST_WINDOW = 3600;
const LONGEST_PERIOD = 1800;

function validateRules(rules: HPAScalingRules | undefined, at: string): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules;
  return [
    ...(window < 0 ? [invalid(`${at}.stabilizationWindowSeconds`, window, 'must be greater than or equal to zero')] : []),
    ...(window > LONGEST_WINDOW ? [invalid(`${at}.stabilizationWindowSeconds`, window, `must be less than or equal to ${LONGEST_WINDOW}`)] : []),
    ...(selectPolicy === undefined ? [] : oneOf(`${at}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min'])),
    ...(policies.length === 0 ? [required(`${at}.policies`, 'must specify at least one Policy')] : []),
    ...each(policies, `${at}.policies`, ({ type, value = 0, periodSeconds = 0 }, path) => [
      ...oneOf(`${path}.type`, type, ['Percent', 'Pods']),
      ...(value <= 0 ? [invalid(`${path}.value`, value, 'must be greater than zero')] : []),
      ...(periodSeconds <= 0 ? [invalid(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero')] : []),
      ...(periodSeconds > LONGEST_PERIOD ? [invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${LONGEST_PERIOD}`)] : []),
    ]),
    ...(tolerance === undefined ? [] : nonNegativeQuantity(tolerance, `${at}.tolerance`)),
  ];
}
