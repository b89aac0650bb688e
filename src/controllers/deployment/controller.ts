import { isNamespaceTerminating, isReason } from '../../api/errors.ts';
import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { labelSelectorFromObject, selectsAll } from '../../api/selectors.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/types/apps.v1.ts';
import { type WorkQueue } from '../../client/index.ts';
import type { Component, Reconcile } from '../../client/controller.ts';
import { sameStatus } from '../canonical.ts';
import { claim } from '../claim.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { controllerOf, isControlledBy, ownershipIndex } from '../ownership.ts';
import { isFinished } from '../pods.ts';
import { sameTemplate } from '../template.ts';
import { createFailedMessage, createFailedStatus, decide, type Decision } from './decide.ts';
import type { Action } from './plan.ts';
import { REVISION } from './replicasets.ts';

const COMPONENT = 'deployment-controller';

/** Rolls every Deployment's pods over to its newest template through ReplicaSets (pkg/controller/deployment). */
export function deploymentController(context: ControllerContext): Component {
  const { client, clock } = context;
  const deployments = context.informers.informer(Deployments);
  const sets = context.informers.informer(ReplicaSets);
  const pods = context.informers.informer(Pods);
  const setsByOwner = ownershipIndex(sets);
  const podsByOwner = ownershipIndex(pods);
  const events = context.events(COMPONENT);
  let queue: WorkQueue;

  const wakeOwner = (set: ReplicaSet) => {
    const reference = controllerOf(set);
    if (reference?.kind === Deployments.kind) queue.add(keyFor(set.metadata.namespace, reference.name));
    if (reference) return;
    for (const deployment of deployments.list(set.metadata.namespace)) if (labelSelectorFromObject(deployment.spec.selector)(set.metadata.labels)) queue.add(keyOf(deployment));
  };
  const setup = (workQueue: WorkQueue) => {
    queue = workQueue;
    deployments.onChange({ added: (d) => queue.add(keyOf(d)), updated: (_, d) => queue.add(keyOf(d)), deleted: (d) => queue.add(keyOf(d)) });
    sets.onChange({
      added: wakeOwner,
      updated: (old, next) => {
        if (controllerOf(old)?.uid !== controllerOf(next)?.uid) wakeOwner(old);
        wakeOwner(next);
      },
      deleted: wakeOwner,
    });
    // Only Recreate waits for pods themselves: the last one of an old set that goes (deployment_controller.go deletePod).
    pods.onChange({
      deleted: (pod) => {
        const set = controllerOf(pod);
        const owner = set && sets.get(pod.metadata.namespace ?? '', set.name);
        const deployment = owner && controllerOf(owner);
        if (deployment && deployments.get(pod.metadata.namespace ?? '', deployment.name)?.spec.strategy?.type === 'Recreate') queue.add(keyFor(pod.metadata.namespace, deployment.name));
      },
    });
    return [deployments, sets, pods];
  };

  const reconcile: Reconcile = async (key) => {
    const { namespace, name } = splitKey(key);
    const deployment = deployments.get(namespace, name);
    if (!deployment) return;
    if (selectsAll(deployment.spec.selector)) return refuseSelectingAll(deployment);
    const matches = labelSelectorFromObject(deployment.spec.selector);
    const candidates = [...setsByOwner.ownedBy(deployment.metadata.uid!), ...setsByOwner.orphans(namespace)];
    const owned = await claim({ client, owner: deployment, ownerType: Deployments, type: ReplicaSets, matches: (set) => matches(set.metadata.labels) }, candidates);
    const podsRunningOutside = (newSetUid: string | undefined) =>
      owned.some((set) => set.metadata.uid !== newSetUid && podsByOwner.ownedBy(set.metadata.uid!).some((pod) => !isFinished(pod) && matches(pod.metadata.labels)));
    return carryOut(deployment, decide({ deployment, replicaSets: owned, podsRunningOutside, now: clock.now() }));
  };

  const carryOut = async (deployment: Deployment, decision: Decision): Promise<{ afterMs: number } | void> => {
    if (decision.rollback) {
      const { severity, reason, message } = decision.rollback.event;
      await client.update(Deployments, decision.rollback.deployment);
      return events.event(deployment, severity, reason, message);
    }
    for (const action of decision.actions) await perform(deployment, action);
    const wrote = await writeStatus(deployment, decision.status, decision.revision);
    if (!wrote && decision.afterMs !== undefined) return { afterMs: decision.afterMs };
  };

  const perform = async (deployment: Deployment, action: Action): Promise<void> => {
    switch (action.type) {
      case 'create': return create(deployment, action.set);
      case 'update': return void (await client.update(ReplicaSets, action.set));
      case 'delete': return void (await client.delete(ReplicaSets, action.set.metadata.name ?? '', { namespace: action.set.metadata.namespace, propagationPolicy: 'Background' }).catch(unlessGone));
      case 'event': return events.event(deployment, action.severity, action.reason, action.message);
    }
  };

  /** Creates the new set. A set of that name that is not ours is a hash collision: the count of collisions goes into the next name (sync.go getNewReplicaSet). */
  const create = async (deployment: Deployment, set: ReplicaSet) => {
    try {
      await client.create(ReplicaSets, set);
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) {
        const existing = await client.get(ReplicaSets, set.metadata.name ?? '', { namespace: set.metadata.namespace });
        const ours = isControlledBy(existing, deployment) && existing.spec.template !== undefined && sameTemplate(existing.spec.template, deployment.spec.template);
        if (!ours) await writeStatus(deployment, { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 }, undefined);
      } else if (!isNamespaceTerminating(error)) {
        const failure = error instanceof Error ? error : new Error(String(error));
        await writeStatus(deployment, createFailedStatus(deployment, set.metadata.name ?? '', failure, clock.now()), undefined);
        events.event(deployment, 'Warning', 'ReplicaSetCreateError', createFailedMessage(set.metadata.name ?? '', failure));
      }
      throw error;
    }
  };

  /** Writes a status and revision that differ; the status endpoint of Deployments takes annotations too. Returns whether it wrote. */
  const writeStatus = async (deployment: Deployment, status: DeploymentStatus, revision: string | undefined): Promise<boolean> => {
    const annotations = deployment.metadata.annotations ?? {};
    const revised = revision !== undefined && annotations[REVISION] !== revision;
    if (!revised && sameStatus(deployment.status, status)) return false;
    const metadata = revised ? { ...deployment.metadata, annotations: { ...annotations, [REVISION]: revision } } : deployment.metadata;
    await client.update(Deployments, { ...deployment, metadata, status }, { subresource: 'status' });
    return true;
  };

  const refuseSelectingAll = async (deployment: Deployment) => {
    events.event(deployment, 'Warning', 'SelectingAll', 'This deployment is selecting all pods. A non-empty selector is required.');
    await writeStatus(deployment, { ...deployment.status, observedGeneration: deployment.metadata.generation ?? 0 }, undefined);
  };

  return controllerIn(context, { name: COMPONENT, workers: { default: 5 }, reconcile, setup });
}
