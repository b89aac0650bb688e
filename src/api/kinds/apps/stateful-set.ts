import type { StatefulSet } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, templateColumns, text } from '../columns.ts';
import { defaultClaimSpec } from '../core/claim-defaults.ts';
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts';
import { oldStatefulSets } from './old-versions.ts';
import { dns1123Label } from '../../validation/formats.ts';
import { validateNewStatefulSet, validateStatefulSet, validateStatefulSetUpdate } from './workload-validation.ts';
import { templateWarnings } from '../core/pod-warnings.ts';

export const statefulSet = defineKind<StatefulSet>({
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.StatefulSet' },
  served: oldStatefulSets,
  status: true,
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  validateName: dns1123Label,
  defaults(set) {
    const spec = (set.spec ??= {} as StatefulSet['spec']);
    spec.podManagementPolicy ||= 'OrderedReady';
    const strategy = (spec.updateStrategy ??= {});
    if (!strategy.type) {
      strategy.type = 'RollingUpdate';
      strategy.rollingUpdate ??= {};
    }
    if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
    const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
    retention.whenDeleted ||= 'Retain';
    retention.whenScaled ||= 'Retain';
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.template ??= { metadata: {}, spec: { containers: [] } };
    defaultPodTemplate(spec.template);
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion ||= 'v1';
      claim.kind ||= 'PersistentVolumeClaim';
      claim.metadata ??= {};
      claim.spec ??= {};
      defaultClaimSpec(claim.spec);
      claim.status = { phase: 'Pending', ...claim.status };
    }
  },
  validate: validateStatefulSet,
  validateCreate: validateNewStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  prepareCreate(set) {
    set.status = { replicas: 0, availableReplicas: 0 };
  },
  warnings: (set, old) => [
    ...templateWarnings(set, old, set.spec.template),
    ...((set.spec.revisionHistoryLimit ?? 0) < 0 ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'] : []),
  ],
  columns: [
    nameColumn,
    text('Ready', (set) => `${set.status?.readyReplicas ?? 0}/${set.spec.replicas ?? 0}`),
    ageColumn,
    ...templateColumns<StatefulSet>((set) => set.spec.template.spec.containers),
  ],
});

export const StatefulSets = resourceOf(statefulSet);
