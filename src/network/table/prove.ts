import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Endpoint } from './endpoint.ts';

const FIRST_RETRY_MS = 10;
const EAGER_RETRY_MS = 100;
const EAGER_FOR_MS = 30_000;
const PATIENT_RETRY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 1_000;

/** What one endpoint's turn costs the others: with a thousand of them waiting, each is tried every two seconds. */
const SHARE_MS = 2;

/**
 * How long to wait before the next try, `elapsedMs` after the first, when the last wait was `lastMs` and `waiting` endpoints are being tried: quickly at first, then patiently, and never so often that trying keeps the
 * machine busy.
 */
export function nextRetry(lastMs: number, elapsedMs: number, waiting: number): number {
  const own = elapsedMs > EAGER_FOR_MS ? PATIENT_RETRY_MS : lastMs === 0 ? FIRST_RETRY_MS : Math.min(EAGER_RETRY_MS, lastMs * 2);
  return Math.max(own, waiting * SHARE_MS);
}

/**
 * Tries to connect until something listens, then calls `proven`; `waiting`: how many endpoints are being tried. A pod without a readiness probe counts as ready the moment its process starts; this keeps traffic away until it can take it. Returns the
 * function that ends it.
 */
export function prove(endpoint: Endpoint, clock: Clock, waiting: () => number, proven: () => void): () => void {
  const began = clock.monotonic();
  let stopped = false;
  let wait = 0;
  let timer = clock.after(0, attempt);

  function attempt(): void {
    if (stopped) return;
    const socket = connect({ host: endpoint.address, port: endpoint.port });
    const timeout = clock.after(CONNECT_TIMEOUT_MS, () => finish(false));
    let finished = false;
    const finish = (listens: boolean) => {
      if (finished) return;
      finished = true;
      timeout.cancel();
      if (listens) socket.end();
      else socket.destroy();
      // A server that speaks first would otherwise keep the half-closed socket open.
      socket.resume();
      socket.once('end', () => socket.destroy());
      if (stopped) return;
      if (listens) return proven();
      wait = nextRetry(wait, clock.monotonic() - began, waiting());
      timer = clock.after(wait, attempt);
    };
    socket.on('connect', () => finish(true));
    socket.on('error', () => finish(false));
  }
  return () => {
    stopped = true;
    timer.cancel();
  };
}
