import type { PersistentVolumeClaimSpec } from '../../types/core.v1.ts';

/** Defaults of a claim's spec, also in templates. dataSource and dataSourceRef mirror each other (registry/core/persistentvolumeclaim/strategy.go). */
export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
}

/** Claims and snapshots: all that dataSource ever took; whatever else it names was passed over, and still is (pkg/api/persistentvolumeclaim EnforceDataSourceBackwardsCompatibility). */
const SOURCES = new Set(['/PersistentVolumeClaim', 'snapshot.storage.k8s.io/VolumeSnapshot']);

/** Fills dataSource from dataSourceRef and the other way round, unless the reference crosses namespaces. */
export function mirrorDataSource(spec: PersistentVolumeClaimSpec, old?: PersistentVolumeClaimSpec): void {
  const { dataSource } = spec;
  if (dataSource && !spec.dataSourceRef && !old?.dataSource && !SOURCES.has(`${dataSource.apiGroup ?? ''}/${dataSource.kind}`)) delete spec.dataSource;
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace) {
    const { apiGroup, kind, name } = spec.dataSourceRef;
    spec.dataSource = { ...(apiGroup !== undefined && { apiGroup }), kind, name };
  }
}
