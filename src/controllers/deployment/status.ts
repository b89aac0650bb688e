import type { Deployment, DeploymentStatus } from '../../api/types/apps.v1.ts';
import { condition, findCondition, replicaFailure, withCondition, withoutCondition, type Conditions } from './conditions.ts';
import { allSets, type Plan } from './plan.ts';
import { actualReplicas, availableReplicas, readyReplicas, totalReplicas } from './replicasets.ts';

const UNLIMITED = 2 ** 31 - 1;

/** Whether a rollout that stands still is to be reported (deployment_util.go HasProgressDeadline). */
export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== UNLIMITED;
}

export function hasHistoryLimit(deployment: Deployment): boolean {
  const limit = deployment.spec.revisionHistoryLimit;
  return limit !== undefined && limit !== UNLIMITED;
}

/** Every wanted replica is of the newest template and available, and none of another is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const wanted = deployment.spec.replicas ?? 1;
  return (status?.updatedReplicas ?? 0) === wanted && (status?.replicas ?? 0) === wanted && (status?.availableReplicas ?? 0) === wanted
    && (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0);
}

/** Counts and availability; `conditions` are those decided so far (sync.go calculateStatus). */
export function countedStatus(plan: Plan, conditions: Conditions): DeploymentStatus {
  const sets = allSets(plan);
  const available = availableReplicas(sets);
  const enough = available >= plan.replicas - plan.posts.maxUnavailable;
  const availability = enough
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', plan.now)
    : condition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', plan.now);
  const { collisionCount } = plan.deployment.status ?? {};
  return {
    observedGeneration: plan.deployment.metadata.generation ?? 0,
    ...positive('replicas', actualReplicas(sets)),
    ...positive('updatedReplicas', actualReplicas(plan.newSet ? [plan.newSet] : [])),
    ...positive('readyReplicas', readyReplicas(sets)),
    ...positive('availableReplicas', available),
    ...positive('unavailableReplicas', totalReplicas(sets) - available),
    conditions: [...withCondition(conditions, availability)],
    ...(collisionCount !== undefined && { collisionCount }),
  };
}

const positive = <K extends string>(name: K, count: number) => (count > 0 ? { [name]: count } as Record<K, number> : {});

/** The status during a rollout: counts, and whether it completes, moves or stands still (progress.go syncRolloutStatus). */
export function rolloutStatus(plan: Plan, before: Conditions): DeploymentStatus {
  const { deployment } = plan;
  const status = countedStatus(plan, before);
  let conditions: Conditions = status.conditions ?? [];
  if (!hasProgressDeadline(deployment)) conditions = withoutCondition(conditions, 'Progressing');
  else conditions = withProgress(plan, status, conditions, findCondition(before, 'Progressing'));
  const failure = replicaFailure(plan.newSet, allSets(plan));
  conditions = failure ? withCondition(conditions, failure) : withoutCondition(conditions, 'ReplicaFailure');
  return { ...status, conditions: [...conditions] };
}

function withProgress(plan: Plan, status: DeploymentStatus, conditions: Conditions, current: Conditions[number] | undefined): Conditions {
  const { deployment, now } = plan;
  const settled = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (settled) return conditions;
  const subject = plan.newSet ? `ReplicaSet "${plan.newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) return withCondition(conditions, condition('Progressing', 'True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`, now));
  if (hasProgressed(deployment.status, status)) {
    const next = condition('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, now);
    // The update time of this one must move with every sign of progress, even when reason and status stay.
    return [...withoutCondition(conditions, 'Progressing'), { ...next, lastTransitionTime: current?.status === 'True' ? current.lastTransitionTime : next.lastTransitionTime }];
  }
  if (current && hasTimedOut(deployment, current, now)) return withCondition(conditions, condition('Progressing', 'False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`, now));
  return conditions;
}

function hasProgressed(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const outdated = (status: DeploymentStatus | undefined) => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (after.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) || outdated(after) < outdated(before)
    || (after.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) || (after.availableReplicas ?? 0) > (before?.availableReplicas ?? 0);
}

function hasTimedOut(deployment: Deployment, progressing: Conditions[number], now: number): boolean {
  if (progressing.reason === 'NewReplicaSetAvailable') return false;
  if (progressing.reason === 'ProgressDeadlineExceeded') return true;
  return deadlineOf(deployment, progressing) < now;
}

const deadlineOf = (deployment: Deployment, progressing: Conditions[number]) => Date.parse(progressing.lastUpdateTime ?? '') + deployment.spec.progressDeadlineSeconds! * 1000;

/** When to look again for a rollout that shows no progress, in ms from now; undefined when nothing can time out (progress.go requeueStuckDeployment). */
export function recheckAfter(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const progressing = findCondition(status.conditions ?? [], 'Progressing');
  if (!hasProgressDeadline(deployment) || !progressing || isComplete(deployment, status)) return undefined;
  if (progressing.reason === 'ProgressDeadlineExceeded' || progressing.reason === 'NewReplicaSetAvailable') return undefined;
  // A second more, so that the whole seconds of the condition's time cannot make us look too early.
  return Math.max(0, deadlineOf(deployment, progressing) - now) + 1000;
}
