import { decide, type Write } from './decide.ts';
import { HISTORY_LIMIT, type HistoryLimit } from './history.ts';
import { lockDirectory } from './lock.ts';
import { type Log, openLog } from './log.ts';
import { storeOver } from './over.ts';
import { type StoredEvent, storedEvent } from './record.ts';
import { newState, type State } from './state.ts';
import type { Entry, Store, StoreEvent } from './store.ts';

/** Writes in one commit at most, so that a burst does not hold up the event loop. */
const BATCH = 512;

interface Waiting extends StoredEvent {
  readonly resolve: (entry: Entry) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A store on disk: a write is seen, by anyone, only once it is durable. Writes that arrive during a commit go into the next one together. Objects, the revision and the last
 * `historyLimit` events survive a restart, so watches go on where they were. Rejects when another process has the directory open.
 */
export async function durableStore(directory: string, options: { readonly historyLimit?: number } = {}): Promise<Store> {
  const unlock = await lockDirectory(directory);
  let log: Log | undefined;
  try {
    log = openLog(directory);
    return onLog(log, await log.load(newState), { ...HISTORY_LIMIT, ...(options.historyLimit !== undefined && { events: options.historyLimit }) }, unlock);
  } catch (error) {
    await log?.close();
    await unlock();
    throw error;
  }
}

function onLog(log: Log, state: State, historyLimit: HistoryLimit, unlock: () => Promise<void>): Store {
  let queue: Waiting[] = [];
  /** What keys will hold once everything accepted is on disk. Later writes are checked against it. */
  const ahead = new Map<string, StoreEvent>();
  /** Writes that lost against one that is not on disk yet. They hear of it when the winner can be read, or a caller that reads and tries again would do so for ever. */
  const losers = new Map<StoreEvent, (() => void)[]>();
  let lastAccepted = state.revision;
  let checkpointing: Promise<void> | undefined;
  let pumping: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  const currentOf = (key: string): Entry | undefined => {
    const event = ahead.get(key);
    return event === undefined ? state.get(key) : event.type === 'DELETED' ? undefined : event.entry;
  };
  const compact = (revision: number) => void state.compact(Math.min(revision, state.revision));
  /** One that fails leaves the log as it was. It is tried again; what it failed of, such as a full disk, is said by the writes that fail of it, too. */
  const checkpoint = () =>
    log.checkpoint(state.oldest, state.list('', { revision: state.oldest }).entries).catch(() => {}).finally(() => (checkpointing = undefined));
  const publish = ({ event, record, resolve }: Waiting) => {
    if (ahead.get(event.entry.key) === event) ahead.delete(event.entry.key);
    state.apply(event, record.length);
    resolve(event.entry);
    tellLosers(event);
  };
  const tellLosers = (event: StoreEvent) => {
    for (const tell of losers.get(event) ?? []) tell();
    losers.delete(event);
  };
  /** After a commit that failed nothing accepted since may stand: it was decided on top of what is not there. */
  const giveUp = (lost: readonly Waiting[], cause: Error) => {
    const error = new Error(`the write could not be stored: ${cause.message}`, { cause });
    const all = [...lost, ...queue];
    queue = [];
    ahead.clear();
    lastAccepted = state.revision;
    for (const { event, reject } of all) {
      reject(error);
      tellLosers(event);
    }
  };
  const pump = async () => {
    // One turn of the microtask queue, so that writes made together are committed together.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue.splice(0, BATCH);
      try {
        await log.append(batch, state.oldest);
      } catch (error) {
        giveUp(batch, error as Error);
        continue;
      }
      batch.forEach(publish);
      const excess = state.excess(historyLimit);
      if (excess !== undefined) compact(excess);
      if (log.wantsCheckpoint(state.oldest)) checkpointing ??= checkpoint();
    }
    pumping = undefined;
  };
  const write = (request: Write): Promise<Entry> =>
    new Promise((resolve, reject) => {
      if (closing) throw new Error('the store is closed');
      const underWay = ahead.get(request.key);
      let decided: StoreEvent;
      try {
        decided = decide(request, currentOf(request.key), lastAccepted + 1);
      } catch (error) {
        if (!underWay) throw error;
        losers.set(underWay, [...(losers.get(underWay) ?? []), () => reject(error as Error)]);
        return;
      }
      // Encoded now: an object that cannot be is refused here, before anything counts on it.
      const { event, record } = storedEvent(decided);
      lastAccepted = event.revision;
      ahead.set(request.key, event);
      queue.push({ event, record, resolve, reject });
      pumping ??= pump();
    });
  const close = async () => {
    await pumping;
    await checkpointing;
    try {
      // What cannot be written on a full disk is only that some history is forgotten.
      await log.append([], state.oldest).catch(() => {});
    } finally {
      await log.close();
      await unlock();
    }
  };

  return storeOver(state, write, { compact, close: () => (closing ??= close()) });
}
