import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../types/autoscaling.v2.ts';
import { listWithMore } from '../columns.ts';

const UNKNOWN = '<unknown>';

/** kubectl's TARGETS: `cpu: 50%/80%, 3/10 + 1 more...` (formatHPAMetrics of printers.go). */
export function targetsText(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  return listWithMore(specs.map((spec, i) => targetText(spec, statuses[i])), 2, '<none>', ', ');
}

function targetText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
      return valueText(spec.external?.target, status?.external?.current);
    case 'Object':
      return valueText(spec.object?.target, status?.object?.current);
    case 'Pods':
      return `${status?.pods ? (status.pods.current.averageValue ?? '0') : UNKNOWN}/${spec.pods?.target.averageValue ?? '0'}`;
    case 'Resource':
      return resourceText(spec.resource, status?.resource);
    case 'ContainerResource':
      return resourceText(spec.containerResource, status?.containerResource);
    default:
      return '<unknown type>';
  }
}

function valueText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  return `${current ? (current.value ?? '0') : UNKNOWN}/${target?.value ?? '0'}`;
}

function resourceText(spec: { name: string; target: MetricTarget } | undefined, status: { current: MetricValueStatus } | undefined): string {
  const { name = '', target } = spec ?? {};
  if (target?.averageValue !== undefined) return `${name}: ${status ? (status.current.averageValue ?? '0') : UNKNOWN}/${target.averageValue}`;
  const percent = (value: number | undefined, otherwise: string) => (value === undefined ? otherwise : `${value}%`);
  return `${name}: ${percent(status?.current.averageUtilization, UNKNOWN)}/${percent(target?.averageUtilization, '<auto>')}`;
}
