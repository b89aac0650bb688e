import type { Event } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const event = defineKind<Event>({
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Event' },
});

export const Events = resourceOf(event);
