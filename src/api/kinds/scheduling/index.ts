import { erase } from '../../kind.ts';
import { priorityClass } from './priority-class.ts';

/** The kinds of the scheduling group, in the order discovery lists them. */
export const schedulingKinds = [
  erase(priorityClass),
];
