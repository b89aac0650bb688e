// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as coreV1 from './core.v1.ts';
import type * as metaV1 from './meta.v1.ts';

export type CompletionMode = 'NonIndexed' | 'Indexed';
export type ConcurrencyPolicy = 'Allow' | 'Forbid' | 'Replace';
export type PodFailurePolicyAction = 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
export type PodFailurePolicyOnExitCodesOperator = 'In' | 'NotIn';
export type PodReplacementPolicy = 'TerminatingOrFailed' | 'Failed';

/** Runs pods until enough of them succeeded. */
export interface Job {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: JobSpec;
  status?: JobStatus;
}

export interface JobSpec {
  /** Pods that run at the same time. Default 1. */
  parallelism?: number;
  /** Successes needed. Default 1. */
  completions?: number;
  /** Seconds the job may be active. */
  activeDeadlineSeconds?: number;
  /** What to do about which failures. */
  podFailurePolicy?: PodFailurePolicy;
  successPolicy?: SuccessPolicy;
  /** Failures before the job fails. Default 6. */
  backoffLimit?: number;
  backoffLimitPerIndex?: number;
  maxFailedIndexes?: number;
  /** Which pods belong to it; normally left to the server. */
  selector?: metaV1.LabelSelector;
  manualSelector?: boolean;
  /** The pods to create. */
  template: coreV1.PodTemplateSpec;
  /** Seconds after its end until the job is deleted. */
  ttlSecondsAfterFinished?: number;
  /** NonIndexed (default) or Indexed. */
  completionMode?: CompletionMode;
  /** Whether no pods are created for now. */
  suspend?: boolean;
  podReplacementPolicy?: PodReplacementPolicy;
  managedBy?: string;
}

export interface PodFailurePolicy {
  rules: PodFailurePolicyRule[];
}

export interface PodFailurePolicyRule {
  action: PodFailurePolicyAction;
  onExitCodes?: PodFailurePolicyOnExitCodesRequirement;
  onPodConditions?: PodFailurePolicyOnPodConditionsPattern[];
}

export interface PodFailurePolicyOnExitCodesRequirement {
  containerName?: string;
  operator: PodFailurePolicyOnExitCodesOperator;
  values: number[];
}

export interface PodFailurePolicyOnPodConditionsPattern {
  type: string;
  status: string;
}

export interface SuccessPolicy {
  rules: SuccessPolicyRule[];
}

export interface SuccessPolicyRule {
  succeededIndexes?: string;
  succeededCount?: number;
}

export interface JobStatus {
  conditions?: JobCondition[];
  startTime?: string;
  completionTime?: string;
  /** Pods pending or running. */
  active?: number;
  /** Pods that succeeded. */
  succeeded?: number;
  /** Pods that failed. */
  failed?: number;
  terminating?: number;
  completedIndexes?: string;
  failedIndexes?: string;
  uncountedTerminatedPods?: UncountedTerminatedPods;
  ready?: number;
}

export interface JobCondition {
  type: string;
  status: string;
  lastProbeTime?: string | null;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

export interface UncountedTerminatedPods {
  succeeded?: string[];
  failed?: string[];
}

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
  schedule: string;
  /** Time zone of the schedule; default is the server's. */
  timeZone?: string;
  /** Seconds a job may start late. */
  startingDeadlineSeconds?: number;
  /** Allow (default), Forbid or Replace a job that still runs. */
  concurrencyPolicy?: ConcurrencyPolicy;
  /** Whether no jobs are created for now. */
  suspend?: boolean;
  /** The job to create. */
  jobTemplate: JobTemplateSpec;
  /** Finished jobs kept. Default 3. */
  successfulJobsHistoryLimit?: number;
  /** Failed jobs kept. Default 1. */
  failedJobsHistoryLimit?: number;
}

export interface JobTemplateSpec {
  metadata: metaV1.ObjectMeta;
  spec: JobSpec;
}

export interface CronJobStatus {
  active?: coreV1.ObjectReference[];
  lastScheduleTime?: string;
  lastSuccessfulTime?: string;
}
