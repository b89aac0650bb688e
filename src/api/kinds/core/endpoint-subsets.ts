import type { Endpoints } from '../../types/core.v1.ts';

/** Puts addresses and ports in a stable order, so that equal endpoints are equal objects (registry/core/endpoint/strategy.go). */
export function sortSubsets(endpoints: Endpoints): void {
  const by = <T>(keyOf: (item: T) => string) => (a: T, b: T) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0);
  for (const subset of endpoints.subsets ?? []) {
    subset.addresses?.sort(by((a) => a.ip));
    subset.notReadyAddresses?.sort(by((a) => a.ip));
    subset.ports?.sort(by((p) => `${p.name ?? ''}/${p.protocol ?? ''}/${String(p.port).padStart(5, '0')}`));
  }
}
