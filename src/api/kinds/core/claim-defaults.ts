import type { PersistentVolumeClaimSpec } from '../../types/core.v1.ts';

/** Defaults of a claim's spec, also in templates. dataSource and dataSourceRef mirror each other (registry/core/persistentvolumeclaim/strategy.go). */
export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
}

/** Fills dataSource from dataSourceRef and the other way round, unless the reference crosses namespaces. */
export function mirrorDataSource(spec: PersistentVolumeClaimSpec): void {
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace) {
    const { apiGroup, kind, name } = spec.dataSourceRef;
    spec.dataSource = { ...(apiGroup !== undefined && { apiGroup }), kind, name };
  }
}
