import { table } from '../table.ts';

/** Messages of batch/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('batch/v1beta1', `
CronJob kind
  1 metadata meta/v1.ObjectMeta
  2 spec CronJobSpec
  3 status CronJobStatus

CronJobSpec
  1 schedule string =
  8 timeZone ?string
  2 startingDeadlineSeconds ?int64
  3 concurrencyPolicy string
  4 suspend ?bool
  5 jobTemplate JobTemplateSpec =
  6 successfulJobsHistoryLimit ?int32
  7 failedJobsHistoryLimit ?int32

JobTemplateSpec
  1 metadata meta/v1.ObjectMeta
  2 spec batch/v1.JobSpec

CronJobStatus
  1 active []core/v1.ObjectReference atomic
  4 lastScheduleTime ?Time
  5 lastSuccessfulTime ?Time
`);
