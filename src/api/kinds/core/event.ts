import type { Event } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { pathSegment } from '../../validation/formats.ts';
import { eventColumns } from './event-columns.ts';
import { fromEventsV1, toEventsV1 } from './event-conversion.ts';
import { validateEvent } from './cluster-object-validation.ts';

export const event = defineKind<Event>({
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Event' },
  // Upstream asks no more of it than that it fits into a path.
  validateName: pathSegment,
  anyFinalizer: true,
  served: [{ group: 'events.k8s.io', version: 'v1', message: 'events/v1.Event', toStorage: fromEventsV1, fromStorage: toEventsV1 }],
  defaults(event) {
    event.involvedObject ??= {};
  },
  validate: validateEvent,
  createOnUpdate: true,
  fieldSelectors: {
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
  },
  columns: eventColumns,
});

export const Events = resourceOf(event);
