import type { Clock, Timer } from '../base/clock.ts';

const INITIAL_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 10_000;
/** Pods nobody woke are tried again after this long (podMaxInUnschedulablePodsDuration). */
const UNSCHEDULABLE_MS = 5 * 60_000;

interface Waiting {
  readonly key: string;
  priority: number;
  /** When it first came: older pods go first among equals. */
  readonly since: number;
  attempts: number;
  state: 'active' | 'backoff' | 'unschedulable' | 'inflight';
  retryAt: number;
  /** A change came while it was being looked at: it must not wait for the next one. */
  missed: boolean;
  /** It could not be written: it has its whole back-off, whoever else waits. */
  broken: boolean;
  timer: Timer | undefined;
}

/** The three-part queue of upstream's backend/queue: ready by priority then age, backing off, and unschedulable until something changes. */
export interface SchedulingQueue {
  /** A new pod: goes to the front part at once. One that is known and was changed: through its back-off. */
  add(key: string, priority: number): void;
  remove(key: string): void;
  /** The next pod, or undefined. It is in flight until `failed` or `remove`. */
  pop(): string | undefined;
  /** While there is nothing else to do, the one whose back-off ends next need not wait for it (SchedulerPopFromBackoffQ). */
  popEarly(): string | undefined;
  /** It did not fit (waits for a change), waits for others to do their part (the same, and is not made to wait longer for it), or could not be written (only backs off). */
  failed(key: string, why: 'unschedulable' | 'waiting' | 'error'): void;
  /** Something changed that may make pods fit: the unschedulable ones among these (all, if none are named) move on, through their back-off. */
  wake(keys?: Iterable<string>): void;
  readonly size: number;
  stop(): void;
}

type Order = (a: Waiting, b: Waiting) => number;

const before: Order = (a, b) => b.priority - a.priority || a.since - b.since;
/** Whose back-offs end in the same second go as they would if they were over. */
const endsBefore: Order = (a, b) => Math.floor(a.retryAt / 1000) - Math.floor(b.retryAt / 1000) || before(a, b);

function insert(list: Waiting[], pod: Waiting, order: Order): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(list[middle]!, pod) <= 0) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, pod);
}

function takeOut(list: Waiting[], pod: Waiting): void {
  const at = list.indexOf(pod);
  if (at >= 0) list.splice(at, 1);
}

/** `ready` is called whenever `pop` or `popEarly` may have something. */
export function schedulingQueue(clock: Clock, ready: () => void): SchedulingQueue {
  const pods = new Map<string, Waiting>();
  const active: Waiting[] = [];
  /** Those that back off, without the broken ones. */
  const backingOff: Waiting[] = [];

  const settle = (pod: Waiting, state: Waiting['state']) => {
    pod.timer?.cancel();
    pod.timer = undefined;
    if (pod.state === 'backoff') takeOut(backingOff, pod);
    pod.state = state;
  };
  const activate = (pod: Waiting) => {
    settle(pod, 'active');
    insert(active, pod, before);
    ready();
  };
  const backOff = (pod: Waiting) => {
    const left = pod.retryAt - clock.now();
    if (left <= 0) return activate(pod);
    settle(pod, 'backoff');
    pod.timer = clock.after(left, () => activate(pod));
    if (pod.broken) return;
    insert(backingOff, pod, endsBefore);
    ready();
  };
  const begin = (pod: Waiting | undefined) => {
    if (!pod) return undefined;
    settle(pod, 'inflight');
    pod.attempts++;
    pod.missed = pod.broken = false;
    return pod.key;
  };

  return {
    add(key, priority) {
      const known = pods.get(key);
      if (!known) {
        const pod: Waiting = { key, priority, since: clock.now(), attempts: 0, state: 'active', retryAt: 0, missed: false, broken: false, timer: undefined };
        pods.set(key, pod);
        activate(pod);
      } else if (known.state === 'unschedulable') backOff(known);
      else known.missed = true;
    },
    remove(key) {
      const pod = pods.get(key);
      if (!pod) return;
      pods.delete(key);
      if (pod.state === 'active') takeOut(active, pod);
      settle(pod, 'inflight');
    },
    pop: () => begin(active.shift()),
    popEarly: () => (active.length > 0 ? undefined : begin(backingOff[0])),
    failed(key, why) {
      const pod = pods.get(key);
      if (!pod) return;
      if (why === 'waiting') pod.attempts--;
      pod.retryAt = clock.now() + (why === 'waiting' ? 0 : Math.min(MAX_BACKOFF_MS, INITIAL_BACKOFF_MS * 2 ** (pod.attempts - 1)));
      pod.broken = why === 'error';
      if (why === 'error' || pod.missed) return backOff(pod);
      pod.state = 'unschedulable';
      pod.timer = clock.after(UNSCHEDULABLE_MS, () => backOff(pod));
    },
    wake(keys = pods.keys()) {
      for (const key of keys) {
        const pod = pods.get(key);
        if (pod?.state === 'inflight') pod.missed = true;
        else if (pod?.state === 'unschedulable') backOff(pod);
      }
    },
    get size() {
      return pods.size;
    },
    stop() {
      for (const pod of pods.values()) pod.timer?.cancel();
      pods.clear();
      active.length = backingOff.length = 0;
    },
  };
}
