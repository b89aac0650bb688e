import { labelSelectorFromObject } from '../../api/selectors.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { PodDisruptionBudgets } from '../../api/kinds/policy/pod-disruption-budget.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { LabelSelector } from '../../api/types/meta.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { keyOf, splitKey } from '../names.ts';
import { isReady } from '../pods.ts';
import { budgetStatus, condition } from './decide.ts';
import { podScales } from './scales.ts';

/** Keeps each PodDisruptionBudget's count of how many pods may go right now. */
export function disruptionController(context: ControllerContext): Component {
  const { client, clock, informers, events } = context;
  const budgets = informers.informer(PodDisruptionBudgets);
  const pods = informers.informer(Pods);
  const scales = podScales(context);
  const recorder = events('controllermanager');

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    const budget = budgets.get(namespace, name);
    if (!budget) return;
    const matches = labelSelectorFromObject(budget.spec.selector);
    const covered = budget.spec.selector ? pods.list(namespace).filter((p) => matches(p.metadata.labels)) : [];
    if (covered.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const outcome = budgetStatus(budget, covered, await scales.of(covered), clock.now());
    if ('error' in outcome) {
      recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${outcome.error}`);
      const failed = condition(budget, 'False', 'SyncFailed', outcome.error, clock.now());
      await client.update(PodDisruptionBudgets, { ...budget, status: { ...zero, ...budget.status, disruptionsAllowed: 0, observedGeneration: budget.metadata.generation, conditions: [failed] } }, { subresource: 'status' });
      return;
    }
    if (outcome.unmanaged.length > 0) recorder.event(budget, 'Warning', 'UnmanagedPods', `Pods selected by this PodDisruptionBudget (selector: ${goText(budget.spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`);
    for (const pod of outcome.stayed) recorder.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${key} to be deleted but it wasn't`);
    if (JSON.stringify(sorted(outcome.status)) !== JSON.stringify(sorted(budget.status ?? {}))) await client.update(PodDisruptionBudgets, { ...budget, status: outcome.status }, { subresource: 'status' });
    return outcome.recheckMs === undefined ? undefined : { afterMs: outcome.recheckMs };
  };

  return controllerIn(context, {
    name: 'disruption-controller',
    reconcile,
    setup: (queue) => {
      const covering = (...states: readonly Pod[]) => {
        for (const budget of budgets.list(states[0]?.metadata.namespace)) if (states.some((p) => labelSelectorFromObject(budget.spec.selector)(p.metadata.labels))) queue.add(keyOf(budget));
      };
      budgets.onChange({ added: (b) => queue.add(keyOf(b)), updated: (_, b) => queue.add(keyOf(b)) });
      pods.onChange({ added: (p) => covering(p), updated: (old, p) => { if (isReady(old) !== isReady(p) || old.metadata.deletionTimestamp !== p.metadata.deletionTimestamp || old.status?.phase !== p.status?.phase || old.metadata.labels !== p.metadata.labels) covering(old, p); }, deleted: (p) => covering(p) });
      const rescaled = (namespace: string | undefined) => { for (const budget of budgets.list(namespace)) queue.add(keyOf(budget)); };
      for (const informer of scales.informers) informer.onChange({ updated: (old, next) => { if (old.spec.replicas !== next.spec.replicas) rescaled(next.metadata.namespace); } });
      return [budgets, pods, ...scales.informers];
    },
  });
}

const zero = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptionsAllowed: 0 };

function sorted(object: object): [string, unknown][] {
  return Object.entries(object).filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A selector as Go prints it, for the text of an event. */
function goText(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value},`).join('');
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`;
}
