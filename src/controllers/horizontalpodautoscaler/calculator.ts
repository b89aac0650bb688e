import type { Pod } from '../../api/types/core.v1.ts';
import { isReady } from '../pods.ts';
import { ceilToInt32, MAX_INT32, MAX_INT64, mulDiv, perPodUsage, saturatingSum } from './numbers.ts';
import { groupPods, podRequests, type PodGroups, type Readiness, type Samples } from './samples.ts';

/** The dead band around ratio 1: nothing moves while 1 - down <= ratio <= 1 + up. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

/** What one metric asks for, and how it came to that. */
export interface Calculation {
  readonly replicas: number;
  /** Percent of the requests, for utilisation targets. */
  readonly utilization?: number;
  /** The average (or for Object and External the value) that status shows, in thousandths; from before anything is filled in. */
  readonly usage: number;
  readonly ratio: number;
  /** The ratio after missing and unready pods were filled in, where that was needed. */
  readonly filledRatio?: number;
  readonly groups?: PodGroups;
}

export interface PodsInput {
  readonly current: number;
  readonly pods: readonly Pod[];
  readonly samples: Samples;
  readonly resource: string;
  readonly tolerances: Tolerances;
  readonly readiness: Readiness;
  readonly now: number;
}

type Ratio = (values: ReadonlyMap<string, number>) => { readonly ratio: number; readonly usage: number; readonly utilization?: number };

/** Replicas for a target percentage of the requests (replica_calculator.go GetResourceReplicas). */
export function forUtilization(input: PodsInput & { readonly target: number; readonly container: string; readonly podLevelResources: boolean }): Calculation {
  const { pods, container, resource, target } = input;
  let requests: ReadonlyMap<string, number> = new Map();
  const fallback = (pod: string) => mulDiv(requests.get(pod) ?? 0, Math.max(100, target), 100);
  return forPods(input, (values) => utilizationRatio(values, requests, target), fallback, () => {
    requests = podRequests(pods, container, resource, input.podLevelResources);
  });
}

/** Replicas for a target average per pod, in thousandths (GetRawResourceReplicas, GetMetricReplicas). */
export function forAverage(input: PodsInput & { readonly target: number }): Calculation {
  return forPods(input, (values) => usageRatio(values, input.target), () => input.target, () => {});
}

/**
 * The rule for metrics of pods: the ratio of use to target times the pods that were measured. Pods without a sample count as if they would hold the change back: at the
 * target on the way down, at nothing on the way up, where unready ones count as nothing too; a change that this turns around does not happen.
 */
function forPods(input: PodsInput, ratioOf: Ratio, fallback: (pod: string) => number, prepare: () => void): Calculation {
  const { current, pods, samples, resource, tolerances, readiness, now } = input;
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count');
  const groups = groupPods(pods, samples, resource, readiness, now);
  const values = new Map([...samples].map(([pod, sample]) => [pod, sample.value]));
  for (const pod of [...groups.ignored, ...groups.unready]) values.delete(pod);
  if (values.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)');
  prepare();
  const measured = ratioOf(values);
  const result = { ...measured, groups };
  const withUnready = groups.unready.length > 0 && measured.ratio > 1;
  if (!withUnready && groups.missing.length === 0) {
    const replicas = isWithin(tolerances, measured.ratio) ? current : ceilToInt32(measured.ratio * groups.ready.length);
    return { ...result, replicas };
  }
  if (measured.ratio < 1) for (const pod of groups.missing) values.set(pod, fallback(pod));
  if (measured.ratio > 1) for (const pod of groups.missing) values.set(pod, 0);
  if (withUnready) for (const pod of groups.unready) values.set(pod, 0);
  const filledRatio = ratioOf(values).ratio;
  const replicas = ceilToInt32(filledRatio * values.size);
  const turned = (measured.ratio < 1 && filledRatio > 1) || (measured.ratio > 1 && filledRatio < 1);
  const backwards = (filledRatio < 1 && replicas > current) || (filledRatio > 1 && replicas < current);
  return { ...result, filledRatio, replicas: isWithin(tolerances, filledRatio) || turned || backwards ? current : replicas };
}

function isWithin({ up, down }: Tolerances, ratio: number): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

/** Use over requests as whole percent, over pods that have both; its ratio to the target; the average use (metrics/utilization.go). */
export function utilizationRatio(values: ReadonlyMap<string, number>, requests: ReadonlyMap<string, number>, target: number) {
  let used = 0;
  let requested = 0;
  let count = 0;
  for (const [pod, value] of values) {
    const request = requests.get(pod);
    if (request === undefined) continue;
    used += value;
    requested += request;
    count++;
  }
  if (requested === 0) throw new Error('no metrics returned matched known pods');
  const utilization = Math.min(mulDiv(used, 100, requested), MAX_INT32);
  return { ratio: utilization / target, utilization, usage: Math.trunc(used / count) };
}

/** The average over all pods and its ratio to the target (metrics/utilization.go GetMetricUsageRatio). */
export function usageRatio(values: ReadonlyMap<string, number>, target: number) {
  const usage = Math.trunc(saturatingSum(values.values()) / values.size);
  return { ratio: usage / target, usage };
}

/** Replicas for one value of an object or outside the cluster; from zero there is no dead band and no pod to multiply with (getUsageRatioReplicaCount). */
export function forValue(input: { current: number; usage: number; target: number; tolerances: Tolerances; pods: readonly Pod[] }): Calculation {
  const { current, target, tolerances, pods } = input;
  const usage = Math.min(input.usage, MAX_INT64);
  const ratio = usage / target;
  if (current === 0) return { replicas: ceilToInt32(ratio), usage, ratio };
  if (isWithin(tolerances, ratio)) return { replicas: current, usage, ratio };
  if (pods.length === 0) throw new Error('unable to calculate ready pods: no pods returned by selector while calculating replica count');
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod)).length;
  return { replicas: ceilToInt32(ratio * ready), usage, ratio };
}

/** Replicas for a value that is to be shared out among the replicas (GetObjectPerPodMetricReplicas, GetExternalPerPodMetricReplicas). */
export function forValuePerPod(input: { statusReplicas: number; usage: number; target: number; tolerances: Tolerances }): Calculation {
  const { statusReplicas, target, tolerances } = input;
  const total = Math.min(input.usage, MAX_INT64);
  const ratio = total / (target * statusReplicas);
  return { replicas: isWithin(tolerances, ratio) ? statusReplicas : ceilToInt32(total / target), usage: perPodUsage(total, statusReplicas), ratio };
}
