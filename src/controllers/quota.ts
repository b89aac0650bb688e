import { ResourceQuotas } from '../api/kinds/core/resource-quota.ts';
import { isReason } from '../api/errors.ts';
import type { ResourceQuota } from '../api/types/core.v1.ts';
import { compareQuantities, parseQuantity } from '../base/quantity.ts';
import type { InformerFactory } from '../client/index.ts';

/**
 * Keys whose last creation a quota refused. Upstream retries them after their back-off, which grows to minutes; here they are retried the moment a quota of the
 * namespace grows, is used less, or goes.
 */
export interface QuotaGate {
  /** Notes how the key's last creations went. */
  note(namespace: string, key: string, failure: unknown): void;
  readonly informer: { start(): Promise<void> };
}

/** `retry` is called for every key that may succeed now. */
export function quotaGate(informers: InformerFactory, retry: (key: string) => void): QuotaGate {
  const refused = new Map<string, Set<string>>();
  const informer = informers.informer(ResourceQuotas);
  const retryAll = (quota: ResourceQuota) => {
    const keys = refused.get(quota.metadata.namespace ?? '');
    if (keys) for (const key of keys) retry(key);
  };
  informer.onChange({
    updated: (old, next) => {
      if (hasEased(old, next)) retryAll(next);
    },
    deleted: retryAll,
  });
  return {
    note(namespace, key, failure) {
      const keys = refused.get(namespace) ?? new Set<string>();
      if (isQuotaRefusal(failure)) keys.add(key);
      else keys.delete(key);
      if (keys.size > 0) refused.set(namespace, keys);
      else refused.delete(namespace);
    },
    informer,
  };
}

function isQuotaRefusal(failure: unknown): boolean {
  return isReason(failure, 'Forbidden') && /exceeded quota: |failed quota: /.test(failure.message);
}

/** Whether some limit is higher or gone, or some usage lower, than before. */
export function hasEased(old: ResourceQuota, next: ResourceQuota): boolean {
  const { hard: hardBefore = {}, used: usedBefore = {} } = old.status ?? {};
  const { hard = {}, used = {} } = next.status ?? {};
  const above = (a: string, b: string) => compareQuantities(parseQuantity(a), parseQuantity(b)) > 0;
  return Object.entries(hardBefore).some(([name, before]) => hard[name] === undefined || above(hard[name], before))
    || Object.entries(usedBefore).some(([name, before]) => used[name] !== undefined && above(before, used[name]));
}
