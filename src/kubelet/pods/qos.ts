import type { Container, Pod, PodQOSClass } from '../../api/types/core.v1.ts';
import { milli } from '../quantity.ts';

const COMPUTE = ['cpu', 'memory'] as const;

/** The pod's class (apis/core/v1/helper/qos): Guaranteed = each container's cpu and memory limits equal its requests; BestEffort = none are given. */
export function qosClass(pod: Pod): PodQOSClass {
  const containers: readonly Container[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const given = (list: Record<string, string> | undefined, name: string) => {
    const value = list?.[name];
    return value !== undefined && milli(value) > 0 ? milli(value) : undefined;
  };
  const any = containers.some((c) => COMPUTE.some((r) => given(c.resources?.requests, r) !== undefined || given(c.resources?.limits, r) !== undefined));
  if (!any) return 'BestEffort';
  const whole = containers.every((c) => COMPUTE.every((r) => {
    const limit = given(c.resources?.limits, r);
    return limit !== undefined && (given(c.resources?.requests, r) ?? limit) === limit;
  }));
  return whole ? 'Guaranteed' : 'Burstable';
}
