import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { responseReader } from './response.ts';
import type { Tally } from './tally.ts';
import type { Target } from './target.ts';

/** What the connections of a run share. */
export interface Shared {
  readonly target: Target;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly tally: Tally;
  /** Where every connection's bytes arrive: they are read before the next ones come. */
  readonly buffer: Buffer;
  /** When the next request is due (`now` = at once), or undefined when there is none any more. */
  next(now: number): number | undefined;
}

/** One connection of a run: a request after the other until there are none; a broken connection is opened anew. */
export interface Connection {
  /** Resolves when it has ended: by itself, or because it was told to. */
  readonly over: Promise<void>;
  /** Gives up a request that was sent too long before `now`. */
  expire(now: number): void;
  /** Ends at once. What is unanswered counts neither as a success nor as a failure. */
  leave(): void;
}

/** A server that refuses or breaks is asked again after this time, not hammered. */
const AGAIN_MS = 10;
/** A request that is due sooner is sent at once: timers are coarse. */
const SOON_MS = 0.5;

/** Starts a connection, which sends its first request at once or when it is due. */
export function connection({ target, clock, timeoutMs, tally, buffer, next }: Shared): Connection {
  let socket: Socket | undefined;
  let left = false;
  /** When the request on its way was due; undefined when none is. */
  let due: number | undefined;
  let sentAt = 0;
  let waiting: Timer | undefined;
  let resolve: () => void;
  const over = new Promise<void>((done) => { resolve = done; });

  const drop = () => {
    const old = socket;
    socket = undefined;
    old?.destroy();
  };
  const leave = () => {
    if (left) return;
    left = true;
    waiting?.cancel();
    if (due !== undefined) tally.abandoned();
    due = undefined;
    drop();
    resolve();
  };
  const fail = (cause: string) => {
    due = undefined;
    tally.failed(cause);
  };

  const step = (now: number) => {
    if (left) return;
    const at = next(now);
    if (at === undefined) leave();
    else if (at - now > SOON_MS) waiting = clock.after(at - now, () => send(at, clock.monotonic()));
    else send(at, now);
  };
  const send = (at: number, now: number) => {
    sentAt = now;
    // Late: from when it was due. A little early: from now.
    due = Math.min(at, now);
    tally.sent();
    socket ??= open();
    socket.write(target.request);
  };

  const open = (): Socket => {
    const reader = responseReader((status, bytes, keepAlive) => {
      if (socket !== mine || due === undefined) return;
      const now = clock.monotonic();
      tally.answered(status, bytes, due, now);
      due = undefined;
      if (!keepAlive) drop();
      step(now);
    }, target.bodiless);
    const broken = (cause: string) => {
      if (socket !== mine) return;
      drop();
      if (due === undefined) return;
      fail(cause);
      waiting = clock.after(AGAIN_MS, () => step(clock.monotonic()));
    };
    const take = (length: number): boolean => {
      try {
        reader.push(buffer, length);
      } catch (error) {
        broken(error instanceof Error ? error.message : String(error));
      }
      return true;
    };
    const mine = target.open({ buffer, callback: take });
    mine.on('error', (error: NodeJS.ErrnoException) => broken(error.code ?? error.message));
    mine.on('close', () => {
      if (!reader.end()) broken('closed before the response');
    });
    return mine;
  };

  step(clock.monotonic());
  return {
    over,
    leave,
    expire(now) {
      if (due === undefined || now - sentAt < timeoutMs) return;
      fail('timeout');
      drop();
      step(now);
    },
  };
}
