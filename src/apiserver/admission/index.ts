import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Store } from '../../store/store.ts';
import { claimResize } from './claim-resize.ts';
import { defaultIngressClass, defaultStorageClass, defaultTolerationSeconds, taintNodesByCondition } from './defaults.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { priority } from './priority.ts';
import { resourceQuota } from './resource-quota.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-protection.ts';

/** The plugins that are always on, in upstream's order (pkg/kubeapiserver/options/plugins.go); quota last, because it writes. */
export function builtinAdmission(store: Store, clock: Clock, random: Random): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle(store), limitRanger(store), serviceAccount(store, clock, random), taintNodesByCondition, priority(store), defaultTolerationSeconds, defaultStorageClass(store), storageObjectInUseProtection,
    claimResize(store), runtimeClass(store), defaultIngressClass(store), resourceQuota(store, clock),
  ];
}
