import type { CronJob } from '../../types/batch.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const cronJob = defineKind<CronJob>({
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  storage: { group: 'batch', version: 'v1', message: 'batch/v1.CronJob' },
  status: true,
  generation: true,
});

export const CronJobs = resourceOf(cronJob);
