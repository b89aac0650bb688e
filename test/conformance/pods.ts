import type { Pod } from '../../src/api/types/core.v1.ts';
import type { Sample } from '../../src/controllers/horizontalpodautoscaler/samples.ts';
import { fields, list, number, text, time, timeText, type Fields, type Json } from './format.ts';

/** A pod as the cases write it. */
export function podOf(given: Fields, namespace = 'test-namespace'): Pod {
  const condition = 'readyCondition' in given ? given['readyCondition'] : given['ready'] == null ? null : { status: given['ready'], lastTransitionTime: given['readyLastTransitionTime'] ?? null };
  const ready = condition === null || condition === undefined ? undefined : fields(condition as Json);
  const container = (c: Fields) => ({
    name: text(c['name']),
    ...(c['cpuRequestMilli'] !== undefined && { resources: { requests: { cpu: `${number(c['cpuRequestMilli'])}m` } } }),
    ...(c['restartPolicy'] && { restartPolicy: text(c['restartPolicy']) }),
  });
  const podLevel = given['podLevelCpuRequestMilli'];
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name: text(given['name']), namespace, labels: fields(given['labels']) as Record<string, string>, ...(given['deleting'] === true && { deletionTimestamp: '2025-12-31T23:59:00Z' }) },
    spec: {
      containers: list(given['containers']).map(container),
      ...(given['initContainers'] !== undefined && { initContainers: list(given['initContainers']).map(container) }),
      ...(podLevel !== undefined && podLevel !== null && { resources: { requests: { cpu: `${number(podLevel)}m` } } }),
    },
    status: {
      phase: text(given['phase']) as never,
      ...(given['startTime'] != null && { startTime: timeText(given['startTime']) }),
      ...(ready && { conditions: [{ type: 'Ready', status: text(ready['status']), ...(ready['lastTransitionTime'] != null && { lastTransitionTime: timeText(ready['lastTransitionTime']) }) }] }),
    },
  };
}

/** What metrics.k8s.io says of pods, summed or of one container (metrics/client.go). */
export function resourceSamples(given: Json | undefined, resource: string, container: string): Map<string, Sample> {
  const samples = new Map<string, Sample>();
  for (const pod of list(given)) {
    const containers = list(pod['containers']).filter((c) => container === '' || c['name'] === container);
    const values = containers.map((c) => (resource === 'memory' ? (c['memoryBytes'] === undefined ? undefined : number(c['memoryBytes']) * 1000) : c['cpuMilli']));
    if (values.length === 0 || values.some((value) => value === undefined || value === null)) continue;
    samples.set(text(pod['pod']), { value: values.reduce<number>((sum, value) => sum + number(value as Json), 0), timestamp: time(pod['timestamp']), windowMs: number(pod['windowSeconds']) * 1000 });
  }
  return samples;
}

/** A custom metric of each pod. */
export function customSamples(given: Json | undefined): Map<string, Sample> {
  return new Map(Object.entries(fields(given)).map(([pod, value]) => [pod, { value: number(value), timestamp: time('zero'), windowMs: 60_000 }]));
}
