import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricStatus } from '../../api/types/autoscaling.v2.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { rfc3339 } from '../../base/time.ts';
import type { Tolerances } from './calculator.ts';
import { hasCondition, setCondition, withoutCondition, type Conditions } from './conditions.ts';
import { withScaleEvent, type History } from './history.ts';
import { propose, type Failed, type Proposal, type Proposed, type Reading } from './metrics.ts';
import { milliOf } from './numbers.ts';
import { stabilise, stabiliseWithBehavior, withinRate, withinRules, type Limited } from './normalise.ts';
import type { AutoscalerSettings } from './settings.ts';

export interface Scale {
  readonly specReplicas: number;
  readonly statusReplicas: number;
  /** The selector's text; '' when the scale has none. */
  readonly selector: string;
}

/** What a reconcile saw of its target's pods and metrics; a problem with the selector comes in their place. */
export interface Measured {
  readonly pods: readonly Pod[];
  /** One a metric of the spec, in order. */
  readonly readings: readonly Reading[];
}

export interface SelectorProblem {
  readonly event: string;
  readonly reason: string;
  readonly eventMessage: string;
  readonly conditionMessage: string;
}

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What was decided, before anything is written. */
export interface Decision {
  readonly current: number;
  readonly desired: number;
  readonly rescale: boolean;
  /** Why it rescales; may be empty when stabilisation alone moves the size. */
  readonly reason: string;
  readonly conditions: Conditions;
  readonly metrics: readonly MetricStatus[] | undefined;
  readonly events: readonly EventText[];
  readonly history: History;
  /** Set when the metrics do not allow a decision; the size stays. */
  readonly failure?: string;
  /** Some metric failed, though the others were enough. */
  readonly partial?: boolean;
  readonly proposals: readonly Proposal[];
  readonly stabilised?: number;
  readonly limited?: Limited;
}

const MIN_DEFAULT = 1;

export const minReplicasOf = (hpa: HorizontalPodAutoscaler) => hpa.spec.minReplicas ?? MIN_DEFAULT;

/** Which case a reconcile is (horizontal.go reconcileAutoscaler): only `measure` reads metrics. */
export type Case = 'disabled' | 'aboveMax' | 'belowMin' | 'measure';

export function caseOf(hpa: HorizontalPodAutoscaler, current: number, scaleToZero: boolean): Case {
  const min = minReplicasOf(hpa);
  if (current === 0) {
    // Only what the autoscaler itself brought to zero comes back; what someone scaled to zero by hand stays there.
    const ours = hasCondition(hpa.status?.conditions ?? [], 'ScaledToZero', 'True');
    return scaleToZero && ours && (min !== 0 || hasMetricAtZero(hpa)) ? 'measure' : 'disabled';
  }
  if (current > hpa.spec.maxReplicas) return 'aboveMax';
  return current < min ? 'belowMin' : 'measure';
}

/** Whether scale to zero is on for this HPA. */
export function allowsZero(hpa: HorizontalPodAutoscaler, settings: AutoscalerSettings): boolean {
  if (settings.scaleToZero !== 'whenAsked') return settings.scaleToZero;
  return minReplicasOf(hpa) === 0 || (hpa.status?.conditions ?? []).some((condition) => condition.type === 'ScaledToZero');
}

/** Only metrics that exist without pods can bring a workload back from zero. */
const hasMetricAtZero = (hpa: HorizontalPodAutoscaler) => (hpa.spec.metrics ?? []).some(({ type }) => type === 'Object' || type === 'External');

/** Decides the size. `measured` is needed when the case is `measure`. */
export function decide(hpa: HorizontalPodAutoscaler, scale: Scale, measured: Measured | SelectorProblem | undefined, before: History, settings: AutoscalerSettings, now: number): Decision {
  const current = scale.specReplicas;
  const zero = allowsZero(hpa, settings);
  const history: History = { ...before, recommendations: before.recommendations ?? [{ replicas: current, at: now }] };
  const conditions = setCondition(hpa.status?.conditions ?? [], 'AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale", now);
  const plain: Decision = { current, desired: current, rescale: false, reason: '', conditions, metrics: undefined, events: [], history, proposals: [] };
  switch (caseOf(hpa, current, zero)) {
    case 'disabled': {
      const disabled = setCondition(conditions, 'ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero', now);
      return { ...plain, conditions: zero ? disabled : withoutCondition(disabled, 'ScaledToZero') };
    }
    case 'aboveMax': return { ...plain, desired: hpa.spec.maxReplicas, rescale: true, reason: 'Current number of replicas above Spec.MaxReplicas' };
    case 'belowMin': return { ...plain, desired: minReplicasOf(hpa), rescale: true, reason: 'Current number of replicas below Spec.MinReplicas' };
    case 'measure': {
      if (!measured) throw new Error('a decision by metrics needs them');
      return 'readings' in measured ? byMetrics(plain, hpa, scale, measured, settings, now) : selectorFailed(plain, measured, now);
    }
  }
}

function selectorFailed(plain: Decision, { event, reason, eventMessage, conditionMessage }: SelectorProblem, now: number): Decision {
  const events: EventText[] = [{ type: 'Warning', reason: event, message: eventMessage }, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: eventMessage }];
  return { ...plain, conditions: setCondition(plain.conditions, 'ScalingActive', 'False', reason, conditionMessage, now), events, failure: eventMessage };
}

function byMetrics(plain: Decision, hpa: HorizontalPodAutoscaler, scale: Scale, measured: Measured, settings: AutoscalerSettings, now: number): Decision {
  const { current } = plain;
  const specs = hpa.spec.metrics ?? [];
  const context = { hpa, specReplicas: current, statusReplicas: scale.statusReplicas, pods: measured.pods, tolerances: tolerancesOf(hpa, settings), settings, now };
  const proposals = specs.map((spec, index) => propose(spec, measured.readings[index]!, context));
  const failed = proposals.filter((proposal): proposal is Failed => 'error' in proposal);
  const metrics = proposals.map((proposal): MetricStatus => ('error' in proposal ? { type: '' } : proposal.status));
  const events: EventText[] = failed.map(({ reason, cause }) => ({ type: 'Warning', reason, message: cause }));
  const highest = highestOf(proposals);
  const shown = { ...plain, metrics, proposals };

  if (!highest || (failed.length > 0 && highest.replicas < current)) {
    const first = failed[0];
    const failure = `invalid metrics (${failed.length} invalid out of ${specs.length}), first error is: ${first?.error ?? 'no metrics'}`;
    const conditions = first ? setCondition(plain.conditions, 'ScalingActive', 'False', first.reason, `the HPA was unable to compute the replica count: ${first.cause}`, now) : plain.conditions;
    return { ...shown, conditions, events: [...events, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: failure }], failure };
  }
  const wanted = Math.max(0, highest.replicas);
  const active = setCondition(plain.conditions, 'ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${highest.name}`, now);
  const normal = normalise(hpa, current, wanted, plain.history, active, settings, now);
  let reason = wanted > current ? `${highest.name} above target` : wanted < current ? 'All metrics below target' : '';
  let desired = normal.limited.replicas;
  if (current === 0 && desired < minReplicasOf(hpa)) {
    desired = minReplicasOf(hpa);
    reason ||= 'Current number of replicas below Spec.MinReplicas';
  }
  return {
    ...shown, desired, rescale: desired !== current, reason, events, conditions: normal.conditions, history: normal.history,
    stabilised: normal.stabilised, limited: normal.limited, ...(failed.length > 0 && { partial: true }),
  };
}

/** The first metric that asks for the most. */
function highestOf(proposals: readonly Proposal[]): Proposed | undefined {
  let highest: Proposed | undefined;
  for (const proposal of proposals) {
    if ('error' in proposal) continue;
    if (!highest || highest.replicas === 0 || proposal.replicas > highest.replicas) highest = proposal;
  }
  return highest;
}

/** Smooths and bounds what the metrics ask for; which rules hold depends on whether the spec has `behavior` at all. */
function normalise(hpa: HorizontalPodAutoscaler, current: number, wanted: number, history: History, conditions: Conditions, settings: AutoscalerSettings, now: number) {
  const bounds = { min: minReplicasOf(hpa), max: hpa.spec.maxReplicas };
  const recommendations = history.recommendations ?? [];
  const { behavior } = hpa.spec;
  const up = behavior?.scaleUp ?? {};
  const down = behavior?.scaleDown ?? {};
  const stable = behavior
    ? stabiliseWithBehavior(recommendations, current, wanted, { upMs: (up.stabilizationWindowSeconds ?? 0) * 1000, downMs: down.stabilizationWindowSeconds === undefined ? settings.downscaleStabilizationMs : down.stabilizationWindowSeconds * 1000 }, now)
    : stabilise(recommendations, wanted, settings.downscaleStabilizationMs, now);
  const limited = behavior
    ? withinRate(current, stable.replicas, bounds, { up, down }, history, now)
    : withinRules(current, stable.replicas, bounds, settings.growth);
  const upward = behavior !== undefined && wanted >= current;
  const able = stable.replicas === wanted
    ? { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
    : upward
      ? { reason: 'ScaleUpStabilized', message: 'recent recommendations were lower than current one, applying the lowest recent recommendation' }
      : { reason: 'ScaleDownStabilized', message: 'recent recommendations were higher than current one, applying the highest recent recommendation' };
  const stabilisedConditions = setCondition(conditions, 'AbleToScale', 'True', able.reason, able.message, now);
  const limitedConditions = setCondition(stabilisedConditions, 'ScalingLimited', limited.replicas === stable.replicas ? 'False' : 'True', limited.reason, limited.message, now);
  return { stabilised: stable.replicas, limited, conditions: limitedConditions, history: { ...history, recommendations: stable.recommendations } };
}

/** The dead band on each side: the setting, or what the spec says of a direction (horizontal.go tolerancesForHpa). */
export function tolerancesOf(hpa: HorizontalPodAutoscaler, { tolerance, configurableTolerance }: AutoscalerSettings): Tolerances {
  const { scaleUp, scaleDown } = (configurableTolerance && hpa.spec.behavior) || {};
  const of = (text: string | undefined) => (text === undefined ? tolerance : milliOf(text) / 1000);
  return { up: of(scaleUp?.tolerance), down: of(scaleDown?.tolerance) };
}

/** What is written and remembered once it is known how the rescale went (`error`: it failed). */
export interface Outcome {
  readonly status: HorizontalPodAutoscalerStatus;
  readonly events: readonly EventText[];
  readonly history: History;
  readonly action: 'scale_up' | 'scale_down' | 'none';
  /** What the reconcile reports: none, the spec's fault, or anything else. */
  readonly error: 'none' | 'internal' | 'spec';
}

/** Completes a decision after its rescale was carried out, or failed, or was not needed. */
export function conclude(hpa: HorizontalPodAutoscaler, decision: Decision, rescaleError: string | undefined, settings: AutoscalerSettings, now: number): Outcome {
  const { current, desired, reason, rescale } = decision;
  const before = hpa.status ?? { desiredReplicas: 0 };
  const statusWith = (replicas: number, conditions: Conditions, scaled: boolean): HorizontalPodAutoscalerStatus => ({
    ...(scaled ? { lastScaleTime: rfc3339(now) } : before.lastScaleTime !== undefined && { lastScaleTime: before.lastScaleTime }),
    ...(before.observedGeneration !== undefined && { observedGeneration: before.observedGeneration }),
    currentReplicas: current,
    desiredReplicas: replicas,
    ...(decision.metrics && decision.metrics.length > 0 && { currentMetrics: [...decision.metrics] }),
    conditions: [...conditions],
  });
  const kept = { history: decision.history, action: 'none' as const };
  if (decision.failure !== undefined) {
    const spec = decision.proposals.some((proposal) => 'error' in proposal && proposal.spec);
    return { ...kept, status: statusWith(before.desiredReplicas, decision.conditions, false), events: decision.events, error: spec ? 'spec' : 'internal' };
  }
  const error = decision.partial ? 'internal' : 'none';
  if (!rescale) return { ...kept, status: statusWith(current, decision.conditions, false), events: decision.events, error };
  if (rescaleError !== undefined) {
    const conditions = setCondition(decision.conditions, 'AbleToScale', 'False', 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${rescaleError}`, now);
    const event: EventText = { type: 'Warning', reason: 'FailedRescale', message: `New size: ${desired}; reason: ${reason}; error: ${rescaleError}` };
    return { ...kept, status: statusWith(before.desiredReplicas, conditions, false), events: [...decision.events, event], error: 'internal' };
  }
  const able = setCondition(decision.conditions, 'AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${desired}`, now);
  const event: EventText = { type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${desired}; reason: ${reason}` };
  return {
    status: statusWith(desired, zeroCondition(hpa, able, current, desired, settings, now), true),
    events: [...decision.events, event],
    history: hpa.spec.behavior ? remembered(hpa, decision.history, current, desired, now) : decision.history,
    action: desired > current ? 'scale_up' : 'scale_down',
    error,
  };
}

function remembered(hpa: HorizontalPodAutoscaler, history: History, current: number, desired: number, now: number): History {
  const { scaleUp, scaleDown } = hpa.spec.behavior ?? {};
  return desired > current
    ? { ...history, ups: withScaleEvent(history.ups, scaleUp, desired - current, now) }
    : { ...history, downs: withScaleEvent(history.downs, scaleDown, current - desired, now) };
}

function zeroCondition(hpa: HorizontalPodAutoscaler, conditions: Conditions, current: number, desired: number, settings: AutoscalerSettings, now: number): Conditions {
  if (!allowsZero(hpa, settings)) return withoutCondition(conditions, 'ScaledToZero');
  if (current > 0 && desired === 0 && minReplicasOf(hpa) === 0 && hasMetricAtZero(hpa)) {
    return setCondition(conditions, 'ScaledToZero', 'True', 'ScaledToZero', 'the HPA controller scaled the workload to zero', now);
  }
  return setCondition(conditions, 'ScaledToZero', 'False', 'NotScaledToZero', 'the HPA controller did not scale the workload to zero', now);
}

/** What is written when the scale could not be read. */
export function scaleFailed(hpa: HorizontalPodAutoscaler, message: string, now: number): Pick<Outcome, 'status' | 'events'> {
  const conditions = setCondition(hpa.status?.conditions ?? [], 'AbleToScale', 'False', 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${message}`, now);
  return { status: { desiredReplicas: 0, ...hpa.status, conditions: [...conditions] }, events: [{ type: 'Warning', reason: 'FailedGetScale', message }] };
}
