import type { Event } from '../../types/events.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const eventsEvent = defineKind<Event>({
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  storage: { group: 'events.k8s.io', version: 'v1', message: 'events/v1.Event' },
});

export const EventsV1 = resourceOf(eventsEvent);
