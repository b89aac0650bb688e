import { equalJson } from '../../api/json.ts';
import { ClusterRoles } from '../../api/kinds/rbac/cluster-role.ts';
import { isReason } from '../../api/errors.ts';
import { labelSelectorFromObject } from '../../api/selectors.ts';
import type { ClusterRole, PolicyRule } from '../../api/types/rbac.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Store } from '../../store/store.ts';

const PREFIX = 'clusterroles.rbac.authorization.k8s.io/';

/** The rules of an aggregating role: those of all roles that it selects, in order of their names, each once. */
function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map((selector) => labelSelectorFromObject(selector));
  const rules: PolicyRule[] = [];
  for (const other of all) {
    if (other.metadata.name === role.metadata.name || !selectors.some((matches) => matches(other.metadata.labels))) continue;
    for (const rule of other.rules ?? []) if (!rules.some((known) => equalJson(known, rule))) rules.push(rule);
  }
  return rules;
}

/** The aggregating roles whose rules are not what they should be, as they should be. One may take in another, so it goes on until nothing changes. */
function aggregated(all: readonly ClusterRole[]): ClusterRole[] {
  const changed = new Map<string, ClusterRole>();
  for (let rounds = 0; rounds < all.length; rounds++) {
    const now = all.map((role) => changed.get(role.metadata.name ?? '') ?? role);
    const wrong = now.filter((role) => role.aggregationRule && !equalJson(aggregatedRules(role, now), role.rules ?? []));
    if (wrong.length === 0) break;
    for (const role of wrong) changed.set(role.metadata.name ?? '', { ...role, rules: aggregatedRules(role, now) });
  }
  return [...changed.values()];
}

/**
 * Keeps aggregating ClusterRoles current (pkg/controller/clusterroleaggregation): `admin`, `edit` and `view` hold whatever roles are labelled to belong to them. Returns the function
 * that ends it. `failed` is told what could not be written.
 */
export function aggregateClusterRoles(store: Store, client: Client, failed: (error: unknown) => void): { settle(): Promise<void>; stop(): void } {
  let running: Promise<void> | undefined;
  let dirty = false;
  const pass = async () => {
    const all = store.list(PREFIX).entries.map((entry) => entry.object as ClusterRole);
    await Promise.all(aggregated(all).map((role) => client.update(ClusterRoles, role)));
  };
  const run = () => {
    dirty = true;
    running ??= (async () => {
      while (dirty) {
        dirty = false;
        try {
          await pass();
        } catch (error) {
          if (isReason(error, 'Conflict')) dirty = true;
          else failed(error);
        }
      }
      running = undefined;
    })();
  };
  const stop = store.watch(PREFIX, store.revision, run);
  run();
  return { settle: async () => void (await running), stop };
}
