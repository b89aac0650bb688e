import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Endpoint, Tunnel } from '../table/endpoint.ts';
import { reset } from './reset.ts';

/** How long the second side may take to go once one has been told to. */
const LINGER_MS = 2_000;

/**
 * Joins two sockets: bytes flow both ways with back-pressure, a half-close passes through, an error on one side resets the other. It counts as load of the endpoint until both are closed. When its pod drains,
 * it is ended once the pod has said the last word: while the client waits for an answer it is left alone.
 */
export function splice(client: Socket, upstream: Socket, endpoint: Endpoint, clock: Clock): void {
  let answered = true;
  let moved = true;
  let open = 2;
  client.on('data', () => {
    answered = false;
    moved = true;
  });
  upstream.on('data', () => {
    answered = true;
    moved = true;
  });
  client.pipe(upstream);
  upstream.pipe(client);
  const tunnel: Tunnel = {
    endIfQuiet() {
      const quiet = !moved && answered;
      moved = false;
      if (!quiet) return false;
      client.end();
      upstream.end();
      clock.after(LINGER_MS, () => {
        client.destroy();
        upstream.destroy();
      });
      return true;
    },
  };
  const closed = (other: Socket) => (failed: boolean) => {
    if (failed && !other.destroyed) reset(other);
    else if (!other.destroyed && other.writable) other.end();
    if (--open > 0) return;
    endpoint.tunnels.delete(tunnel);
    endpoint.quiet?.();
  };
  endpoint.tunnels.add(tunnel);
  client.on('error', () => {});
  upstream.on('error', () => {});
  client.once('close', closed(upstream));
  upstream.once('close', closed(client));
  if (client.destroyed) upstream.destroy();
  if (upstream.destroyed) client.destroy();
}
