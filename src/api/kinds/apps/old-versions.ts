import type { ConvertedVersion } from '../../kind.ts';
import type { KubeObject } from '../../object.ts';
import type { DaemonSet, Deployment } from '../../types/apps.v1.ts';
import type { StatefulSet as StatefulSetV1beta1 } from '../../types/apps.v1beta1.ts';
import type { PodTemplateSpec } from '../../types/core.v1.ts';
import type { DaemonSet as ExtensionsDaemonSet, Deployment as ExtensionsDeployment } from '../../types/extensions.v1beta1.ts';
import type { LabelSelector } from '../../types/meta.v1.ts';
import { convertedVersion, oldVersion, withAnnotations, withoutAnnotations } from '../conversion.ts';

/** The versions of workloads before apps/v1, with their own defaults: pkg/apis/{extensions,apps}/v1beta*. */

const STORED = { group: 'apps', version: 'v1' };
const MAX_INT32 = 2 ** 31 - 1;
const ROLLBACK = 'deprecated.deployment.rollback.to';
/** Where apps/v1 keeps what was spec.templateGeneration before. */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

const extensions = (kind: string) => oldVersion('extensions', 'v1beta1', 'extensions/v1beta1', kind, '1.8', '1.16', STORED);
const v1beta1 = (kind: string) => oldVersion('apps', 'v1beta1', 'apps/v1beta1', kind, '1.8', '1.16', STORED);
const v1beta2 = (kind: string) => oldVersion('apps', 'v1beta2', 'apps/v1beta2', kind, '1.9', '1.16', STORED);

interface Workload extends KubeObject {
  spec: { selector?: LabelSelector; template?: PodTemplateSpec };
}

/** Before apps/v1beta2 the selector, and the object's own labels, came from the template when they were not said. */
function labelsFromTemplate(object: Workload): void {
  const labels = object.spec?.template?.metadata?.labels;
  if (!labels) return;
  object.spec.selector ??= { matchLabels: { ...labels } };
  if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
}

/** Extensions' deployments had no deadline and kept every revision, and rolled one pod at a time. */
function defaultExtensionsDeployment(deployment: ExtensionsDeployment): void {
  const spec = (deployment.spec ??= {});
  labelsFromTemplate(deployment);
  const strategy = (spec.strategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate' || strategy.rollingUpdate) strategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 1, ...strategy.rollingUpdate };
  spec.progressDeadlineSeconds ??= MAX_INT32;
  spec.revisionHistoryLimit ??= MAX_INT32;
}

function rollbackToAnnotation(deployment: ExtensionsDeployment): Deployment {
  const { rollbackTo, ...spec } = deployment.spec ?? {};
  const plain = { ...deployment, spec } as Deployment;
  return rollbackTo ? withAnnotations(plain, { [ROLLBACK]: String(rollbackTo.revision ?? 0) }) : plain;
}

function rollbackFromAnnotation(deployment: Deployment): ExtensionsDeployment {
  const revision = deployment.metadata.annotations?.[ROLLBACK];
  if (revision === undefined) return deployment;
  return { ...withoutAnnotations(deployment, (key) => key === ROLLBACK), spec: { ...deployment.spec, rollbackTo: Number(revision) === 0 ? {} : { revision: Number(revision) } } };
}

function defaultExtensionsDaemonSet(set: ExtensionsDaemonSet): void {
  const spec = (set.spec ??= {});
  labelsFromTemplate(set);
  (spec.updateStrategy ??= {}).type ||= 'OnDelete';
}

function generationToAnnotation(set: ExtensionsDaemonSet): DaemonSet {
  const { templateGeneration, ...spec } = set.spec ?? {};
  const plain = { ...set, spec } as DaemonSet;
  return templateGeneration ? withAnnotations(plain, { [TEMPLATE_GENERATION]: String(templateGeneration) }) : plain;
}

function generationFromAnnotation(set: DaemonSet): ExtensionsDaemonSet {
  const generation = Number(set.metadata.annotations?.[TEMPLATE_GENERATION]);
  const plain = withoutAnnotations(set, (key) => key === TEMPLATE_GENERATION);
  return generation > 0 ? { ...plain, spec: { ...set.spec, templateGeneration: generation } } : plain;
}

export const oldDeployments: readonly ConvertedVersion[] = [
  convertedVersion(v1beta2('Deployment'), STORED),
  convertedVersion<ExtensionsDeployment, Deployment>(v1beta1('Deployment'), STORED, {
    defaults: (deployment) => {
      labelsFromTemplate(deployment);
      (deployment.spec ??= {}).revisionHistoryLimit ??= 2;
    },
    toStorage: rollbackToAnnotation,
    fromStorage: rollbackFromAnnotation,
  }),
  convertedVersion(extensions('Deployment'), STORED, { defaults: defaultExtensionsDeployment, toStorage: rollbackToAnnotation, fromStorage: rollbackFromAnnotation }),
];

export const oldReplicaSets: readonly ConvertedVersion[] = [
  convertedVersion(v1beta2('ReplicaSet'), STORED),
  convertedVersion(extensions('ReplicaSet'), STORED, { defaults: labelsFromTemplate }),
];

export const oldDaemonSets: readonly ConvertedVersion[] = [
  convertedVersion(v1beta2('DaemonSet'), STORED),
  convertedVersion(extensions('DaemonSet'), STORED, { defaults: defaultExtensionsDaemonSet, toStorage: generationToAnnotation, fromStorage: generationFromAnnotation }),
];

export const oldStatefulSets: readonly ConvertedVersion[] = [
  convertedVersion(v1beta2('StatefulSet'), STORED),
  convertedVersion<StatefulSetV1beta1, KubeObject>(v1beta1('StatefulSet'), STORED, {
    defaults: (set) => {
      const spec = (set.spec ??= {} as StatefulSetV1beta1['spec']);
      labelsFromTemplate(set);
      (spec.updateStrategy ??= {}).type ||= 'OnDelete';
    },
  }),
];

export const oldControllerRevisions: readonly ConvertedVersion[] = [convertedVersion(v1beta2('ControllerRevision'), STORED), convertedVersion(v1beta1('ControllerRevision'), STORED)];
