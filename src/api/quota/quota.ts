import { compareQuantities, formatQuantity, quantityOf } from '../../base/quantity.ts';
import type { KubeObject } from '../object.ts';
import { addLists, mask, parseResourceList, subtractLists, type ResourceList } from '../resource-list.ts';
import type { Pod, ResourceQuota, ScopedResourceSelectorRequirement } from '../types/core.v1.ts';
import { computeNames } from './usage.ts';

/** Names that a container must state when a quota limits them (core/pods.go validationSet). */
const MUST_STATE = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];

/** Whether a quota's scopes take in an object. Quotas with scopes only ever concern pods (and claims by class, which are not scoped here). */
export function inScope(quota: ResourceQuota, resource: string, object: KubeObject): boolean {
  const scopes: ScopedResourceSelectorRequirement[] = [
    ...(quota.spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' as const })),
    ...(quota.spec.scopeSelector?.matchExpressions ?? []),
  ];
  if (scopes.length === 0) return true;
  if (resource !== 'pods') return false;
  return scopes.every((scope) => podInScope(scope, object as Pod));
}

function podInScope({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, { spec }: Pod): boolean {
  const terminating = (spec.activeDeadlineSeconds ?? -1) >= 0;
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const bestEffort = containers.every((c) => ['cpu', 'memory'].every((name) => !positive(c.resources?.requests?.[name]) && !positive(c.resources?.limits?.[name])));
  switch (scopeName) {
    case 'Terminating': return terminating;
    case 'NotTerminating': return !terminating;
    case 'BestEffort': return bestEffort;
    case 'NotBestEffort': return !bestEffort;
    case 'PriorityClass': {
      const name = spec.priorityClassName ?? '';
      if (operator === 'Exists') return name !== '';
      if (operator === 'DoesNotExist') return name === '';
      return operator === 'In' ? values.includes(name) : !values.includes(name);
    }
    case 'CrossNamespacePodAffinity': {
      const affinity = spec.affinity;
      const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((a) => [
        ...(a?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...(a?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((p) => p.podAffinityTerm)]);
      return terms.some((t) => (t.namespaces ?? []).length > 0 || t.namespaceSelector !== undefined);
    }
    default: return false;
  }
}

const positive = (quantity: string | undefined) => quantity !== undefined && !/^0+(\.0*)?[a-zA-Z]*$/.test(quantity);

/** Why a pod's containers do not say enough for a quota: `must specify limits.cpu for: a,b; limits.memory for: a`. */
export function unstated(quota: ResourceQuota, pod: Pod): string | undefined {
  if (pod.spec.resources?.requests || pod.spec.resources?.limits) return undefined;
  const limited = MUST_STATE.filter((name) => quota.spec.hard?.[name] !== undefined);
  const missing = limited.flatMap((name) => {
    const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
      .filter((c) => !computeNames(parseResourceList(c.resources?.requests), parseResourceList(c.resources?.limits)).has(name)).map((c) => c.name);
    return containers.length > 0 ? [`${name} for: ${[...new Set(containers)].sort().join(',')}`] : [];
  });
  return missing.length > 0 ? `must specify ${missing.join('; ')}` : undefined;
}

export type Charge =
  | { readonly kind: 'fits'; readonly used: ResourceList }
  | { readonly kind: 'untouched' }
  | { readonly kind: 'exceeded'; readonly message: string };

/** Charges what an object newly takes to a quota (plugin/pkg/admission/resourcequota controller.go checkRequest). `before` is what it took until now. */
export function charge(quota: ResourceQuota, now: ResourceList, before: ResourceList): Charge {
  const hard = parseResourceList(quota.status?.hard ?? quota.spec.hard);
  const limited = (name: string) => hard.has(name);
  const requested = mask(before.size === 0 ? now : positiveOnly(subtractLists(now, before)), limited);
  if ([...requested.values()].every((q) => q.nanos === 0n)) return { kind: 'untouched' };
  const used = parseResourceList(quota.status?.used);
  const next = addLists(used, requested);
  const exceeded = [...requested.keys()].filter((name) => requested.get(name)!.nanos > 0n && compareQuantities(next.get(name)!, hard.get(name)!) > 0).sort();
  if (exceeded.length === 0) return { kind: 'fits', used: next };
  const show = (list: ResourceList) => exceeded.map((name) => `${name}=${formatQuantity(list.get(name) ?? quantityOf(0))}`).join(',');
  return { kind: 'exceeded', message: `exceeded quota: ${quota.metadata.name ?? ''}, requested: ${show(requested)}, used: ${show(used)}, limited: ${show(hard)}` };
}

function positiveOnly(list: ResourceList): ResourceList {
  return new Map([...list].filter(([, quantity]) => quantity.nanos > 0n));
}
