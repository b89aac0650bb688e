import type { Deployment, ReplicaSet } from '../../api/types/apps.v1.ts';
import { compare } from '../names.ts';
import { fenceposts, type Fenceposts } from './fenceposts.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS, specReplicas } from './replicasets.ts';

/** What a reconcile of a Deployment writes, in this order. */
export type Action =
  | { readonly type: 'create'; readonly set: ReplicaSet }
  | { readonly type: 'update'; readonly set: ReplicaSet }
  | { readonly type: 'delete'; readonly set: ReplicaSet }
  | { readonly type: 'event'; readonly severity: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

/** A Deployment's sets while a decision forms: `resize` changes them here and notes what to write. */
export interface Plan {
  readonly deployment: Deployment;
  readonly replicas: number;
  readonly posts: Fenceposts;
  readonly now: number;
  newSet: ReplicaSet | undefined;
  oldSets: ReplicaSet[];
  readonly actions: Action[];
}

export function openPlan(deployment: Deployment, newSet: ReplicaSet | undefined, oldSets: readonly ReplicaSet[], now: number): Plan {
  return { deployment, replicas: deployment.spec.replicas ?? 1, posts: fenceposts(deployment), now, newSet, oldSets: [...oldSets], actions: [] };
}

export const allSets = (plan: Plan): ReplicaSet[] => (plan.newSet ? [...plan.oldSets, plan.newSet] : [...plan.oldSets]);
export const active = (sets: readonly ReplicaSet[]) => sets.filter((set) => specReplicas(set) > 0);

/** Gives a set a size and the Deployment's size beside it; a change of size is an event (sync.go scaleReplicaSet). Returns whether the size changed. */
export function resize(plan: Plan, set: ReplicaSet, replicas: number): boolean {
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(plan) };
  const from = specReplicas(set);
  const same = annotations[DESIRED_REPLICAS] === set.metadata.annotations?.[DESIRED_REPLICAS] && annotations[MAX_REPLICAS] === set.metadata.annotations?.[MAX_REPLICAS];
  if (from === replicas && same) return false;
  replaceSet(plan, set, { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } });
  if (from === replicas) return false;
  plan.actions.push({
    type: 'event', severity: 'Normal', reason: 'ScalingReplicaSet',
    message: `Scaled ${from < replicas ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${replicas}`,
  });
  return true;
}

export const sizeAnnotations = (plan: Plan) => ({ [DESIRED_REPLICAS]: String(plan.replicas), [MAX_REPLICAS]: String(plan.replicas + plan.posts.maxSurge) });

/** Notes an update of a set; a set that this plan creates or updates already is changed in place. */
export function replaceSet(plan: Plan, set: ReplicaSet, next: ReplicaSet): void {
  if (plan.newSet === set) plan.newSet = next;
  plan.oldSets = plan.oldSets.map((old) => (old === set ? next : old));
  const index = plan.actions.findIndex((action) => action.type !== 'event' && action.set === set);
  if (index < 0) plan.actions.push({ type: 'update', set: next });
  else plan.actions[index] = { ...plan.actions[index]!, set: next } as Action;
}

/** Larger sets first; among equals the newer first when growing and the older first when shrinking (ReplicaSetsBySizeNewer, …Older). */
export function bySize(growing: boolean): (a: ReplicaSet, b: ReplicaSet) => number {
  const age = (a: ReplicaSet, b: ReplicaSet) =>
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || compare(a.metadata.name ?? '', b.metadata.name ?? '');
  return (a, b) => specReplicas(b) - specReplicas(a) || (growing ? age(b, a) : age(a, b));
}
