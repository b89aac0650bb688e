// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as batchV1 from './batch.v1.ts';
import type * as coreV1 from './core.v1.ts';
import type * as metaV1 from './meta.v1.ts';

/** Creates jobs by a schedule. */
export interface CronJob {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: CronJobSpec;
  status?: CronJobStatus;
}

export interface CronJobSpec {
  /** When, in cron's notation. */
  schedule?: string;
  /** Time zone of the schedule; default is the server's. */
  timeZone?: string;
  /** Seconds a job may start late. */
  startingDeadlineSeconds?: number;
  /** Allow (default), Forbid or Replace a job that still runs. */
  concurrencyPolicy?: string;
  /** Whether no jobs are created for now. */
  suspend?: boolean;
  /** The job to create. */
  jobTemplate?: JobTemplateSpec;
  /** Finished jobs kept. Default 3. */
  successfulJobsHistoryLimit?: number;
  /** Failed jobs kept. Default 1. */
  failedJobsHistoryLimit?: number;
}

export interface JobTemplateSpec {
  metadata: metaV1.ObjectMeta;
  spec: batchV1.JobSpec;
}

export interface CronJobStatus {
  active?: coreV1.ObjectReference[];
  lastScheduleTime?: string;
  lastSuccessfulTime?: string;
}
