import { erase } from '../../kind.ts';
import { lease } from './lease.ts';

/** The kinds of the coordination group, in the order discovery lists them. */
export const coordinationKinds = [
  erase(lease),
];
