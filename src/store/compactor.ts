import type { Clock, Timer } from '../base/clock.ts';
import type { Store } from './store.ts';

/** How often kube-apiserver compacts etcd (storagebackend DefaultCompactInterval). */
const INTERVAL_MS = 300_000;

/** Forgets history that is older than one interval, so that a quiet cluster does not keep the heartbeats of days (apiserver pkg/storage/etcd3 compact.go). Returns the function that ends it. */
export function compactor(store: Store, clock: Clock, intervalMs = INTERVAL_MS): () => void {
  let then = store.revision;
  let timer: Timer;
  const tick = () => {
    store.compact(then);
    then = store.revision;
    timer = clock.after(intervalMs, tick);
  };
  timer = clock.after(intervalMs, tick);
  return () => timer.cancel();
}
