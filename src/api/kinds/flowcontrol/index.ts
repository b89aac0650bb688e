import { erase } from '../../kind.ts';
import { flowSchema } from './flow-schema.ts';
import { priorityLevelConfiguration } from './priority-level-configuration.ts';

/** The kinds of the flowcontrol group, in the order discovery lists them. */
export const flowcontrolKinds = [
  erase(flowSchema),
  erase(priorityLevelConfiguration),
];
