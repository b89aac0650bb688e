import { table } from '../table.ts';

/** Messages of batch/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('batch/v1beta1', `
CronJob kind # Creates jobs by a schedule.
  1 metadata meta/v1.ObjectMeta
  2 spec CronJobSpec
  3 status CronJobStatus

CronJobSpec
  1 schedule string = # When, in cron's notation.
  8 timeZone ?string # Time zone of the schedule; default is the server's.
  2 startingDeadlineSeconds ?int64 # Seconds a job may start late.
  3 concurrencyPolicy string # Allow (default), Forbid or Replace a job that still runs.
  4 suspend ?bool # Whether no jobs are created for now.
  5 jobTemplate JobTemplateSpec = # The job to create.
  6 successfulJobsHistoryLimit ?int32 # Finished jobs kept. Default 3.
  7 failedJobsHistoryLimit ?int32 # Failed jobs kept. Default 1.

JobTemplateSpec
  1 metadata meta/v1.ObjectMeta
  2 spec batch/v1.JobSpec

CronJobStatus
  1 active []core/v1.ObjectReference atomic
  4 lastScheduleTime ?Time
  5 lastSuccessfulTime ?Time
`);
