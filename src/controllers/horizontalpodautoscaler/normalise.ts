import type { HPAScalingRules } from '../../api/types/autoscaling.v2.ts';
import { changedWithin, reuseSlot, type Recommendation, type ScaleEvent } from './history.ts';
import { MAX_INT32 } from './numbers.ts';

/** A number of replicas and why it is that. */
export interface Limited {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

const WITHIN = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' };
const TOO_FEW = { reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' };
const TOO_MANY = { reason: 'TooManyReplicas', message: 'the desired replica count is more than the maximum replica count' };
const TOO_FAST_UP = { reason: 'ScaleUpLimit', message: 'the desired replica count is increasing faster than the maximum scale rate' };
const TOO_FAST_DOWN = { reason: 'ScaleDownLimit', message: 'the desired replica count is decreasing faster than the maximum scale rate' };

export interface Stabilised {
  readonly replicas: number;
  readonly recommendations: readonly Recommendation[];
}

/** Without `behavior`: the highest recommendation of the window; what is remembered is the one before that (horizontal.go stabilizeRecommendation). */
export function stabilise(recommendations: readonly Recommendation[], desired: number, windowMs: number, now: number): Stabilised {
  const old = (recommendation: Recommendation) => recommendation.at < now - windowMs;
  const replicas = recommendations.reduce((most, recommendation) => (old(recommendation) ? most : Math.max(most, recommendation.replicas)), desired);
  return { replicas, recommendations: reuseSlot(recommendations, { replicas: desired, at: now }, old) };
}

/** Without `behavior`: at most so many times the current size, or so many pods, and within the spec's bounds (convertDesiredReplicasWithRules). */
export function withinRules(current: number, desired: number, bounds: Bounds, growth: { readonly factor: number; readonly minimum: number }): Limited {
  const limit = Math.trunc(Math.max(growth.factor * current, growth.minimum));
  const allowed = bounds.max > limit ? limit : bounds.max;
  if (desired < bounds.min) return { replicas: bounds.min, ...TOO_FEW };
  if (desired > allowed) return { replicas: allowed, ...(bounds.max > limit ? TOO_FAST_UP : TOO_MANY) };
  return { replicas: desired, ...WITHIN };
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** With `behavior`: the current size, moved no further than every recommendation of each direction's window agrees on (stabilizeRecommendationWithBehaviors). */
export function stabiliseWithBehavior(recommendations: readonly Recommendation[], current: number, desired: number, windows: { readonly upMs: number; readonly downMs: number }, now: number): Stabilised {
  let up = desired;
  let down = desired;
  for (const { replicas, at } of recommendations) {
    if (at > now - windows.upMs) up = Math.min(up, replicas);
    if (at > now - windows.downMs) down = Math.max(down, replicas);
  }
  const oldest = now - Math.max(windows.upMs, windows.downMs);
  return { replicas: Math.min(Math.max(current, up), down), recommendations: reuseSlot(recommendations, { replicas: desired, at: now }, ({ at }) => at < oldest) };
}

/** With `behavior`: within the spec's bounds and as fast as the policies allow (convertDesiredReplicasWithBehaviorRate). */
export function withinRate(current: number, desired: number, bounds: Bounds, rules: { readonly up: HPAScalingRules; readonly down: HPAScalingRules }, events: Events, now: number): Limited {
  if (desired > current) {
    const limit = Math.max(scaleUpLimit(current, rules.up, events, now), current);
    const allowed = Math.min(bounds.max, limit);
    if (desired > allowed) return { replicas: allowed, ...(bounds.max > limit ? TOO_FAST_UP : TOO_MANY) };
  } else if (desired < current) {
    const limit = Math.min(scaleDownLimit(current, rules.down, events, now), current);
    const allowed = Math.max(bounds.min, limit);
    if (desired < allowed) return { replicas: allowed, ...(bounds.min < limit ? TOO_FAST_DOWN : TOO_FEW) };
  }
  return { replicas: desired, ...WITHIN };
}

export interface Events {
  readonly ups: readonly ScaleEvent[];
  readonly downs: readonly ScaleEvent[];
}

/** The most replicas that the policies let it grow to (calculateScaleUpLimitWithScalingRules). */
export function scaleUpLimit(current: number, rules: HPAScalingRules, events: Events, now: number): number {
  const grown = (start: number, type: string, value: number) => (type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100)));
  return policyLimit(current, rules, events, now, grown, rules.selectPolicy === 'Min' ? 'least' : 'most');
}

/** The fewest replicas that the policies let it shrink to (calculateScaleDownLimitWithBehaviors). */
export function scaleDownLimit(current: number, rules: HPAScalingRules, events: Events, now: number): number {
  const shrunk = (start: number, type: string, value: number) => (type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100)));
  return policyLimit(current, rules, events, now, shrunk, rules.selectPolicy === 'Min' ? 'most' : 'least');
}

/** Each policy counts from the size at the start of its period: the current one without what was added, and with what was removed, since. */
function policyLimit(current: number, rules: HPAScalingRules, { ups, downs }: Events, now: number, changed: (start: number, type: string, value: number) => number, pick: 'least' | 'most'): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const limits = (rules.policies ?? []).map(({ type, value, periodSeconds }) => changed(current - changedWithin(ups, periodSeconds, now) + changedWithin(downs, periodSeconds, now), type, value));
  return pick === 'most' ? Math.max(-MAX_INT32 - 1, ...limits) : Math.min(MAX_INT32, ...limits);
}
