import type { Clock } from '../../base/clock.ts';
import { FlowSchemas } from '../../api/kinds/flowcontrol/flow-schema.ts';
import { PriorityLevelConfigurations } from '../../api/kinds/flowcontrol/priority-level-configuration.ts';
import { ClusterRoleBindings } from '../../api/kinds/rbac/cluster-role-binding.ts';
import { ClusterRoles } from '../../api/kinds/rbac/cluster-role.ts';
import { groupResource, type KubeObject, type ResourceType } from '../../api/object.ts';
import type { Client } from '../../client/client.ts';
import type { Store } from '../../store/store.ts';
import { flowSchemas, priorityLevels } from './flow-control.ts';
import { createMissing } from './namespaces.ts';
import { bindingOf, controllerRoles } from './roles.ts';

const AFTER_MS = 1_000;

export interface LaterOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly client: Client;
  /** Tells API servers behind this one whom to believe. */
  readonly publish: () => Promise<void>;
  /** Told what could not be written. */
  readonly failed: (error: unknown) => void;
}

/** Makes what every cluster has and nothing here waits for, once the start is over. Returns what calls it off. */
export function ensureLater({ store, clock, client, publish, failed }: LaterOptions): () => void {
  let stopped = false;
  const ensure = async <T extends KubeObject>(type: ResourceType<T>, objects: readonly T[]) => {
    for (const object of objects) {
      if (stopped) return;
      if (!store.get(`${groupResource(type)}//${object.metadata.name}`)) await createMissing(() => client.create(type, object));
    }
  };
  const all = async () => {
    await publish();
    const roles = controllerRoles();
    await ensure(PriorityLevelConfigurations, priorityLevels());
    await ensure(FlowSchemas, flowSchemas());
    await ensure(ClusterRoles, roles);
    await ensure(ClusterRoleBindings, roles.map(bindingOf));
  };
  const timer = clock.after(AFTER_MS, () => {
    all().catch((error: unknown) => {
      if (!stopped) failed(error);
    });
  });
  return () => {
    stopped = true;
    timer.cancel();
  };
}
