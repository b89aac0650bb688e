import { parseLabelSelector } from '../../api/selectors.ts';
import type { HorizontalPodAutoscaler } from '../../api/types/autoscaling.v2.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { allowsZero, caseOf, conclude, decide, scaleFailed, type Decision, type Measured, type Outcome, type Scale, type SelectorProblem } from './decide.ts';
import type { History } from './history.ts';
import type { MetricsClient } from './metrics-client.ts';
import { read } from './metrics.ts';
import type { AutoscalerSettings } from './settings.ts';

/** What a reconcile needs of the world. Each may reject; the message is what users then read. */
export interface Ports {
  getScale(): Promise<Scale>;
  /** Sets the target's size, coming through conflicts. */
  setScale(replicas: number): Promise<void>;
  readonly metrics: MetricsClient;
  /** The namespace's pods that the selector's text picks. */
  pods(selector: string): readonly Pod[];
  /** The HPAs (this one among them) whose selectors pick any of these pods, as upstream prints them: `{NAME NAMESPACE}`. */
  selecting(selector: string, pods: readonly Pod[]): readonly string[];
}

export interface Reconciled extends Outcome {
  readonly scale?: Scale;
  readonly decision?: Decision;
  readonly measured?: Measured;
}

/** A scaleTargetRef that cannot be meant (an apiVersion that is none). */
export class TargetError extends Error {}

/** One reconcile: reads, decides, scales. The caller writes the status and events, and keeps the history (horizontal.go reconcileAutoscaler). */
export async function reconcileAutoscaler(hpa: HorizontalPodAutoscaler, ports: Ports, history: History, settings: AutoscalerSettings, now: () => number): Promise<Reconciled> {
  let scale: Scale;
  try {
    scale = await ports.getScale();
  } catch (error) {
    return { ...scaleFailed(hpa, messageOf(error), now()), history, action: 'none', error: error instanceof TargetError ? 'spec' : 'internal' };
  }
  const needed = caseOf(hpa, scale.specReplicas, allowsZero(hpa, settings)) === 'measure';
  const measured = needed ? await measure(hpa, scale.selector, ports) : undefined;
  const decision = decide(hpa, scale, measured, history, settings, now());
  let rescaleError: string | undefined;
  if (decision.rescale) {
    try {
      await ports.setScale(decision.desired);
    } catch (error) {
      rescaleError = messageOf(error);
    }
  }
  return { ...conclude(hpa, decision, rescaleError, settings, now()), scale, decision, ...(measured && 'readings' in measured && { measured }) };
}

async function measure(hpa: HorizontalPodAutoscaler, selector: string, ports: Ports): Promise<Measured | SelectorProblem> {
  if (selector === '') return { event: 'SelectorRequired', reason: 'InvalidSelector', eventMessage: 'selector is required', conditionMessage: "the HPA target's scale is missing a selector" };
  try {
    parseLabelSelector(selector);
  } catch (error) {
    const message = `couldn't convert selector into a corresponding internal selector object: ${messageOf(error)}`;
    return { event: 'InvalidSelector', reason: 'InvalidSelector', eventMessage: message, conditionMessage: message };
  }
  const pods = ports.pods(selector);
  const selecting = ports.selecting(selector, pods);
  if (selecting.length > 1) {
    const message = `pods by selector ${selector} are controlled by multiple HPAs: [${selecting.join(' ')}]`;
    return { event: 'AmbiguousSelector', reason: 'AmbiguousSelector', eventMessage: message, conditionMessage: message };
  }
  const namespace = hpa.metadata.namespace ?? '';
  const readings = await Promise.all((hpa.spec.metrics ?? []).map((metric) => read(metric, namespace, selector, ports.metrics)));
  return { pods, readings };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
