import { ResourceQuotas } from '../../api/kinds/core/resource-quota.ts';
import { groupResource, type KubeObject, type ResourceType } from '../../api/object.ts';
import { inScope } from '../../api/quota/quota.ts';
import { usageOf } from '../../api/quota/usage.ts';
import { addLists, formatResourceList, mask, type ResourceList } from '../../api/resource-list.ts';
import type { Pod, ResourceQuota } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import type { WorkQueue } from '../../client/workqueue.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { keyOf, splitKey } from '../names.ts';
import { isFinished } from '../pods.ts';
import { quantityOf } from '../../base/quantity.ts';

/** Usage is counted anew at this interval, whatever happened (--resource-quota-sync-period). */
const RESYNC_MS = 5 * 60_000;

/** Counts what a namespace uses against its quotas. Admission adds; this sees what left (pkg/controller/resourcequota). `resources` lists every namespaced resource. */
export function resourceQuotaController(context: ControllerContext, resources: () => Promise<readonly ResourceType[]>): Component {
  const { client, clock, informers } = context;
  const quotas = informers.informer(ResourceQuotas);
  /** By informer: a resource that was away has another one. */
  const replenished = new WeakSet<object>();
  let queue: WorkQueue | undefined;

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    const quota = quotas.get(namespace, name);
    if (!quota) return;
    const names = Object.keys(quota.spec.hard ?? {});
    const types = (await resources()).filter((type) => type.namespaced && names.some((limited) => concerns(limited, groupResource(type))));
    await Promise.all(types.map(replenish));
    // From the informers' copies: what admission charged a moment ago may not be there yet, so a newer write than the copy wins by its resourceVersion and we are called again.
    let used: ResourceList = new Map(names.map((limited) => [limited, quantityOf(0)]));
    for (const type of types) {
      for (const object of informers.informer(type).list(namespace)) {
        if (inScope(quota, groupResource(type), object)) used = addLists(used, mask(usageOf(type, object, clock.now()), (limited) => names.includes(limited)));
      }
    }
    await write(quota, used);
    return { afterMs: RESYNC_MS };
  };

  async function write(quota: ResourceQuota, used: ResourceList): Promise<void> {
    const status = { hard: quota.spec.hard ?? {}, used: formatResourceList(used) };
    if (same(quota.status?.hard, status.hard) && same(quota.status?.used, status.used)) return;
    await client.update(ResourceQuotas, { ...quota, status }, { subresource: 'status' });
  }

  /** Whatever leaves gives its place back at once. */
  async function replenish(type: ResourceType): Promise<void> {
    const resource = groupResource(type);
    const informer = informers.informer(type);
    if (replenished.has(informer)) return;
    replenished.add(informer);
    const freed = (object: KubeObject) => {
      for (const quota of quotas.list(object.metadata.namespace)) if (Object.keys(quota.spec.hard ?? {}).some((limited) => concerns(limited, resource))) queue?.add(keyOf(quota));
    };
    informer.onChange({
      deleted: freed,
      updated: (old, next) => {
        // A pod's spec changes seldom: when it is given a deadline, which moves it to another scope, and when it is resized.
        const changed = resource === 'pods' ? isFinished(old as Pod) !== isFinished(next as Pod) || old.metadata.generation !== next.metadata.generation : resource === 'services' || resource === 'persistentvolumeclaims';
        if (changed) freed(next);
      },
    });
    await informer.start();
  }

  return controllerIn(context, {
    name: 'resourcequota-controller',
    workers: { default: 5 },
    reconcile,
    setup: (work) => {
      queue = work;
      quotas.onChange({
        added: (quota) => work.add(keyOf(quota)),
        updated: (old, quota) => { if (old.metadata.generation !== quota.metadata.generation || !same(quota.spec.hard, quota.status?.hard)) work.add(keyOf(quota)); },
      });
      return [quotas];
    },
  });
}

/** Whether a limited name is about objects of this resource. */
export function concerns(limited: string, resource: string): boolean {
  if (limited.startsWith('count/')) return limited.slice('count/'.length) === resource;
  switch (resource) {
    case 'pods': return limited === 'pods' || /^((requests|limits)\.)?(cpu|memory|ephemeral-storage|hugepages-.*)$/.test(limited) || /^requests\..*\//.test(limited);
    case 'services': return limited === 'services' || limited.startsWith('services.');
    case 'persistentvolumeclaims': return limited === 'persistentvolumeclaims' || limited === 'requests.storage' || limited.includes('.storageclass.storage.k8s.io/');
    default: return limited === resource;
  }
}

function same(a: Readonly<Record<string, string>> | undefined, b: Readonly<Record<string, string>> | undefined): boolean {
  const keys = Object.keys(a ?? {});
  return keys.length === Object.keys(b ?? {}).length && keys.every((key) => a?.[key] === b?.[key]);
}
