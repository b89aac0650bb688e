import { expect, test } from 'vitest';
import type { MetricSpec, MetricStatus } from '../../types/autoscaling.v2.ts';
import { targetsText } from './hpa-columns.ts';

/** Rows of upstream's TestPrintHPA, with the prefix that resource metrics have since 1.30. */
const rows: [name: string, targets: string, specs: MetricSpec[], statuses: MetricStatus[]][] = [
  ["minReplicas unset", "<none>", [], []],
  ["external, average value", "50m/100m (avg)", [{"external": {"metric": {"name": "some-external-metric", "selector": {"matchLabels": {"label": "value"}}}, "target": {"averageValue": "100m", "type": "AverageValue"}}, "type": "External"}], [{"external": {"current": {"averageValue": "50m"}, "metric": {"name": "some-external-metric", "selector": {"matchLabels": {"label": "value"}}}}, "type": "External"}]],
  ["external, value", "50m/100m", [{"external": {"metric": {"name": "some-external-metric", "selector": {"matchLabels": {"label": "value"}}}, "target": {"type": "Value", "value": "100m"}}, "type": "External"}], [{"external": {"current": {"value": "50m"}, "metric": {"name": "some-external-metric"}}, "type": "External"}]],
  ["pods", "50m/100m", [{"pods": {"metric": {"name": "some-pods-metric"}, "target": {"averageValue": "100m", "type": "AverageValue"}}, "type": "Pods"}], [{"pods": {"current": {"averageValue": "50m"}, "metric": {"name": "some-pods-metric"}}, "type": "Pods"}]],
  ["object", "50m/100m", [{"object": {"describedObject": {"kind": "Service", "name": "some-service"}, "metric": {"name": "some-service-metric"}, "target": {"type": "Value", "value": "100m"}}, "type": "Object"}], [{"object": {"current": {"value": "50m"}, "describedObject": {"kind": "Service", "name": "some-service"}, "metric": {"name": "some-service-metric"}}, "type": "Object"}]],
  ["resource averageValue", "cpu: 50m/100m", [{"resource": {"name": "cpu", "target": {"averageValue": "100m", "type": "AverageValue"}}, "type": "Resource"}], [{"resource": {"current": {"averageValue": "50m"}, "name": "cpu"}, "type": "Resource"}]],
  ["resource utilization", "cpu: 50%/80%", [{"resource": {"name": "cpu", "target": {"averageUtilization": 80, "type": "Utilization"}}, "type": "Resource"}], [{"resource": {"current": {"averageUtilization": 50, "averageValue": "40m"}, "name": "cpu"}, "type": "Resource"}]],
  ["container resource averageValue", "cpu: 50m/100m", [{"containerResource": {"container": "c", "name": "cpu", "target": {"averageValue": "100m", "type": "AverageValue"}}, "type": "ContainerResource"}], [{"containerResource": {"container": "application", "current": {"averageValue": "50m"}, "name": "cpu"}, "type": "ContainerResource"}]],
  ["container resource utilization", "cpu: 50%/80%", [{"containerResource": {"container": "c", "name": "cpu", "target": {"averageUtilization": 80, "type": "Utilization"}}, "type": "ContainerResource"}], [{"containerResource": {"container": "application", "current": {"averageUtilization": 50, "averageValue": "40m"}, "name": "cpu"}, "type": "ContainerResource"}]],
];

test.each(rows)('TARGETS: %s', (_name, targets, specs, statuses) => {
  expect(targetsText(specs, statuses)).toBe(targets);
});
