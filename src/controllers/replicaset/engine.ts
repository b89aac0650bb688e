import { isNamespaceTerminating, isReason } from '../../api/errors.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { KubeObject, ResourceType } from '../../api/object.ts';
import { labelSelectorFromObject, selectsAll } from '../../api/selectors.ts';
import type { ReplicaSetStatus } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { LabelSelector } from '../../api/types/meta.v1.ts';
import { type WorkQueue } from '../../client/index.ts';
import type { Component, Reconcile } from '../../client/controller.ts';
import { sameStatus } from '../canonical.ts';
import { claim } from '../claim.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { expectations } from '../expectations.ts';
import { keyOf, splitKey } from '../names.ts';
import { controllerOf, ownershipIndex } from '../ownership.ts';
import { podControl } from '../podcontrol.ts';
import { isActive } from '../pods.ts';
import { quotaGate, type QuotaGate } from '../quota.ts';
import { podFromTemplate } from '../template.ts';
import { nextAvailability, nextStatus, podChange, slowStart, type SetView } from './decide.ts';

/** A kind that keeps so many pods of one template: ReplicaSet, ReplicationController. */
export interface SetKind<T extends KubeObject> {
  readonly type: ResourceType<T>;
  /** `replicaset-controller` */
  readonly component: string;
  readonly selector: (set: T) => LabelSelector | undefined;
  readonly view: (set: T) => SetView;
  readonly withStatus: (set: T, status: ReplicaSetStatus) => T;
}

/** Keeps each set's pods at the wanted number (pkg/controller/replicaset/replica_set.go, for both kinds). */
export function setController<T extends KubeObject>(context: ControllerContext, kind: SetKind<T>): Component {
  const { client, clock } = context;
  const sets = context.informers.informer(kind.type);
  const pods = context.informers.informer(Pods);
  const podsByOwner = ownershipIndex(pods);
  const setsByOwner = ownershipIndex(sets);
  const expected = expectations(clock);
  const events = context.events(kind.component);
  const control = podControl(client, events);
  let queue: WorkQueue;
  let quotas: QuotaGate;

  const ownerOf = (pod: Pod): T | undefined => {
    const reference = controllerOf(pod);
    if (reference?.kind !== kind.type.kind) return undefined;
    const set = sets.get(pod.metadata.namespace ?? '', reference.name);
    return set?.metadata.uid === reference.uid ? set : undefined;
  };
  const wake = (pod: Pod) => {
    const owner = ownerOf(pod);
    if (owner) queue.add(keyOf(owner));
    if (controllerOf(pod)) return;
    for (const set of sets.list(pod.metadata.namespace)) if (labelSelectorFromObject(kind.selector(set))(pod.metadata.labels)) queue.add(keyOf(set));
  };
  const setup = (workQueue: WorkQueue) => {
    queue = workQueue;
    quotas = quotaGate(context.informers, (key) => {
      queue.forget(key);
      queue.add(key);
    });
    sets.onChange({
      added: (set) => queue.add(keyOf(set)),
      updated: (_, set) => queue.add(keyOf(set)),
      deleted: (set) => {
        expected.forget(keyOf(set));
        quotas.note(set.metadata.namespace ?? '', keyOf(set), undefined);
        queue.add(keyOf(set));
      },
    });
    pods.onChange({
      added: (pod) => {
        if (pod.metadata.deletionTimestamp === undefined) expected.observeCreated(pod.metadata.uid!);
        else expected.observeDeleted(pod.metadata.uid!);
        wake(pod);
      },
      updated: (old, pod) => {
        if (old === pod) return;
        if (pod.metadata.deletionTimestamp !== undefined) expected.observeDeleted(pod.metadata.uid!);
        if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) wake(old);
        wake(pod);
      },
      deleted: (pod) => {
        expected.observeCreated(pod.metadata.uid!);
        expected.observeDeleted(pod.metadata.uid!);
        if (controllerOf(pod)) wake(pod);
      },
    });
    return [sets, pods, quotas.informer];
  };

  /** Creates in growing batches; the first batch with a failure is the last. Rejects with that failure. */
  const create = async (set: T, template: SetView['template'], count: number) => {
    const key = keyOf(set);
    const pod = podFromTemplate(template, set, kind.type);
    const createOne = async () => {
      const created = await control.create(pod, set);
      const { namespace = '', name = '', uid = '' } = created.metadata;
      expected.created(key, uid, pods.get(namespace, name)?.metadata.uid === uid);
    };
    for (const size of slowStart(count)) {
      const results = await Promise.allSettled(Array.from({ length: size }, createOne));
      const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason as unknown);
      const failure = failures.find((reason) => !isNamespaceTerminating(reason));
      if (failure !== undefined) throw failure;
      if (failures.length > 0) return;
    }
  };
  const remove = async (set: T, victims: readonly Pod[]) => {
    for (const pod of victims) expected.deleting(keyOf(set), pod.metadata.uid!);
    const results = await Promise.allSettled(victims.map(async (pod) => {
      try {
        await control.remove(pod, set);
      } catch (error) {
        expected.observeDeleted(pod.metadata.uid!);
        if (!isReason(error, 'NotFound')) throw error;
      }
    }));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const siblings = (set: T): readonly Pod[] => {
    const owner = controllerOf(set);
    return owner ? setsByOwner.ownedBy(owner.uid).flatMap((other) => podsByOwner.ownedBy(other.metadata.uid!)) : [];
  };

  const reconcile: Reconcile = async (key) => {
    const { namespace, name } = splitKey(key);
    const set = sets.get(namespace, name);
    if (!set) return;
    const selector = kind.selector(set);
    if (!selector || selectsAll(selector)) return;
    const mayChange = expected.satisfied(key);
    const matches = labelSelectorFromObject(selector);
    const candidates = [...podsByOwner.ownedBy(set.metadata.uid!), ...podsByOwner.orphans(namespace)].filter(isActive);
    const active = await claim({ client, owner: set, ownerType: kind.type, type: Pods, matches: (pod) => matches(pod.metadata.labels) }, candidates);
    const view = kind.view(set);
    let failure: Error | undefined;
    if (mayChange && set.metadata.deletionTimestamp === undefined) {
      try {
        const change = podChange(view, active, () => siblings(set), clock.now());
        if (change && 'create' in change) await create(set, view.template, change.create);
        else if (change) await remove(set, change.remove);
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
      }
      quotas.note(namespace, key, failure);
    }
    const now = clock.now();
    await writeStatus(set, nextStatus(view, active, failure, now));
    if (failure) throw failure;
    const afterMs = nextAvailability(view, active, now);
    if (afterMs !== undefined) return { afterMs };
  };

  /** Writes a status that differs, with one more try from the newest version (replica_set_utils.go updateReplicaSetStatus). */
  const writeStatus = async (set: T, status: ReplicaSetStatus) => {
    if (sameStatus(kind.view(set).status, status)) return;
    try {
      await client.update(kind.type, kind.withStatus(set, status), { subresource: 'status' });
    } catch (error) {
      if (!isReason(error, 'Conflict')) throw error;
      const fresh = await client.get(kind.type, set.metadata.name ?? '', { namespace: set.metadata.namespace });
      if (fresh.metadata.uid === set.metadata.uid) await client.update(kind.type, kind.withStatus(fresh, status), { subresource: 'status' });
    }
  };

  return controllerIn(context, { name: kind.component, workers: { default: 5 }, reconcile, setup });
}
