import type { Deployment, ReplicaSet } from '../../api/types/apps.v1.ts';
import { TEMPLATE_HASH, sameTemplate } from '../template.ts';
import { annotationsAfterRollback, byRevision, revisionOf, ROLLBACK_TO } from './replicasets.ts';

/** What the rollback annotation of extensions/v1beta1 does: the Deployment to write, and the event that says what happened. */
export interface Rollback {
  readonly deployment: Deployment;
  readonly event: { readonly severity: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };
}

/** Rolls back to `revision`, or to the last one for 0 (rollback.go). The request is cleared whatever comes of it. */
export function rollback(deployment: Deployment, sets: readonly ReplicaSet[], revision: bigint): Rollback {
  const target = revision === 0n ? lastRevision(sets) : revision;
  const set = target === 0n ? undefined : sets.find((candidate) => revisionOf(candidate) === target);
  if (!set?.spec.template) return { deployment: cleared(deployment), event: { severity: 'Warning', reason: 'DeploymentRollbackRevisionNotFound', message: revision === 0n ? 'Unable to find last revision.' : 'Unable to find the revision to rollback to.' } };
  if (sameTemplate(deployment.spec.template, set.spec.template)) {
    return { deployment: cleared(deployment), event: { severity: 'Warning', reason: 'DeploymentRollbackTemplateUnchanged', message: `The rollback revision contains the same template as current deployment "${deployment.metadata.name}"` } };
  }
  const { [TEMPLATE_HASH]: _, ...labels } = set.spec.template.metadata.labels ?? {};
  const template = { ...set.spec.template, metadata: { ...set.spec.template.metadata, labels } };
  const rolled = { ...deployment, metadata: { ...deployment.metadata, annotations: annotationsAfterRollback(deployment, set) }, spec: { ...deployment.spec, template } };
  return { deployment: cleared(rolled), event: { severity: 'Normal', reason: 'DeploymentRollback', message: `Rolled back deployment "${deployment.metadata.name}" to revision ${target}` } };
}

/** The second highest revision: the one before the current. */
function lastRevision(sets: readonly ReplicaSet[]): bigint {
  const before = [...sets].sort(byRevision).at(-2);
  return before ? revisionOf(before) : 0n;
}

function cleared(deployment: Deployment): Deployment {
  const { [ROLLBACK_TO]: _, ...annotations } = deployment.metadata.annotations ?? {};
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}
