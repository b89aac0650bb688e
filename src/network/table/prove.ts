import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Endpoint } from './endpoint.ts';

const FIRST_RETRY_MS = 10;
const EAGER_RETRY_MS = 100;
const EAGER_FOR_MS = 60_000;
const PATIENT_RETRY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 1_000;

/** How long to wait before the next try, `elapsedMs` after the first, when the last wait was `lastMs`. */
export function nextRetry(lastMs: number, elapsedMs: number): number {
  if (elapsedMs > EAGER_FOR_MS) return PATIENT_RETRY_MS;
  return lastMs === 0 ? FIRST_RETRY_MS : Math.min(EAGER_RETRY_MS, lastMs * 2);
}

/**
 * Tries to connect until something listens, then calls `proven`. A pod without a readiness probe counts as ready the moment its process starts; this keeps traffic away until it can take it. Returns the
 * function that ends it.
 */
export function prove(endpoint: Endpoint, clock: Clock, proven: () => void): () => void {
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
      wait = nextRetry(wait, clock.monotonic() - began);
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
