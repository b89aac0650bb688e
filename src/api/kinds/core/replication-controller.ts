import type { ReplicationController } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, integer, labelsText, nameColumn, templateColumns, wide } from '../columns.ts';
import { defaultPodTemplate } from './pod-spec-defaults.ts';
import { validateReplicationController } from './cluster-object-validation.ts';
import { validateReplicaStatus } from '../apps/workload-validation.ts';
import { namedTemplateWarnings } from './pod-warnings.ts';

export const replicationController = defineKind<ReplicationController>({
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.ReplicationController' },
  status: true,
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  defaults(controller) {
    controller.spec ??= {};
    controller.spec.replicas ??= 1;
    const { template } = controller.spec;
    if (!template) return;
    defaultPodTemplate(template);
    const labels = template.metadata.labels ?? {};
    if (Object.keys(labels).length === 0) return;
    if (Object.keys(controller.spec.selector ?? {}).length === 0) controller.spec.selector = { ...labels };
    if (Object.keys(controller.metadata.labels ?? {}).length === 0) controller.metadata.labels = { ...labels };
  },
  validate: validateReplicationController,
  validateStatus: validateReplicaStatus,
  prepareCreate(controller) {
    controller.status = { replicas: 0 };
  },
  warnings: (controller, old) => namedTemplateWarnings(controller, old, controller.spec.template),
  fieldSelectors: { 'status.replicas': (controller) => String(controller.status?.replicas ?? 0) },
  columns: [
    nameColumn,
    integer('Desired', (controller) => controller.spec.replicas ?? 0),
    integer('Current', (controller) => controller.status?.replicas ?? 0),
    integer('Ready', (controller) => controller.status?.readyReplicas ?? 0),
    ageColumn,
    ...templateColumns<ReplicationController>((controller) => controller.spec.template?.spec.containers),
    wide('Selector', (controller) => labelsText(controller.spec.selector)),
  ],
});

export const ReplicationControllers = resourceOf(replicationController);
