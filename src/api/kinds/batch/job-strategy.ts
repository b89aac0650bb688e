import type { Job, JobSpec } from '../../types/batch.v1.ts';
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts';

const MAX_INT32 = 2 ** 31 - 1;

/** Defaults of a job that runs: pkg/apis/batch/v1/defaults.go. */
export function defaultJobSpec(spec: JobSpec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  for (const rule of spec.podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  defaultPodTemplate(spec.template);
}

/** Labels that bind pods to this job, and the selector for them (registry/batch/job/strategy.go). Needs metadata.name and metadata.uid. */
export function generateSelector(job: Job): void {
  const { name = '', uid = '' } = job.metadata;
  const { template } = job.spec;
  template.metadata.labels = {
    'job-name': name,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'batch.kubernetes.io/controller-uid': uid,
    ...template.metadata.labels,
  };
  const selector = (job.spec.selector ??= {});
  selector.matchLabels = { 'batch.kubernetes.io/controller-uid': uid, ...selector.matchLabels };
}
