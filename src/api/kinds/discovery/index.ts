import { erase } from '../../kind.ts';
import { endpointSlice } from './endpoint-slice.ts';

/** The kinds of the discovery group, in the order discovery lists them. */
export const discoveryKinds = [
  erase(endpointSlice),
];
