import type { Clock } from '../../base/clock.ts';

/** The Go client drops what it has not read yet when we hang up: it is given this long to hang up itself. */
const LINGER_MS = 10_000;

/** Ends a connection on which everything is said: when the client has closed it, or at last after a while. */
export function leave(clock: Clock, connection: { end(): void; readonly closed: Promise<void> }): void {
  const timer = clock.after(LINGER_MS, () => connection.end());
  void connection.closed.then(() => timer.cancel());
}

/** A client that goes is not noticed while nothing is read from it (its streams are full): what is written then is what finds out. */
const HEARTBEAT_MS = 10_000;

/** Pings until the connection is closed. */
export function heartbeat(clock: Clock, connection: { ping(): void; readonly closed: Promise<void> }): void {
  let timer = clock.after(HEARTBEAT_MS, function beat() {
    connection.ping();
    timer = clock.after(HEARTBEAT_MS, beat);
  });
  void connection.closed.then(() => timer.cancel());
}
