import { tooManyRequests } from '../api/errors.ts';

/** Lets a bounded number of requests run at once, and is fair: users take turns, however many requests each of them has waiting. */
export interface FairQueue {
  /** Runs `work` when its turn comes. Rejects with TooManyRequests when the user has too much waiting already. */
  run<T>(user: string, work: () => Promise<T>): Promise<T>;
  /** Now running, and now waiting. */
  readonly running: number;
  readonly waiting: number;
}

export interface FairQueueOptions {
  readonly concurrency: number;
  /** How many requests of one user may wait. */
  readonly queueLength: number;
}

export function fairQueue({ concurrency, queueLength }: FairQueueOptions): FairQueue {
  // Insertion order is the order of turns: a user who was served goes to the end.
  const queues = new Map<string, (() => void)[]>();
  let running = 0;
  let waiting = 0;

  const next = () => {
    running--;
    for (const [user, queue] of queues) {
      const start = queue.shift()!;
      waiting--;
      queues.delete(user);
      if (queue.length > 0) queues.set(user, queue);
      start();
      return;
    }
  };
  const enter = (user: string): Promise<void> | undefined => {
    if (running < concurrency) {
      running++;
      return undefined;
    }
    const queue = queues.get(user) ?? [];
    if (queue.length >= queueLength) throw tooManyRequests('too many requests, please try again later', 1);
    return new Promise((resolve) => {
      queue.push(() => {
        running++;
        resolve();
      });
      queues.set(user, queue);
      waiting++;
    });
  };
  return {
    async run(user, work) {
      const turn = enter(user);
      if (turn) await turn;
      try {
        return await work();
      } finally {
        next();
      }
    },
    get running() {
      return running;
    },
    get waiting() {
      return waiting;
    },
  };
}
