import { erase } from '../../kind.ts';
import { eventsEvent } from './event.ts';

/** The kinds of the events group, in the order discovery lists them. */
export const eventsKinds = [
  erase(eventsEvent),
];
