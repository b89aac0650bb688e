import { forbidden, isReason } from '../../api/errors.ts';
import { groupResource } from '../../api/object.ts';
import { ResourceQuotas } from '../../api/kinds/core/resource-quota.ts';
import { charge, inScope, unstated } from '../../api/quota/quota.ts';
import { usageOf } from '../../api/quota/usage.ts';
import { formatResourceList, NOTHING, type ResourceList } from '../../api/resource-list.ts';
import type { Pod, ResourceQuota } from '../../api/types/core.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/**
 * Refuses what would go beyond a namespace's quotas, and writes the new usage before the object is created (plugin/pkg/admission/resourcequota). Charges of one namespace are made one after
 * the other, so that two creates cannot both take the last place.
 */
export function resourceQuota(store: Store, clock: Clock): AdmissionPlugin {
  const turns = new Map<string, Promise<void>>();
  return {
    name: 'ResourceQuota',
    validate(request) {
      const { namespace, operation, subresource, object } = request;
      if (namespace === '' || object === undefined || (subresource !== '' && subresource !== 'resize') || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      if (quotasOf(store, namespace).length === 0) return;
      const turn = (turns.get(namespace) ?? Promise.resolve()).catch(() => undefined).then(() => chargeAll(request, store, clock));
      turns.set(namespace, turn);
      const forget = () => {
        if (turns.get(namespace) === turn) turns.delete(namespace);
      };
      turn.then(forget, forget);
      return turn;
    },
  };
}

function quotasOf(store: Store, namespace: string): ResourceQuota[] {
  return store.list(`resourcequotas/${namespace}/`).entries.map((entry) => entry.object as ResourceQuota);
}

async function chargeAll(request: AdmissionRequest, store: Store, clock: Clock): Promise<void> {
  const { kind, resource, object, oldObject, operation, namespace, client, dryRun } = request;
  if (object === undefined) return;
  const type = { group: kind.storage.group, plural: kind.plural };
  const name = object.metadata.name ?? request.name;
  const now = usageOf(type, object, clock.now());
  const before = operation === 'UPDATE' && oldObject ? usageOf(type, oldObject, clock.now()) : NOTHING;
  const fitting: { quota: ResourceQuota; used: ResourceList }[] = [];
  /** What it comes to of that quota, if it can be had. */
  const charged = (quota: ResourceQuota): ResourceList | undefined => {
    // An object that came into the quota's scope is new to it.
    const counted = oldObject && inScope(quota, groupResource(type), oldObject);
    const outcome = charge(quota, now, counted ? before : NOTHING);
    if (outcome.kind === 'exceeded') throw forbidden(resource, name, outcome.message);
    return outcome.kind === 'fits' ? outcome.used : undefined;
  };
  for (const quota of quotasOf(store, namespace)) {
    if (!inScope(quota, groupResource(type), object)) continue;
    if (operation === 'CREATE' && groupResource(type) === 'pods') {
      const missing = unstated(quota, object as Pod);
      if (missing !== undefined) throw forbidden(resource, name, `failed quota: ${quota.metadata.name ?? ''}: ${missing}`);
    }
    const used = charged(quota);
    if (used) fitting.push({ quota, used });
  }
  if (dryRun) return;
  const write = (quota: ResourceQuota, used: ResourceList) =>
    client.update(ResourceQuotas, { ...quota, status: { ...quota.status, hard: quota.status?.hard ?? quota.spec.hard, used: formatResourceList(used) } }, { subresource: 'status' });
  for (const { quota, used } of fitting) {
    let next: { quota: ResourceQuota; used: ResourceList } | undefined = { quota, used };
    for (let left = RETRIES; next; left--) {
      try {
        await write(next.quota, next.used);
        break;
      } catch (error) {
        if (left === 0 || !isReason(error, 'Conflict')) throw error;
      }
      // Somebody else wrote it meanwhile, mostly the controller that counts it: what is now there is charged (resourcequota/controller.go checkQuotas).
      const fresh = quotasOf(store, namespace).find(({ metadata }) => metadata.uid === quota.metadata.uid);
      const again = fresh && charged(fresh);
      next = fresh && again && { quota: fresh, used: again };
    }
  }
}

/** How often a charge is tried again. */
const RETRIES = 3;
