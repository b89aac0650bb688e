import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/types/apps.v1.ts';
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { apiVersionOf } from '../../api/object.ts';
import { controllerReference } from '../ownership.ts';
import { TEMPLATE_HASH, templateHash } from '../template.ts';
import { condition, findCondition, withCondition, type Conditions } from './conditions.ts';
import { active, openPlan, replaceSet, resize, sizeAnnotations, type Action, type Plan } from './plan.ts';
import { actualReplicas, annotationsForNew, byRevision, findNewReplicaSet, parseRevision, REVISION, revisionOf, ROLLBACK_TO, specReplicas } from './replicasets.ts';
import { newSetSize, resizeNewSet, shrinkOldSets } from './rolling.ts';
import { rollback, type Rollback } from './rollback.ts';
import { isScaling, scale } from './scale.ts';
import { countedStatus, hasHistoryLimit, hasProgressDeadline, isComplete, recheckAfter, rolloutStatus } from './status.ts';

/** What a Deployment's reconcile saw. */
export interface Observed {
  readonly deployment: Deployment;
  /** The ReplicaSets it controls. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Whether a pod that is not finished belongs to one of these sets other than `newSetUid`; only Recreate asks. */
  readonly podsRunningOutside: (newSetUid: string | undefined) => boolean;
  readonly now: number;
}

/** What is to be done: the writes in order, then the status (and the revision annotation beside it). */
export interface Decision {
  readonly actions: readonly Action[];
  readonly status: DeploymentStatus;
  /** The deployment.kubernetes.io/revision it should carry. */
  readonly revision?: string;
  /** A change of the Deployment itself that a rollback asks for; nothing else happens in that reconcile. */
  readonly rollback?: Rollback;
  /** Look again after this many ms at the latest. */
  readonly afterMs?: number;
}

/** Decides one step of a Deployment (deployment_controller.go syncDeployment). */
export function decide({ deployment, replicaSets, podsRunningOutside, now }: Observed): Decision {
  const existing = findNewReplicaSet(deployment, replicaSets);
  const plan = openPlan(deployment, existing, replicaSets.filter((set) => set !== existing), now);
  let conditions: Conditions = deployment.status?.conditions ?? [];
  const close = (status: DeploymentStatus): Decision => ({ ...finish(plan, status), ...(plan.newSet && { revision: plan.newSet.metadata.annotations?.[REVISION] }) });

  if (deployment.metadata.deletionTimestamp !== undefined) return close(countedStatus(plan, conditions));
  conditions = pausedConditions(plan, conditions);
  const rollbackTo = parseRevision(deployment.metadata.annotations?.[ROLLBACK_TO] ?? '');
  if (!deployment.spec.paused && rollbackTo !== undefined) {
    return { ...close(countedStatus(plan, conditions)), rollback: rollback(deployment, replicaSets, rollbackTo) };
  }
  if (deployment.spec.paused || isScaling(plan)) {
    conditions = syncNewSet(plan, conditions);
    scale(plan);
    if (deployment.spec.paused) cleanUp(plan);
    return close(countedStatus(plan, conditions));
  }
  conditions = deployment.spec.strategy?.type === 'Recreate' ? recreate(plan, conditions, podsRunningOutside) : roll(plan, conditions);
  return close(rolloutStatus(plan, conditions));
}

function finish(plan: Plan, status: DeploymentStatus): Decision {
  const afterMs = recheckAfter(plan.deployment, status, plan.now);
  return { actions: plan.actions, status, ...(afterMs !== undefined && { afterMs }) };
}

/** One step of a rolling update: grow the new set, else shrink old ones, else tidy up (rolling.go rolloutRolling). */
function roll(plan: Plan, before: Conditions): Conditions {
  const conditions = createNewSet(plan, syncNewSet(plan, before));
  if (resizeNewSet(plan) || shrinkOldSets(plan)) return conditions;
  if (isComplete(plan.deployment, plan.deployment.status)) cleanUp(plan);
  return conditions;
}

/** One step of a recreate: old sets to zero, wait for their pods to be gone, then the new set (recreate.go rolloutRecreate). */
function recreate(plan: Plan, before: Conditions, podsRunningOutside: Observed['podsRunningOutside']): Conditions {
  let conditions = syncNewSet(plan, before);
  const shrunk = active(plan.oldSets).map((set) => resize(plan, set, 0));
  if (shrunk.includes(true)) return conditions;
  if (actualReplicas(plan.oldSets) > 0 || podsRunningOutside(plan.newSet?.metadata.uid)) return conditions;
  conditions = createNewSet(plan, conditions);
  resize(plan, plan.newSet!, plan.replicas);
  if (isComplete(plan.deployment, plan.deployment.status)) cleanUp(plan);
  return conditions;
}

/** A pause stops the clock of the progress deadline, a resume restarts it (sync.go checkPausedConditions). */
function pausedConditions(plan: Plan, conditions: Conditions): Conditions {
  const { deployment, now } = plan;
  const current = findCondition(conditions, 'Progressing');
  if (!hasProgressDeadline(deployment) || current?.reason === 'ProgressDeadlineExceeded') return conditions;
  const marked = current?.reason === 'DeploymentPaused';
  if (deployment.spec.paused && !marked) return withCondition(conditions, condition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', now));
  if (!deployment.spec.paused && marked) return withCondition(conditions, condition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', now));
  return conditions;
}

/** Keeps an existing new set's annotations, revision and minReadySeconds in step (sync.go getNewReplicaSet, first half). */
function syncNewSet(plan: Plan, conditions: Conditions): Conditions {
  const { deployment, newSet, now } = plan;
  if (!newSet) return conditions;
  const before = newSet.metadata.annotations ?? {};
  const annotations = annotationsForNew(deployment, before, nextRevision(plan));
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const changed = Object.entries(annotations).some(([name, value]) => before[name] !== value) || (newSet.spec.minReadySeconds ?? 0) !== minReadySeconds;
  if (changed) replaceSet(plan, newSet, { ...newSet, metadata: { ...newSet.metadata, annotations }, spec: { ...newSet.spec, minReadySeconds } });
  if (!hasProgressDeadline(deployment) || findCondition(conditions, 'Progressing')) return conditions;
  return withCondition(conditions, condition('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set "${newSet.metadata.name}"`, now));
}

/** Makes the new set when there is none (sync.go getNewReplicaSet, second half). Its name is a function of the template, so that a repeated create finds itself. */
function createNewSet(plan: Plan, conditions: Conditions): Conditions {
  const { deployment, now } = plan;
  if (plan.newSet) return conditions;
  const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount);
  const labels = { ...deployment.spec.template.metadata?.labels, [TEMPLATE_HASH]: hash };
  const replicas = newSetSize(plan, 0);
  const set: ReplicaSet = {
    apiVersion: apiVersionOf(ReplicaSets),
    kind: ReplicaSets.kind,
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      ownerReferences: [controllerReference(deployment, Deployments)],
      labels,
      annotations: { ...annotationsForNew(deployment, {}, nextRevision(plan)), ...sizeAnnotations(plan) },
    },
    spec: {
      replicas,
      ...(deployment.spec.minReadySeconds && { minReadySeconds: deployment.spec.minReadySeconds }),
      selector: { ...deployment.spec.selector, matchLabels: { ...deployment.spec.selector.matchLabels, [TEMPLATE_HASH]: hash } },
      template: { ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata, labels } },
    },
  };
  plan.newSet = set;
  plan.actions.push({ type: 'create', set });
  if (replicas > 0) plan.actions.push({ type: 'event', severity: 'Normal', reason: 'ScalingReplicaSet', message: `Scaled up replica set ${set.metadata.name} from 0 to ${replicas}` });
  if (!hasProgressDeadline(deployment)) return conditions;
  return withCondition(conditions, condition('Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set "${set.metadata.name}"`, now));
}

const nextRevision = (plan: Plan) => plan.oldSets.map(revisionOf).reduce((max, revision) => (revision > max ? revision : max), 0n) + 1n;

/** Deletes old sets beyond the history limit, lowest revision first; one that still has pods, or is not observed yet, stays (sync.go cleanupDeployment). */
function cleanUp(plan: Plan): void {
  if (!hasHistoryLimit(plan.deployment)) return;
  const alive = plan.oldSets.filter((set) => set.metadata.deletionTimestamp === undefined).sort(byRevision);
  for (const set of alive.slice(0, Math.max(0, alive.length - plan.deployment.spec.revisionHistoryLimit!))) {
    const unobserved = (set.metadata.generation ?? 0) > (set.status?.observedGeneration ?? 0);
    if ((set.status?.replicas ?? 0) === 0 && specReplicas(set) === 0 && !unobserved) plan.actions.push({ type: 'delete', set });
  }
}

/** The status after the new set could not be created. */
export function createFailedStatus(deployment: Deployment, setName: string, error: Error, now: number): DeploymentStatus {
  const status = deployment.status ?? {};
  if (!hasProgressDeadline(deployment)) return status;
  const failed = condition('Progressing', 'False', 'ReplicaSetCreateError', createFailedMessage(setName, error), now);
  return { ...status, conditions: [...withCondition(status.conditions ?? [], failed)] };
}

export const createFailedMessage = (setName: string, error: Error) => `Failed to create new replica set "${setName}": ${error.message}`;

