import { labelSelectorFromObject } from '../../api/selectors.ts';
import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import { StatefulSets } from '../../api/kinds/apps/stateful-set.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { ReplicationControllers } from '../../api/kinds/core/replication-controller.ts';
import { PodDisruptionBudgets } from '../../api/kinds/policy/pod-disruption-budget.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controller } from '../../client/index.ts';
import type { ControllerContext } from '../context.ts';
import { keyOf, splitKey } from '../names.ts';
import { controllerOf } from '../ownership.ts';
import { isReady } from '../pods.ts';
import { budgetStatus, condition, type Scales } from './decide.ts';

/** Keeps each PodDisruptionBudget's count of how many pods may go right now. */
export function disruptionController(context: ControllerContext): Component {
  const { client, clock, informers, options, events } = context;
  const budgets = informers.informer(PodDisruptionBudgets);
  const pods = informers.informer(Pods);
  const deployments = informers.informer(Deployments);
  const replicaSets = informers.informer(ReplicaSets);
  const statefulSets = informers.informer(StatefulSets);
  const replicationControllers = informers.informer(ReplicationControllers);
  const recorder = events('controllermanager');

  /** The scale that finally decides about a pod: a ReplicaSet's Deployment, if it has one. */
  const scales: Scales = (pod) => {
    const namespace = pod.metadata.namespace ?? '';
    const owner = controllerOf(pod);
    if (!owner) return undefined;
    const set = owner.kind === 'ReplicaSet' ? replicaSets.get(namespace, owner.name) : owner.kind === 'StatefulSet' ? statefulSets.get(namespace, owner.name)
      : owner.kind === 'ReplicationController' ? replicationControllers.get(namespace, owner.name) : undefined;
    if (!set) return undefined;
    const above = owner.kind === 'ReplicaSet' ? controllerOf(set) : undefined;
    const deployment = above?.kind === 'Deployment' ? deployments.get(namespace, above.name) : undefined;
    return deployment ? { owner: deployment.metadata.uid ?? '', replicas: deployment.spec.replicas ?? 1 } : { owner: set.metadata.uid ?? '', replicas: set.spec.replicas ?? 1 };
  };

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    const budget = budgets.get(namespace, name);
    if (!budget) return;
    const matches = labelSelectorFromObject(budget.spec.selector);
    const covered = budget.spec.selector ? pods.list(namespace).filter((p) => matches(p.metadata.labels)) : [];
    if (covered.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const outcome = budgetStatus(budget, covered, scales, clock.now());
    if ('error' in outcome) {
      recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${outcome.error}`);
      const failed = condition(budget, 'False', 'SyncFailed', outcome.error, clock.now());
      await client.update(PodDisruptionBudgets, { ...budget, status: { ...zero, ...budget.status, disruptionsAllowed: 0, observedGeneration: budget.metadata.generation, conditions: [failed] } }, { subresource: 'status' });
      return;
    }
    if (JSON.stringify(sorted(outcome.status)) !== JSON.stringify(sorted(budget.status ?? {}))) await client.update(PodDisruptionBudgets, { ...budget, status: outcome.status }, { subresource: 'status' });
    return outcome.recheckMs === undefined ? undefined : { afterMs: outcome.recheckMs };
  };

  return controller({
    name: 'disruption-controller',
    clock,
    reconcile,
    ...(options.onError && { onError: (key: string, error: unknown) => options.onError?.('disruption-controller', key, error) }),
    setup: (queue) => {
      const covering = (...states: readonly Pod[]) => {
        for (const budget of budgets.list(states[0]?.metadata.namespace)) if (states.some((p) => labelSelectorFromObject(budget.spec.selector)(p.metadata.labels))) queue.add(keyOf(budget));
      };
      budgets.onChange({ added: (b) => queue.add(keyOf(b)), updated: (_, b) => queue.add(keyOf(b)) });
      pods.onChange({ added: (p) => covering(p), updated: (old, p) => { if (isReady(old) !== isReady(p) || old.metadata.deletionTimestamp !== p.metadata.deletionTimestamp || old.status?.phase !== p.status?.phase || old.metadata.labels !== p.metadata.labels) covering(old, p); }, deleted: (p) => covering(p) });
      const rescaled = (namespace: string | undefined) => { for (const budget of budgets.list(namespace)) queue.add(keyOf(budget)); };
      for (const informer of [deployments, replicaSets, statefulSets]) informer.onChange({ updated: (old, next) => { if (old.spec.replicas !== next.spec.replicas) rescaled(next.metadata.namespace); } });
      return [budgets, pods, deployments, replicaSets, statefulSets, replicationControllers];
    },
  });
}

const zero = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptionsAllowed: 0 };

function sorted(object: object): [string, unknown][] {
  return Object.entries(object).filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
}
