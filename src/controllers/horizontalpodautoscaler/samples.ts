import type { Pod } from '../../api/types/core.v1.ts';
import { podCondition } from '../pods.ts';
import { milliOf } from './numbers.ts';

/** One pod's value of a metric, in thousandths; times in ms. */
export interface Sample {
  readonly value: number;
  readonly timestamp: number;
  readonly windowMs: number;
}

export type Samples = ReadonlyMap<string, Sample>;

export interface PodGroups {
  readonly ready: readonly string[];
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
}

/** How long a pod's CPU counts for nothing after its start, and how long its first un-readiness may last, in ms. */
export interface Readiness {
  readonly cpuInitializationMs: number;
  readonly initialReadinessMs: number;
}

/** Sorts pods by what their samples are worth; the first rule that fits decides (replica_calculator.go groupPods). */
export function groupPods(pods: readonly Pod[], samples: Samples, resource: string, readiness: Readiness, now: number): PodGroups {
  const groups = { ready: [] as string[], unready: [] as string[], missing: [] as string[], ignored: [] as string[] };
  for (const pod of pods) groups[groupOf(pod, samples.get(pod.metadata.name ?? ''), resource, readiness, now)].push(pod.metadata.name ?? '');
  return groups;
}

function groupOf(pod: Pod, sample: Sample | undefined, resource: string, readiness: Readiness, now: number): keyof PodGroups {
  const phase = pod.status?.phase;
  // A finished pod, Succeeded as well as Failed, says nothing about load (kubernetes/kubernetes#141298).
  if (pod.metadata.deletionTimestamp !== undefined || phase === 'Failed' || phase === 'Succeeded') return 'ignored';
  if (phase === 'Pending') return 'unready';
  if (!sample) return 'missing';
  return resource === 'cpu' && cpuTooFresh(pod, sample, readiness, now) ? 'unready' : 'ready';
}

/** Whether a CPU sample shows a start rather than load. A pod that was ready once and is not any more still counts. */
function cpuTooFresh(pod: Pod, sample: Sample, { cpuInitializationMs, initialReadinessMs }: Readiness, now: number): boolean {
  const ready = podCondition(pod, 'Ready');
  const { startTime } = pod.status ?? {};
  if (!ready || startTime === undefined) return true;
  const started = Date.parse(startTime);
  const changed = Date.parse(ready.lastTransitionTime ?? '0001-01-01T00:00:00Z');
  if (started + cpuInitializationMs > now) return ready.status === 'False' || sample.timestamp < changed + sample.windowMs;
  return ready.status === 'False' && started + initialReadinessMs > changed;
}

/**
 * What each pod requests of a resource, in thousandths: its containers and sidecars together, or the one container that is named. A pod-level request stands for all.
 * Throws when a container asks for nothing, since no percentage can be had then.
 */
export function podRequests(pods: readonly Pod[], container: string, resource: string, podLevel: boolean): ReadonlyMap<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name ?? '', requestOf(pod, container, resource, podLevel)]));
}

const POD_LEVEL = ['cpu', 'memory'];

function requestOf(pod: Pod, container: string, resource: string, podLevel: boolean): number {
  const whole = pod.spec.resources?.requests;
  if (podLevel && container === '' && whole && Object.keys(whole).some((name) => POD_LEVEL.includes(name))) {
    if (whole[resource] === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${pod.metadata.name}`);
    return milliOf(whole[resource]);
  }
  const sidecars = (pod.spec.initContainers ?? []).filter((init) => init.restartPolicy === 'Always');
  let total = 0;
  for (const { name, resources } of [...pod.spec.containers, ...sidecars]) {
    if (container !== '' && container !== name) continue;
    const request = resources?.requests?.[resource];
    if (request === undefined) throw new Error(`missing request for ${resource} in container ${name} of Pod ${pod.metadata.name}`);
    total += milliOf(request);
  }
  return total;
}
