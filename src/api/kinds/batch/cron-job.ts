import type { CronJob } from '../../types/batch.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, boolText, integer, nameColumn, selectorOrNone, since, templateColumns, text, wide } from '../columns.ts';
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts';
import { convertedVersion, oldVersion } from '../conversion.ts';
import { validateCronJob, validateNewCronJob } from './cron-job-validation.ts';
import { namedTemplateWarnings } from '../core/pod-warnings.ts';

const STORED = { group: 'batch', version: 'v1' };

export const cronJob = defineKind<CronJob>({
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'batch', version: 'v1', message: 'batch/v1.CronJob' },
  served: [convertedVersion(oldVersion('batch', 'v1beta1', 'batch/v1beta1', 'CronJob', '1.21', '1.25', STORED), STORED)],
  status: true,
  generation: true,
  defaults(job) {
    const spec = (job.spec ??= { schedule: '', jobTemplate: { metadata: {}, spec: { template: { metadata: {}, spec: { containers: [] } } } } });
    spec.concurrencyPolicy ||= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    const template = (spec.jobTemplate ??= { metadata: {}, spec: { template: { metadata: {}, spec: { containers: [] } } } });
    template.metadata ??= {};
    template.spec ??= { template: { metadata: {}, spec: { containers: [] } } };
    template.spec.template ??= { metadata: {}, spec: { containers: [] } };
    // The jobs get the job's own defaults when they are made; only the pod's are filled in here.
    defaultPodTemplate(template.spec.template);
  },
  validate: validateCronJob,
  validateCreate: validateNewCronJob,
  prepareCreate(job) {
    job.status = {};
  },
  warnings: (job, old) => namedTemplateWarnings(job, old, job.spec.jobTemplate.spec.template, 'spec.jobTemplate.spec.template'),
  columns: [
    nameColumn,
    text('Schedule', (job) => job.spec.schedule),
    text('Timezone', (job) => job.spec.timeZone ?? '<none>'),
    { name: 'Suspend', type: 'boolean', cell: (job) => boolText(job.spec.suspend) },
    integer('Active', (job) => (job.status?.active ?? []).length),
    text('Last Schedule', (job, now) => (job.status?.lastScheduleTime ? since(job.status.lastScheduleTime, now) : '<none>')),
    ageColumn,
    ...templateColumns<CronJob>((job) => job.spec.jobTemplate.spec.template.spec.containers),
    wide('Selector', (job) => selectorOrNone(job.spec.jobTemplate.spec.selector)),
  ],
});

export const CronJobs = resourceOf(cronJob);
