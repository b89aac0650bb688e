import type { Clock } from '../base/clock.ts';
import { connectionTo, type Upstream } from './http1/upstream.ts';
import { streamTo } from './http2/upstream.ts';
import type { Endpoint } from './table/endpoint.ts';
import type { Protocol } from './table/spec.ts';

/** A way to the endpoint for one request: over a connection that stands, or a new one. `repeatable`: it may be sent again should the connection turn out to be dead. */
export function upstreamTo(endpoint: Endpoint, clock: Clock, repeatable: boolean, protocol: Protocol): Upstream {
  if (protocol === 'h2c' || protocol === 'h2') return streamTo(endpoint, clock, protocol === 'h2');
  return connectionTo(endpoint, clock, repeatable, protocol === 'https');
}
