import type { Store } from '../../store/store.ts';
import type { HealthCheck } from './health.ts';

/** What a server can say of itself, under the names that upstream's probes go by; `etcd` is whatever keeps the objects. */
export function ownChecks(store: Store): readonly HealthCheck[] {
  const stored = (key: string) => (store.get(key) ? undefined : `${key} is not there`);
  return [
    { name: 'ping', check: () => undefined },
    { name: 'etcd', check: () => failureOf(() => store.list('namespaces//', { limit: 1 })) },
    { name: 'poststarthook/start-system-namespaces-controller', check: () => stored('namespaces//kube-system') },
    { name: 'poststarthook/rbac/bootstrap-roles', check: () => stored('clusterroles.rbac.authorization.k8s.io//cluster-admin') },
  ];
}

function failureOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
