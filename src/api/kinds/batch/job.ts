import type { Job } from '../../types/batch.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const job = defineKind<Job>({
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  storage: { group: 'batch', version: 'v1', message: 'batch/v1.Job' },
  status: true,
  generation: true,
});

export const Jobs = resourceOf(job);
