import type { CustomResourceDefinition } from '../../types/apiextensions.v1.ts';

/** Stays on a definition until its instances are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** A definition waits for its instances before it goes (apiextensions-apiserver pkg/registry/customresourcedefinition/etcd.go Delete). */
export function markTerminating(definition: CustomResourceDefinition, now: string): void {
  const { metadata } = definition;
  metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), CLEANUP_FINALIZER])];
  const status = (definition.status ??= {});
  status.conditions = [
    ...(status.conditions ?? []).filter((condition) => condition.type !== 'Terminating'),
    { type: 'Terminating', status: 'True', lastTransitionTime: now, reason: 'InstanceDeletionPending', message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon' },
  ];
}
