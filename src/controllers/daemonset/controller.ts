import { isNamespaceTerminating, isReason } from '../../api/errors.ts';
import { ControllerRevisions } from '../../api/kinds/apps/controller-revision.ts';
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { labelSelectorFromObject, selectsAll } from '../../api/selectors.ts';
import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type { Node, Pod } from '../../api/types/core.v1.ts';
import { type WorkQueue } from '../../client/index.ts';
import type { Component, Reconcile } from '../../client/controller.ts';
import { backoff } from '../backoff.ts';
import { canonical, sameStatus } from '../canonical.ts';
import { claim } from '../claim.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { expectations } from '../expectations.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { controllerOf, ownershipIndex } from '../ownership.ts';
import { podControl } from '../podcontrol.ts';
import { quotaGate, type QuotaGate } from '../quota.ts';
import { BURST, slowStart } from '../replicaset/decide.ts';
import { byRevision, REVISION_LABEL, truncateRevisions, updateRevision } from '../revisions.ts';
import { podFromTemplate } from '../template.ts';
import { nextAvailability, place, revisionOf, roll, statusOf, type Changes } from './decide.ts';
import { affinityTo, daemonTolerations } from './nodes.ts';

const COMPONENT = 'daemonset-controller';
const GENERATION = 'deprecated.daemonset.template.generation';

/** Keeps one pod of every DaemonSet on each node that it is for (pkg/controller/daemon). */
export function daemonSetController(context: ControllerContext): Component {
  const { client, clock } = context;
  const sets = context.informers.informer(DaemonSets);
  const pods = context.informers.informer(Pods);
  const nodes = context.informers.informer(Nodes);
  const revisions = context.informers.informer(ControllerRevisions);
  const podsByOwner = ownershipIndex(pods);
  const revisionsByOwner = ownershipIndex(revisions);
  const events = context.events(COMPONENT);
  const control = podControl(client, events);
  const expected = expectations(clock);
  const failures = backoff(clock, 1000, 15 * 60_000);
  let quotas: QuotaGate;

  const setup = (queue: WorkQueue) => {
    quotas = quotaGate(context.informers, (key) => {
      queue.forget(key);
      queue.add(key);
    });
    const wakeAll = () => {
      for (const set of sets.list()) queue.add(keyOf(set));
    };
    const wake = (pod: Pod) => {
      const owner = controllerOf(pod);
      if (owner?.kind === DaemonSets.kind) queue.add(keyFor(pod.metadata.namespace, owner.name));
      if (owner) return;
      for (const set of sets.list(pod.metadata.namespace)) if (labelSelectorFromObject(set.spec.selector)(pod.metadata.labels)) queue.add(keyOf(set));
    };
    sets.onChange({
      added: (set) => queue.add(keyOf(set)),
      updated: (_, set) => queue.add(keyOf(set)),
      deleted: (set) => expected.forget(keyOf(set)),
    });
    nodes.onChange({
      added: wakeAll,
      updated: (old, next) => {
        if (matters(old) !== matters(next)) wakeAll();
      },
      deleted: wakeAll,
    });
    pods.onChange({
      added: (pod) => {
        expected.observeCreated(pod.metadata.uid!);
        wake(pod);
      },
      updated: (old, pod) => {
        if (pod.metadata.deletionTimestamp !== undefined) expected.observeDeleted(pod.metadata.uid!);
        if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) wake(old);
        wake(pod);
      },
      deleted: (pod) => {
        expected.observeCreated(pod.metadata.uid!);
        expected.observeDeleted(pod.metadata.uid!);
        wake(pod);
      },
    });
    return [sets, pods, nodes, revisions, quotas.informer];
  };

  const reconcile: Reconcile = async (key) => {
    const { namespace, name } = splitKey(key);
    const set = sets.get(namespace, name);
    if (!set || set.metadata.deletionTimestamp !== undefined) return;
    if (selectsAll(set.spec.selector)) return events.event(set, 'Warning', 'SelectingAll', 'This daemon set is selecting all pods. A non-empty selector is required.');
    const matches = labelSelectorFromObject(set.spec.selector);
    const ownedRevisions = [...revisionsByOwner.ownedBy(set.metadata.uid!)].sort(byRevision);
    const { revision, collisionCount } = await updateRevision(client, { owner: set, ownerType: DaemonSets, template: set.spec.template, hashLabel: REVISION_LABEL }, ownedRevisions, set.status?.collisionCount ?? 0);
    const hash = revision.metadata.labels?.[REVISION_LABEL] ?? '';
    const candidates = [...podsByOwner.ownedBy(set.metadata.uid!), ...podsByOwner.orphans(namespace)];
    const owned = await claim({ client, owner: set, ownerType: DaemonSets, type: Pods, matches: (pod) => matches(pod.metadata.labels) }, candidates);
    const backoffKey = (node: string) => `${set.metadata.uid}/${set.status?.observedGeneration ?? 0}/${node}`;
    const observed = { set, nodes: nodes.list(), pods: owned, hash, now: clock.now(), heldBack: (node: string) => failures.left(backoffKey(node)) };
    let failure: unknown;
    let afterMs: number | undefined;
    const ready = expected.satisfied(key);
    if (ready) {
      try {
        const placed = place(observed);
        afterMs = placed.afterMs;
        for (const node of placed.failed) failures.next(backoffKey(node));
        for (const event of placed.events) events.event(set, event.severity, event.reason, event.message);
        await carryOut(set, hash, placed);
        if (set.spec.updateStrategy?.type !== 'OnDelete' && expected.satisfied(key) && placed.create.length + placed.remove.length === 0) await carryOut(set, hash, roll(observed));
        const used = new Set([hash, ...owned.map(revisionOf)]);
        await truncateRevisions(client, ownedRevisions, ({ metadata }) => metadata.uid === revision.metadata.uid || used.has(metadata.labels?.[REVISION_LABEL] ?? ''), set.spec.revisionHistoryLimit ?? 10);
      } catch (error) {
        failure = error;
      }
      quotas.note(namespace, key, failure);
    }
    const status = { ...statusOf(observed), ...(collisionCount > 0 && { collisionCount }) };
    if (!sameStatus(set.status, status)) await client.update(DaemonSets, { ...set, status: ready ? status : { ...status, observedGeneration: set.status?.observedGeneration } }, { subresource: 'status' });
    if (failure !== undefined) throw failure;
    const waits = [afterMs, nextAvailability(observed)].filter((ms) => ms !== undefined);
    if (waits.length > 0) return { afterMs: Math.min(...waits) };
  };

  /** Creates and deletes at most a burst of each, creations in growing batches (syncNodes). */
  const carryOut = async (set: DaemonSet, hash: string, { create, remove }: Pick<Changes, 'create' | 'remove'>) => {
    const key = keyOf(set);
    const failed: unknown[] = [];
    const targets = create.slice(0, BURST);
    let next = 0;
    for (const size of slowStart(targets.length)) {
      const results = await Promise.allSettled(targets.slice(next, next + size).map(async (node) => {
        const created = await control.create(daemonPod(set, node, hash), set);
        const { namespace = '', name = '', uid = '' } = created.metadata;
        expected.created(key, uid, pods.get(namespace, name)?.metadata.uid === uid);
      }));
      next += size;
      const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason as unknown);
      failed.push(...failures.filter((reason) => !isNamespaceTerminating(reason)));
      if (failures.length > 0) break;
    }
    const victims = remove.slice(0, BURST);
    for (const pod of victims) expected.deleting(key, pod.metadata.uid!);
    await Promise.all(victims.map(async (pod) => {
      try {
        await control.remove(pod, set);
      } catch (error) {
        expected.observeDeleted(pod.metadata.uid!);
        if (!isReason(error, 'NotFound')) failed.push(error);
      }
    }));
    if (failed.length > 0) throw failed[0];
  };

  return controllerIn(context, { name: COMPONENT, workers: { default: 2 }, reconcile, setup });
}

/** What of a node decides about daemons. */
const matters = (node: Node) => canonical([node.metadata.labels, node.spec?.taints]);

function daemonPod(set: DaemonSet, node: string, hash: string): Pod {
  const pod = podFromTemplate(set.spec.template, set, DaemonSets);
  const generation = set.metadata.annotations?.[GENERATION];
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [REVISION_LABEL]: hash, ...(generation !== undefined && { 'pod-template-generation': generation }) } },
    spec: { ...pod.spec, affinity: affinityTo(pod.spec.affinity, node), tolerations: daemonTolerations(pod.spec) },
  };
}
