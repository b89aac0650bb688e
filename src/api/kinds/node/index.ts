import { erase } from '../../kind.ts';
import { runtimeClass } from './runtime-class.ts';

/** The kinds of the node group, in the order discovery lists them. */
export const nodeKinds = [
  erase(runtimeClass),
];
