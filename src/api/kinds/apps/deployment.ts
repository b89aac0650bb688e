import type { Deployment } from '../../types/apps.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, selectorText, templateColumns, text, wide } from '../columns.ts';
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts';
import { oldDeployments } from './old-versions.ts';
import { selectorStays, validateDeployment, validateDeploymentStatus } from './workload-validation.ts';
import { namedTemplateWarnings } from '../core/pod-warnings.ts';

export const deployment = defineKind<Deployment>({
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'apps', version: 'v1', message: 'apps/v1.Deployment' },
  served: oldDeployments,
  status: true,
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  defaults(deployment) {
    const spec = (deployment.spec ??= {} as Deployment['spec']);
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    const strategy = (spec.strategy ??= {});
    strategy.type ||= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate };
    spec.template ??= { metadata: {}, spec: { containers: [] } };
    defaultPodTemplate(spec.template);
  },
  validate: validateDeployment,
  validateUpdate: selectorStays,
  validateStatus: validateDeploymentStatus,
  prepareCreate(deployment) {
    deployment.status = {};
  },
  warnings: (deployment, old) => namedTemplateWarnings(deployment, old, deployment.spec.template),
  columns: [
    nameColumn,
    text('Ready', (deployment) => `${deployment.status?.readyReplicas ?? 0}/${deployment.spec.replicas ?? 0}`),
    text('Up-to-date', (deployment) => deployment.status?.updatedReplicas ?? 0),
    text('Available', (deployment) => deployment.status?.availableReplicas ?? 0),
    ageColumn,
    ...templateColumns<Deployment>((deployment) => deployment.spec.template.spec.containers),
    wide('Selector', (deployment) => selectorText(deployment.spec.selector)),
  ],
});

export const Deployments = resourceOf(deployment);
