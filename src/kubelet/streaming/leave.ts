import type { Clock } from '../../base/clock.ts';

/** The Go client drops what it has not read yet when we hang up: it is given this long to hang up itself. */
const LINGER_MS = 10_000;

/** Ends a connection on which everything is said: when the client has closed it, or at last after a while. */
export function leave(clock: Clock, connection: { end(): void; readonly closed: Promise<void> }): void {
  const timer = clock.after(LINGER_MS, () => connection.end());
  void connection.closed.then(() => timer.cancel());
}
