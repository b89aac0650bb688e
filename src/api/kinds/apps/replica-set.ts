import type { ReplicaSet } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, integer, nameColumn, selectorOrNone, templateColumns, wide } from '../columns.ts';
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts';
import { oldReplicaSets } from './old-versions.ts';
import { selectorStays, validateReplicaSet, validateReplicaStatus } from './workload-validation.ts';
import { namedTemplateWarnings } from '../core/pod-warnings.ts';

export const replicaSet = defineKind<ReplicaSet>({
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.ReplicaSet' },
  served: oldReplicaSets,
  status: true,
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  defaults(set) {
    const spec = (set.spec ??= {} as ReplicaSet['spec']);
    spec.replicas ??= 1;
    spec.template ??= { metadata: {}, spec: { containers: [] } };
    defaultPodTemplate(spec.template);
  },
  validate: validateReplicaSet,
  validateUpdate: selectorStays,
  validateStatus: validateReplicaStatus,
  prepareCreate(set) {
    set.status = { replicas: 0 };
  },
  warnings: (set, old) => namedTemplateWarnings(set, old, set.spec.template),
  fieldSelectors: { 'status.replicas': (set) => String(set.status?.replicas ?? 0) },
  columns: [
    nameColumn,
    integer('Desired', (set) => set.spec.replicas ?? 0),
    integer('Current', (set) => set.status?.replicas ?? 0),
    integer('Ready', (set) => set.status?.readyReplicas ?? 0),
    ageColumn,
    ...templateColumns<ReplicaSet>((set) => set.spec.template?.spec.containers),
    wide('Selector', (set) => selectorOrNone(set.spec.selector)),
  ],
});

export const ReplicaSets = resourceOf(replicaSet);
