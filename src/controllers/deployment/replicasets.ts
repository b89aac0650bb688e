import type { Deployment, ReplicaSet } from '../../api/types/apps.v1.ts';
import { byCreation } from '../names.ts';
import { sameTemplate } from '../template.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
export const ROLLBACK_TO = 'deprecated.deployment.rollback.to';

/** Annotations of a Deployment that its ReplicaSets do not get. */
const OWN_ANNOTATIONS = new Set(['kubectl.kubernetes.io/last-applied-configuration', REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, ROLLBACK_TO]);

/** Characters that the revision history of one ReplicaSet may take (sync.go maxRevHistoryLengthInChars). */
const HISTORY_LIMIT = 2000;

/** The oldest ReplicaSet whose template is the Deployment's (deployment_util.go FindNewReplicaSet). */
export function findNewReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...sets].sort(byCreation).find((set) => set.spec.template !== undefined && sameTemplate(set.spec.template, deployment.spec.template));
}

/** The revision a ReplicaSet carries; 0 without one or with one that is no int64. */
export function revisionOf(set: ReplicaSet): bigint {
  return parseRevision(set.metadata.annotations?.[REVISION] ?? '') ?? 0n;
}

/** Revisions are 64 bits wide: one that people chose may be more than a number holds. */
export function parseRevision(text: string): bigint | undefined {
  const revision = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  return revision === undefined || BigInt.asIntN(64, revision) !== revision ? undefined : revision;
}

export function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  const [one, other] = [revisionOf(a), revisionOf(b)];
  return one === other ? byCreation(a, b) : one < other ? -1 : 1;
}

/**
 * The annotations that the new ReplicaSet should have: the Deployment's own, and a revision above every other's. A set that is rolled back to keeps its former revisions
 * in its history (deployment_util.go SetNewReplicaSetAnnotations).
 */
export function annotationsForNew(deployment: Deployment, existing: Readonly<Record<string, string>>, revision: bigint): Record<string, string> {
  const annotations: Record<string, string> = { ...existing };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!OWN_ANNOTATIONS.has(name)) annotations[name] = value;
  const old = existing[REVISION];
  const before = parseRevision(old || '0');
  if (before === undefined || before >= revision) return annotations;
  annotations[REVISION] = String(revision);
  if (old !== undefined) {
    const history = appended(existing[REVISION_HISTORY] ?? '', old);
    if (history !== undefined) annotations[REVISION_HISTORY] = history;
  }
  return annotations;
}

/** What a Deployment's annotations become when it is rolled back to this set: its own bookkeeping stays, the rest comes from the set. */
export function annotationsAfterRollback(deployment: Deployment, set: ReplicaSet): Record<string, string> {
  const kept = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => OWN_ANNOTATIONS.has(name));
  const taken = Object.entries(set.metadata.annotations ?? {}).filter(([name]) => !OWN_ANNOTATIONS.has(name));
  return Object.fromEntries([...kept, ...taken]);
}

function appended(history: string, revision: string): string | undefined {
  if (history === '') return revision;
  const revisions = history.split(',');
  let length = history.length + 1 + revision.length;
  while (length > HISTORY_LIMIT && revisions.length > 0) length -= revisions.shift()!.length + 1;
  return length <= HISTORY_LIMIT ? [...revisions, revision].join(',') : undefined;
}

export const specReplicas = (set: ReplicaSet) => set.spec.replicas ?? 1;
export const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number) => sets.reduce((total, set) => total + of(set), 0);
export const totalReplicas = (sets: readonly ReplicaSet[]) => sum(sets, specReplicas);
export const actualReplicas = (sets: readonly ReplicaSet[]) => sum(sets, (set) => set.status?.replicas ?? 0);
export const readyReplicas = (sets: readonly ReplicaSet[]) => sum(sets, (set) => set.status?.readyReplicas ?? 0);
export const availableReplicas = (sets: readonly ReplicaSet[]) => sum(sets, (set) => set.status?.availableReplicas ?? 0);
