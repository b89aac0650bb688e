import { StatusError, badRequest, forbidden, internal, tooManyRequests } from '../../api/errors.ts';
import { copyJson } from '../../api/json.ts';
import { labelSelectorFromObject } from '../../api/selectors.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Status } from '../../api/types/meta.v1.ts';
import type { Eviction, PodDisruptionBudget } from '../../api/types/policy.v1.ts';
import { validate } from '../admission/plugin.ts';
import { writeRequest, type Outcome, type Target, type WriteCall } from '../operations.ts';
import { admissionRequest, timestamp, type Core, type WriteRequest } from '../registry/core.ts';
import { remove } from '../registry/delete.ts';
import { get } from '../registry/read.ts';
import { update } from '../registry/update.ts';
import type { Subresource } from './index.ts';

const BUDGETS = { group: 'policy', plural: 'poddisruptionbudgets' };
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";
const MAX_DISRUPTED = 2_000;

/** A delete that a disruption budget may refuse (pkg/registry/core/pod/storage/eviction.go). */
export const evictionSubresource: Subresource = {
  body: [{ apiVersion: 'policy/v1', kind: 'Eviction', message: 'policy/v1.Eviction' }, { apiVersion: 'policy/v1beta1', kind: 'Eviction', message: 'policy/v1.Eviction' }],
  create: (core, target, object, call) => evict(core, target, object as Eviction, call),
};

async function evict(core: Core, target: Target, eviction: Eviction, call: WriteCall): Promise<Outcome> {
  if (eviction.metadata.name && eviction.metadata.name !== target.name) throw badRequest('name in URL does not match name in Eviction object');
  const options = eviction.deleteOptions;
  const dryRun = call.dryRun || (options?.dryRun?.length ?? 0) > 0;
  const request: WriteRequest = { ...writeRequest(target, call), dryRun };
  const pod = get(core, target.resource, target.namespace, target.name).object as Pod;
  await validate(core.admission, admissionRequest(core, request, { operation: 'CREATE', name: target.name, subresource: 'eviction', object: eviction }));
  if (!ignoresBudgets(pod)) {
    const budgets = budgetsOf(core, pod);
    if (budgets.length > 1) throw internal('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
    if (budgets[0] && !mayGoUnhealthy(budgets[0], pod)) await takeDisruption(core, request, budgets[0], pod);
  }
  if (!dryRun) await markTarget(core, request, target);
  await remove(core, request, target.name, {
    ...(options?.gracePeriodSeconds !== undefined && { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options?.propagationPolicy !== undefined && { propagationPolicy: options.propagationPolicy }),
    ...(options?.preconditions?.uid !== undefined && { preconditions: { uid: options.preconditions.uid } }),
  });
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return { object: status, status: 201 };
}

/** Pods that serve nobody any more, or not yet. */
function ignoresBudgets(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined;
}

function budgetsOf(core: Core, pod: Pod): PodDisruptionBudget[] {
  const all = core.store.list(`poddisruptionbudgets.policy/${pod.metadata.namespace}/`).entries.map((entry) => entry.object as PodDisruptionBudget);
  return all.filter((budget) => labelSelectorFromObject(budget.spec?.selector)(pod.metadata.labels));
}

/** A pod that is not ready anyway may go when the budget is otherwise kept, or its policy does not mind. */
function mayGoUnhealthy(budget: PodDisruptionBudget, pod: Pod): boolean {
  const ready = pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  if (ready) return false;
  if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

/** What a budget says to one more disruption: its changed status, or the refusal. */
export function disrupt(budget: PodDisruptionBudget, podName: string, now: string): PodDisruptionBudget | StatusError {
  const name = budget.metadata.name!;
  const status = budget.status;
  const refuse = (message: string, retryAfter: number) => tooManyRequests(VIOLATION, retryAfter, [{ reason: 'DisruptionBudget', message }]);
  if ((status?.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) return refuse(`The disruption budget ${name} is still being processed by the server.`, 10);
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 0) return forbidden(BUDGETS, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status?.disruptedPods ?? {}).length > MAX_DISRUPTED) return forbidden(BUDGETS, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  if (allowed === 0) return refuse(`The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`, 0);
  const next = copyJson(budget);
  next.status!.disruptionsAllowed = allowed - 1;
  next.status!.disruptedPods = { ...status?.disruptedPods, [podName]: now };
  if (allowed === 1) {
    const others = (status?.conditions ?? []).filter((condition) => condition.type !== 'DisruptionAllowed');
    next.status!.conditions = [...others, { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '', lastTransitionTime: now, observedGeneration: status?.observedGeneration ?? 0 }];
  }
  return next;
}

async function takeDisruption(core: Core, request: WriteRequest, budget: PodDisruptionBudget, pod: Pod): Promise<void> {
  const resource = core.scheme.stored('policy', 'poddisruptionbudgets');
  if (!resource) throw internal('poddisruptionbudgets are not served');
  await update(core, { ...request, resource, namespace: budget.metadata.namespace! }, {
    name: budget.metadata.name!,
    subresource: 'status',
    retry: true,
    next(current) {
      const next = disrupt(current!.object as PodDisruptionBudget, pod.metadata.name!, timestamp(core.clock.now()));
      if (next instanceof StatusError) throw next;
      return next;
    },
  });
}

async function markTarget(core: Core, request: WriteRequest, target: Target): Promise<void> {
  await update(core, request, {
    name: target.name,
    subresource: 'status',
    retry: true,
    next(current) {
      const pod = copyJson(current!.object) as Pod;
      const others = (pod.status?.conditions ?? []).filter((condition) => condition.type !== 'DisruptionTarget');
      const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', lastTransitionTime: timestamp(core.clock.now()) };
      pod.status = { ...pod.status, conditions: [...others, condition] };
      return pod;
    },
  });
}
