import { isNamespaceTerminating, isReason } from '../../api/errors.ts';
import { ControllerRevisions } from '../../api/kinds/apps/controller-revision.ts';
import { StatefulSets } from '../../api/kinds/apps/stateful-set.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { labelSelectorFromObject, selectsAll } from '../../api/selectors.ts';
import type { StatefulSet } from '../../api/types/apps.v1.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import { type WorkQueue } from '../../client/index.ts';
import type { Component, Reconcile } from '../../client/controller.ts';
import { sameStatus } from '../canonical.ts';
import { claim } from '../claim.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { controllerOf, ownershipIndex } from '../ownership.ts';
import { textOf } from '../podcontrol.ts';
import { quotaGate, type QuotaGate } from '../quota.ts';
import { byRevision, HASH_LABEL, templateOf, truncateRevisions, updateRevision } from '../revisions.ts';
import { decide, type Step } from './decide.ts';
import { claimOwners, claimsOf, ordinalOf, podRevision } from './identity.ts';

const COMPONENT = 'statefulset-controller';

/** Keeps every StatefulSet's numbered pods and their claims (pkg/controller/statefulset). */
export function statefulSetController(context: ControllerContext): Component {
  const { client, clock } = context;
  const sets = context.informers.informer(StatefulSets);
  const pods = context.informers.informer(Pods);
  const claims = context.informers.informer(PersistentVolumeClaims);
  const revisions = context.informers.informer(ControllerRevisions);
  const podsByOwner = ownershipIndex(pods);
  const revisionsByOwner = ownershipIndex(revisions);
  const events = context.events(COMPONENT);
  let quotas: QuotaGate;

  const setup = (queue: WorkQueue) => {
    quotas = quotaGate(context.informers, (key) => {
      queue.forget(key);
      queue.add(key);
    });
    const wake = (pod: Pod) => {
      const owner = controllerOf(pod);
      if (owner?.kind === StatefulSets.kind) queue.add(keyFor(pod.metadata.namespace, owner.name));
      if (owner) return;
      for (const set of sets.list(pod.metadata.namespace)) if (ordinalOf(set, pod) >= 0 && labelSelectorFromObject(set.spec.selector)(pod.metadata.labels)) queue.add(keyOf(set));
    };
    sets.onChange({ added: (set) => queue.add(keyOf(set)), updated: (_, set) => queue.add(keyOf(set)), deleted: (set) => queue.add(keyOf(set)) });
    pods.onChange({
      added: wake,
      updated: (old, pod) => {
        if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) wake(old);
        wake(pod);
      },
      deleted: wake,
    });
    return [sets, pods, claims, revisions, quotas.informer];
  };

  const reconcile: Reconcile = async (key) => {
    const { namespace, name } = splitKey(key);
    const set = sets.get(namespace, name);
    if (!set || selectsAll(set.spec.selector)) return;
    const matches = labelSelectorFromObject(set.spec.selector);
    const ownedRevisions = [...revisionsByOwner.ownedBy(set.metadata.uid!)].sort(byRevision);
    const candidates = [...podsByOwner.ownedBy(set.metadata.uid!), ...podsByOwner.orphans(namespace).filter((pod) => ordinalOf(set, pod) >= 0)];
    const owned = await claim({ client, owner: set, ownerType: StatefulSets, type: Pods, matches: (pod) => matches(pod.metadata.labels) }, candidates);
    const { revision: update, collisionCount } = await updateRevision(client, { owner: set, ownerType: StatefulSets, template: set.spec.template, hashLabel: HASH_LABEL }, ownedRevisions, set.status?.collisionCount ?? 0);
    const current = ownedRevisions.find((revision) => revision.metadata.name === set.status?.currentRevision) ?? update;
    const version = (revision: typeof update) => ({ name: revision.metadata.name ?? '', template: templateOf(revision) });
    const decision = decide({ set, pods: owned, current: version(current), update: version(update), now: clock.now() });
    let failure: unknown;
    try {
      // Before the pods, since a claim's owner must be there when a pod that is scaled away goes.
      await keepClaims(set, owned);
      await perform(set, decision.steps);
    } catch (error) {
      failure = error;
    }
    quotas.note(namespace, key, failure);
    const status = { ...decision.status, collisionCount };
    if (!sameStatus(set.status, status)) await client.update(StatefulSets, { ...set, status }, { subresource: 'status' });
    const live = new Set([current.metadata.name, update.metadata.name, ...owned.map(podRevision)]);
    await truncateRevisions(client, ownedRevisions, (revision) => live.has(revision.metadata.name), set.spec.revisionHistoryLimit ?? 10);
    if (failure !== undefined) throw failure;
    if (decision.afterMs !== undefined) return { afterMs: decision.afterMs };
  };

  /** Carries the steps out in order; only Parallel sets have more than one creation, and those may go together. */
  const perform = async (set: StatefulSet, steps: readonly Step[]) => {
    const parallel = set.spec.podManagementPolicy === 'Parallel';
    const results = parallel ? await Promise.allSettled(steps.map((step) => performOne(set, step))) : [];
    if (!parallel) for (const step of steps) await performOne(set, step);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const performOne = async (set: StatefulSet, step: Step): Promise<void> => {
    switch (step.type) {
      case 'create': {
        await recorded('create', set, step.pod, () => createClaims(set, step.pod, step.ordinal));
        // A pod of that name that is going keeps it a little longer; the next change of it brings us here again.
        await recorded('create', set, step.pod, () => client.create(Pods, step.pod), 'Successful');
        return;
      }
      case 'claims': return createClaims(set, step.pod, step.ordinal);
      case 'delete': {
        const { namespace, name = '', uid } = step.pod.metadata;
        await recorded('delete', set, step.pod, () => client.delete(Pods, name, { namespace, preconditions: { uid } }), 'Successful');
        return;
      }
      case 'label': {
        const { namespace, name = '' } = step.pod.metadata;
        await recorded('update', set, step.pod, () => client.patch(Pods, name, { type: 'merge', body: { metadata: { labels: step.labels } } }, { namespace }), 'Successful');
      }
    }
  };

  /** Events as stateful_pod_control.go recordPodEvent writes them; success only where asked for. */
  const recorded = async (verb: 'create' | 'update' | 'delete', set: StatefulSet, pod: Pod, change: () => Promise<unknown>, success?: 'Successful') => {
    const title = verb.charAt(0).toUpperCase() + verb.slice(1);
    const subject = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    try {
      await change();
    } catch (error) {
      if (!isReason(error, 'AlreadyExists') && !isNamespaceTerminating(error)) events.event(set, 'Warning', `Failed${title}`, `${subject} failed error: ${textOf(error)}`);
      throw error;
    }
    if (success) events.event(set, 'Normal', `Successful${title}`, `${subject} successful`);
  };

  const createClaims = async (set: StatefulSet, pod: Pod, ordinal: number) => {
    const problems: string[] = [];
    for (const wanted of claimsOf(set, ordinal)) {
      const existing = claims.get(wanted.metadata.namespace ?? '', wanted.metadata.name ?? '');
      if (existing?.metadata.deletionTimestamp !== undefined) problems.push(`pvc ${wanted.metadata.name} is being deleted`);
      if (existing) continue;
      try {
        await client.create(PersistentVolumeClaims, wanted);
        events.event(set, 'Normal', 'SuccessfulCreate', `create Claim ${wanted.metadata.name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} success`);
      } catch (error) {
        if (isReason(error, 'AlreadyExists')) continue;
        if (isNamespaceTerminating(error)) throw error;
        events.event(set, 'Warning', 'FailedCreate', `create Claim ${wanted.metadata.name} for Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${textOf(error)}`);
        problems.push(`failed to create PVC ${wanted.metadata.name}: ${textOf(error)}`);
      }
    }
    if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`);
  };

  /** Puts the owners on claims that the retention policy asks for. */
  const keepClaims = async (set: StatefulSet, owned: readonly Pod[]) => {
    for (const pod of owned) {
      for (const { metadata } of claimsOf(set, ordinalOf(set, pod))) {
        const existing: PersistentVolumeClaim | undefined = claims.get(metadata.namespace ?? '', metadata.name ?? '');
        const ownerReferences = existing && claimOwners(set, existing, pod);
        if (ownerReferences) await client.update(PersistentVolumeClaims, { ...existing, metadata: { ...existing.metadata, ownerReferences: [...ownerReferences] } });
      }
    }
  };

  return controllerIn(context, { name: COMPONENT, workers: { default: 5 }, reconcile, setup });
}
