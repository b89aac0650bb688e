import type { Deployment } from '../../api/types/apps.v1.ts';

/** A number, or a percentage of `total` rounded up or down (intstr.GetScaledValueFromIntOrPercent). */
export function scaledValue(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const match = /^(\d+)%$/.exec(value);
  if (!match) return /^\d+$/.test(value) ? Number(value) : 0;
  const exact = (Number(match[1]) * total) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/** How many pods a rollout may have above and lack below `replicas`. Both zero would stand still, so then one may be missing (deployment_util.go ResolveFenceposts). */
export interface Fenceposts {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

export function fenceposts(deployment: Deployment): Fenceposts {
  const replicas = deployment.spec.replicas ?? 1;
  if (deployment.spec.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge: surge = '25%', maxUnavailable: unavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const maxSurge = scaledValue(surge, replicas, 'up');
  const resolved = scaledValue(unavailable, replicas, 'down');
  const maxUnavailable = maxSurge === 0 && resolved === 0 ? 1 : resolved;
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}
