import { builtinKinds } from '../api/kinds/index.ts';
import type { Kind } from '../api/kind.ts';
import { LOOPBACK_REFUSED } from '../api/validation/values.ts';

const HOLD_ADDRESSES = ['Endpoints', 'EndpointSlice'];

/**
 * The built-in kinds for a cluster without root: its pods and its API have addresses of this machine's loopback, so endpoints may hold such addresses, which
 * Kubernetes refuses. Everything else that is refused stays refused.
 */
export const loopbackKinds: readonly Kind[] = builtinKinds.map((kind): Kind => {
  const { validate } = kind;
  if (!validate || !HOLD_ADDRESSES.includes(kind.kind)) return kind;
  return { ...kind, validate: (object) => validate(object).filter(({ detail }) => !detail.endsWith(LOOPBACK_REFUSED)) };
});
