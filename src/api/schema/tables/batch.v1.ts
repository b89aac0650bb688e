import { table } from '../table.ts';

/** Messages of batch/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('batch/v1', `
enum CompletionMode NonIndexed Indexed
enum ConcurrencyPolicy Allow Forbid Replace
enum PodFailurePolicyAction FailJob FailIndex Ignore Count
enum PodFailurePolicyOnExitCodesOperator In NotIn
enum PodReplacementPolicy TerminatingOrFailed Failed

Job kind # Runs pods until enough of them succeeded.
  1 metadata meta/v1.ObjectMeta
  2 spec JobSpec
  3 status JobStatus

JobSpec
  1 parallelism ?int32 # Pods that run at the same time. Default 1.
  2 completions ?int32 # Successes needed. Default 1.
  3 activeDeadlineSeconds ?int64 # Seconds the job may be active.
  11 podFailurePolicy ?PodFailurePolicy # What to do about which failures.
  16 successPolicy ?SuccessPolicy
  7 backoffLimit ?int32 # Failures before the job fails. Default 6.
  12 backoffLimitPerIndex ?int32
  13 maxFailedIndexes ?int32
  4 selector ?meta/v1.LabelSelector # Which pods belong to it; normally left to the server.
  5 manualSelector ?bool
  6 template core/v1.PodTemplateSpec ! # The pods to create.
  8 ttlSecondsAfterFinished ?int32 # Seconds after its end until the job is deleted.
  9 completionMode ?CompletionMode # NonIndexed (default) or Indexed.
  10 suspend ?bool # Whether no pods are created for now.
  14 podReplacementPolicy ?PodReplacementPolicy
  15 managedBy ?string

PodFailurePolicy
  1 rules []PodFailurePolicyRule ! atomic

PodFailurePolicyRule
  1 action PodFailurePolicyAction !
  2 onExitCodes ?PodFailurePolicyOnExitCodesRequirement
  3 onPodConditions []PodFailurePolicyOnPodConditionsPattern atomic

PodFailurePolicyOnExitCodesRequirement
  1 containerName ?string
  2 operator PodFailurePolicyOnExitCodesOperator !
  3 values []int32 ! set

PodFailurePolicyOnPodConditionsPattern
  1 type string !
  2 status string !

SuccessPolicy
  1 rules []SuccessPolicyRule ! atomic

SuccessPolicyRule
  1 succeededIndexes ?string
  2 succeededCount ?int32

JobStatus
  1 conditions []JobCondition atomic merge(type)
  2 startTime ?Time
  3 completionTime ?Time
  4 active int32 # Pods pending or running.
  5 succeeded int32 # Pods that succeeded.
  6 failed int32 # Pods that failed.
  11 terminating ?int32
  7 completedIndexes string
  10 failedIndexes ?string
  8 uncountedTerminatedPods ?UncountedTerminatedPods
  9 ready ?int32

JobCondition
  1 type string !
  2 status string !
  3 lastProbeTime Time
  4 lastTransitionTime Time
  5 reason string
  6 message string

UncountedTerminatedPods
  1 succeeded []string set
  2 failed []string set

CronJob kind # Creates jobs by a schedule.
  1 metadata meta/v1.ObjectMeta
  2 spec CronJobSpec
  3 status CronJobStatus

CronJobSpec
  1 schedule string ! # When, in cron's notation.
  8 timeZone ?string # Time zone of the schedule; default is the server's.
  2 startingDeadlineSeconds ?int64 # Seconds a job may start late.
  3 concurrencyPolicy ConcurrencyPolicy # Allow (default), Forbid or Replace a job that still runs.
  4 suspend ?bool # Whether no jobs are created for now.
  5 jobTemplate JobTemplateSpec ! # The job to create.
  6 successfulJobsHistoryLimit ?int32 # Finished jobs kept. Default 3.
  7 failedJobsHistoryLimit ?int32 # Failed jobs kept. Default 1.

JobTemplateSpec
  1 metadata meta/v1.ObjectMeta
  2 spec JobSpec

CronJobStatus
  1 active []core/v1.ObjectReference atomic
  4 lastScheduleTime ?Time
  5 lastSuccessfulTime ?Time
`);
