import type { Clock, Timer } from '../../base/clock.ts';
import { Backend } from './backend.ts';
import type { Endpoint } from './endpoint.ts';

/** Pods that leave. */
export interface Drains {
  /**
   * Takes a pod out of every list at once; resolves when nothing is open to it any more, or at `deadlineMs` (monotonic). Where nobody else could answer but a replacement is on the way, the pod goes on serving
   * until that listens, so that no request has to wait.
   */
  unpublish(pod: { readonly uid: string; readonly key: string }, deadlineMs: number): Promise<void>;
  /** A new endpoint may belong to a pod that is leaving. */
  appeared(endpoint: Endpoint): void;
  /** Endpoints changed: a last resort may have become dispensable. */
  reconsider(): void;
  close(): void;
}

/** How long a pod that would leave nobody behind waits to see whether a replacement is made at all. */
const LOOK_FOR_REPLACEMENT_MS = 500;
/** Part of the time until the deadline that a last resort may use; the rest is for finishing requests. */
const LAST_RESORT_SHARE = 0.7;
const QUIET_CHECK_MS = 100;
/** A pod's uid is remembered this long after its deadline: it never comes back. */
const FORGET_MS = 3_600_000;

interface Leaving {
  readonly uid: string;
  readonly key: string;
  readonly deadline: number;
  readonly began: number;
  readonly done: Promise<void>;
  /** Looks again whether it may end. */
  check(): void;
  stop(): void;
}

export function createDrains(clock: Clock, endpoints: () => Iterable<Endpoint>): Drains {
  const leaving = new Map<string, Leaving>();
  const now = () => clock.monotonic();
  const belongs = (endpoint: Endpoint, pod: { uid: string; key: string }) => (endpoint.podUid !== '' && pod.uid !== '' ? endpoint.podUid === pod.uid : endpoint.pod === pod.key);

  const isLastResort = (endpoint: Endpoint, pod: Leaving): boolean => {
    const at = now();
    if (at >= pod.began + (pod.deadline - pod.began) * LAST_RESORT_SHARE) return false;
    for (const holder of endpoint.holders) {
      if (!(holder instanceof Backend)) continue;
      const { alone, coming } = holder.awaitsReplacement((e) => e === endpoint);
      if (alone && (coming || at < pod.began + LOOK_FOR_REPLACEMENT_MS)) return true;
    }
    return false;
  };
  const mark = (endpoint: Endpoint, pod: Leaving) => {
    const lastResort = endpoint.proven && isLastResort(endpoint, pod);
    if (endpoint.draining && endpoint.lastResort === lastResort) return;
    endpoint.draining = true;
    endpoint.lastResort = lastResort;
    if (!lastResort) endpoint.dropIdle();
    for (const holder of endpoint.holders) holder.refresh();
  };
  const forgetOld = () => {
    const at = now();
    for (const [uid, pod] of leaving) if (at > pod.deadline + FORGET_MS) leaving.delete(uid);
  };

  const begin = (pod: { uid: string; key: string }, deadline: number): Leaving => {
    // The API may drop the endpoint before its requests are done: those open now are kept in view here.
    const mine = new Set<Endpoint>();
    let timer: Timer | undefined;
    let finish = () => {};
    const done = new Promise<void>((resolve) => {
      finish = () => {
        timer?.cancel();
        finish = () => {};
        for (const endpoint of mine) endpoint.quiet = undefined;
        mine.clear();
        resolve();
      };
    });
    const state: Leaving = { uid: pod.uid, key: pod.key, deadline, began: now(), done, check, stop: () => finish() };
    function collect(): void {
      for (const endpoint of endpoints()) {
        if (!belongs(endpoint, state)) continue;
        mark(endpoint, state);
        endpoint.quiet = check;
        mine.add(endpoint);
      }
    }
    function check(): void {
      const open = [...mine].some((e) => e.lastResort || e.load > 0);
      if (!open || now() >= deadline) finish();
    }
    function tick(): void {
      timer = undefined;
      collect();
      for (const endpoint of mine) {
        if (endpoint.holders.size === 0) endpoint.lastResort = false;
        if (!endpoint.lastResort) for (const tunnel of endpoint.tunnels) tunnel.endIfQuiet();
      }
      check();
      if (mine.size > 0) timer = clock.after(Math.max(1, Math.min(QUIET_CHECK_MS, deadline - now())), tick);
    }
    collect();
    tick();
    return state;
  };

  return {
    unpublish(pod, deadlineMs) {
      forgetOld();
      const key = pod.uid === '' ? pod.key : pod.uid;
      const known = leaving.get(key);
      if (known) return known.done;
      const state = begin(pod, deadlineMs);
      leaving.set(key, state);
      return state.done;
    },
    appeared(endpoint) {
      const pod = endpoint.podUid === '' ? undefined : leaving.get(endpoint.podUid);
      if (!pod) return;
      endpoint.draining = true;
    },
    reconsider() {
      for (const endpoint of endpoints()) {
        if (!endpoint.lastResort) continue;
        const pod = leaving.get(endpoint.podUid) ?? leaving.get(endpoint.pod);
        if (!pod) continue;
        mark(endpoint, pod);
        pod.check();
      }
    },
    close() {
      for (const pod of leaving.values()) pod.stop();
    },
  };
}
