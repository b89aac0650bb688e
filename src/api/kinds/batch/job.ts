import type { Job } from '../../types/batch.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { humanDuration } from '../../../base/duration.ts';
import { ageColumn, nameColumn, selectorOrNone, templateColumns, text, wide } from '../columns.ts';
import { defaultJobSpec, generateSelector } from './job-strategy.ts';
import { validateJob, validateJobStatus, validateJobUpdate } from './job-validation.ts';
import { namedTemplateWarnings } from '../core/pod-warnings.ts';

export const job = defineKind<Job>({
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  storage: { group: 'batch', version: 'v1', message: 'batch/v1.Job' },
  status: true,
  generation: true,
  defaults(job) {
    const spec = (job.spec ??= { template: { metadata: {}, spec: { containers: [] } } });
    spec.template ??= { metadata: {}, spec: { containers: [] } };
    defaultJobSpec(spec);
    labelAsTemplate(job);
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatus: validateJobStatus,
  prepareCreate(job) {
    if (!job.spec.manualSelector) generateSelector(job);
    // Upstream comes to this by defaulting what it reads back from its store.
    labelAsTemplate(job);
    job.status = {};
  },
  warnings: (job, old) => namedTemplateWarnings(job, old, job.spec.template),
  fieldSelectors: { 'status.successful': (job) => String(job.status?.succeeded ?? 0) },
  columns: [
    nameColumn,
    text('Status', jobStatusText),
    text('Completions', completionsText),
    text('Duration', durationText),
    ageColumn,
    ...templateColumns<Job>((job) => job.spec.template.spec.containers),
    wide('Selector', (job) => selectorOrNone(job.spec.selector)),
  ],
});

export const Jobs = resourceOf(job);

/** A job without labels has its template's (pkg/apis/batch/v1/defaults.go). */
function labelAsTemplate(job: Job): void {
  const { labels } = job.spec.template.metadata;
  if (labels && Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = { ...labels };
}

function jobStatusText(job: Job): string {
  const has = (type: string) => job.status?.conditions?.find((c) => c.type === type)?.status === 'True';
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  return has('FailureTarget') ? 'FailureTarget' : 'Running';
}

function completionsText(job: Job): string {
  const done = job.status?.succeeded ?? 0;
  const { completions, parallelism = 0 } = job.spec;
  if (completions !== undefined) return `${done}/${completions}`;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function durationText(job: Job, now: number): string {
  const { startTime, completionTime } = job.status ?? {};
  if (!startTime) return '';
  return humanDuration((completionTime ? Date.parse(completionTime) : now) - Date.parse(startTime));
}
