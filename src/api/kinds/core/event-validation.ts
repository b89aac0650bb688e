import type { FieldError } from '../../errors.ts';
import type { Event } from '../../types/core.v1.ts';
import { invalid, invalidEach, required } from '../../validation/field.ts';
import { qualifiedName } from '../../validation/formats.ts';
import { immutable, sameValue } from '../../validation/immutable.ts';

/** Validation of events: pkg/apis/core/validation/events.go. The API of events.k8s.io is strict where the core one lets everything through for old clients. */

const LONGEST = { reportingInstance: 128, action: 128, reason: 128, message: 1024 } as const;

/** An event lies in the namespace of what it is about; the new kind (with eventTime) says more, in bounds. `reporter` is what the version of the request calls the field. */
export function validateEvent(event: Event, reporter: 'reportingComponent' | 'reportingController' = 'reportingComponent'): FieldError[] {
  const { namespace = '' } = event.metadata;
  const about = event.involvedObject.namespace ?? '';
  const fits = about === '' ? namespace === '' || namespace === 'default' || (!!event.eventTime && namespace === 'kube-system') : !!event.eventTime || namespace === about;
  const errors = fits ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
  if (!event.eventTime) return errors;
  const name = event.reportingComponent ?? '';
  if (name === '') errors.push(required(reporter));
  errors.push(...invalidEach(reporter, name, qualifiedName(name)));
  for (const [field, most] of Object.entries(LONGEST) as [keyof typeof LONGEST, number][]) {
    if (!event[field] && field !== 'message') errors.push(required(field));
    if ((event[field] ?? '').length > most) errors.push(invalid(field, '', `can have at most ${most} characters`));
  }
  return errors;
}

/** A new event of events.k8s.io/v1 is of the new kind. */
export function validateStrictEvent(event: Event): FieldError[] {
  const unset = (['firstTimestamp', 'lastTimestamp', 'count'] as const).filter((field) => event[field]);
  const source = event.source?.component || event.source?.host;
  return [
    ...validateSeries(event),
    ...(event.eventTime ? [] : [required('eventTime')]),
    ...(event.type === 'Normal' || event.type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${event.type ?? ''}`)]),
    ...[...unset, ...(source ? ['source'] : [])].map((field) => invalid(field, '', 'needs to be unset')),
  ];
}

const FIXED = [
  'involvedObject', 'reason', 'message', 'source', 'firstTimestamp', 'lastTimestamp', 'count', 'reason', 'type', 'eventTime', 'action', 'related', 'reportingComponent', 'reportingInstance',
] as const;

/** Of an event only the series goes on, through events.k8s.io/v1. */
export function validateStrictEventUpdate(next: Event, old: Event): FieldError[] {
  return [
    ...(sameValue(next.series, old.series) ? [] : validateSeries(next)),
    ...FIXED.flatMap((field) => immutable(next[field], old[field], field === 'reportingComponent' ? 'reportingController' : field)),
  ];
}

function validateSeries({ series }: Event): FieldError[] {
  if (!series) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')]),
  ];
}
