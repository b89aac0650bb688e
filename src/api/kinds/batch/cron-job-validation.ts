import type { FieldError } from '../../errors.ts';
import type { CronJob } from '../../types/batch.v1.ts';
import { goSelector, invalid, nonNegative, oneOf, required, unsupported } from '../../validation/field.ts';
import { validateJobSpec } from './job-validation.ts';
import { scheduleProblem } from './schedule.ts';

/** Validation of cron jobs: pkg/apis/batch/validation/validation.go. */
export function validateCronJob({ spec }: CronJob): FieldError[] {
  return [
    ...validateSchedule(spec.schedule, 'spec.schedule'),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...(spec.timeZone === undefined ? [] : validateTimeZone(spec.timeZone, 'spec.timeZone')),
    ...(spec.concurrencyPolicy ? oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']) : [required('spec.concurrencyPolicy')]),
    ...validateJobSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec'),
    ...(spec.jobTemplate.spec.selector ? [invalid('spec.jobTemplate.spec.selector', goSelector(spec.jobTemplate.spec.selector), '`selector` will be auto-generated')] : []),
    ...(spec.jobTemplate.spec.manualSelector ? [unsupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false'])] : []),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ];
}

/** Jobs append eleven characters to the name, and pods theirs. */
export function validateNewCronJob({ metadata }: CronJob): FieldError[] {
  return (metadata.name ?? '').length > 52 ? [invalid('metadata.name', metadata.name, 'must be no more than 52 characters')] : [];
}

function validateSchedule(schedule: string | undefined, at: string): FieldError[] {
  if (!schedule) return [required(at)];
  if (schedule.includes('TZ')) return [invalid(at, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  const problem = scheduleProblem(schedule);
  return problem === undefined ? [] : [invalid(at, schedule, problem)];
}

function validateTimeZone(zone: string, at: string): FieldError[] {
  if (zone === '') return [invalid(at, zone, 'timeZone must be nil or non-empty string')];
  if (zone.toLowerCase() === 'local') return [invalid(at, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
  const wellFormed = zone.split('/').every((part) => /^[A-Za-z._+][A-Za-z0-9._+-]*$/.test(part) && part !== '.' && part !== '..');
  return wellFormed && isKnownZone(zone) ? [] : [invalid(at, zone, `unknown time zone ${zone}`)];
}

function isKnownZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
