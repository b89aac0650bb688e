import type { Event } from '../../types/core.v1.ts';
import { defineKind, resourceOf, type Kind } from '../../kind.ts';
import { pathSegment } from '../../validation/formats.ts';
import { eventColumns } from './event-columns.ts';
import { fromEventsV1, toEventsV1 } from './event-conversion.ts';
import { validateEvent, validateStrictEvent, validateStrictEventUpdate } from './event-validation.ts';

const fieldSelectors: NonNullable<Kind<Event>['fieldSelectors']> = {
  'involvedObject.kind': (event) => event.involvedObject.kind ?? '',
  'involvedObject.namespace': (event) => event.involvedObject.namespace ?? '',
  'involvedObject.name': (event) => event.involvedObject.name ?? '',
  'involvedObject.uid': (event) => event.involvedObject.uid ?? '',
  'involvedObject.apiVersion': (event) => event.involvedObject.apiVersion ?? '',
  'involvedObject.resourceVersion': (event) => event.involvedObject.resourceVersion ?? '',
  'involvedObject.fieldPath': (event) => event.involvedObject.fieldPath ?? '',
  reason: (event) => event.reason ?? '',
  reportingComponent: (event) => event.reportingComponent ?? '',
  source: (event) => event.source?.component || event.reportingComponent || '',
  type: (event) => event.type ?? '',
};

/** What can be selected by in events.k8s.io/v1: under that version's names, and not by source (pkg/apis/events/v1/conversion.go). */
const newSelectors = Object.fromEntries(Object.entries(fieldSelectors).filter(([name]) => name !== 'source')
  .map(([name, read]) => [name === 'reportingComponent' ? 'reportingController' : name.replace('involvedObject', 'regarding'), read]));

const common = {
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Event' },
  anyFinalizer: true,
  createOnUpdate: true,
  columns: eventColumns,
} satisfies Kind<Event>;

const newEvent = defineKind<Event>({
  ...common,
  fieldSelectors: newSelectors,
  validate: (event) => validateEvent(event, 'reportingController'),
  validateCreate: validateStrictEvent,
  validateUpdate: validateStrictEventUpdate,
});

export const event = defineKind<Event>({
  ...common,
  // Upstream asks no more of it than that it fits into a path.
  validateName: pathSegment,
  served: [{ group: 'events.k8s.io', version: 'v1', message: 'events/v1.Event', toStorage: fromEventsV1, fromStorage: toEventsV1, as: newEvent as unknown as Kind }],
  defaults(event) {
    event.involvedObject ??= {};
  },
  fieldSelectors,
  validate: (event) => validateEvent(event),
});

export const Events = resourceOf(event);
