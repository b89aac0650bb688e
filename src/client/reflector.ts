import { StatusError } from '../api/errors.ts';
import type { KubeObject, ResourceType } from '../api/object.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { backoff as newBackoff } from './backoff.ts';
import type { Client, ListOptions, Watch } from './client.ts';

/** What a reflector found. */
export interface Mirror<T extends KubeObject> {
  /** Everything, after a list. */
  replace(items: readonly T[]): void;
  /** One change. */
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
  /** A list failed, or a watch was refused; it is tried again after a while. */
  failed(error: Error): void;
}

export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

const PAGE = 500;
/** A watch that ended sooner and brought nothing is a failure (client-go: "very short watch"). */
const SHORT_WATCH_MS = 1_000;
const WATCH_TIMEOUT_SECONDS = 300;

/**
 * Lists, then watches, for ever (client-go tools/cache reflector.go): a watch that ends is taken up where it ended; where the server does not know that version any more, everything is
 * listed again. Resolves when the signal aborts.
 */
export async function reflect<T extends KubeObject>(
  source: { readonly client: Client; readonly clock: Clock; readonly random: Random },
  type: ResourceType<T>,
  selection: Selection,
  mirror: Mirror<T>,
  signal: AbortSignal,
): Promise<void> {
  const { client, clock, random } = source;
  const backoff = newBackoff(clock, random);
  let version: string | undefined;

  const round = async (): Promise<boolean> => {
    if (version === undefined) {
      const listed = await listAll(client, type, selection, signal);
      if (signal.aborted) return true;
      version = listed.version;
      mirror.replace(listed.items);
    }
    const began = clock.monotonic();
    let events = 0;
    const end = await watchOnce(client, type, { ...selection, resourceVersion: version, timeoutSeconds: Math.round(WATCH_TIMEOUT_SECONDS * (1 + random.next())) }, signal, (kind, object) => {
      events++;
      version = object.metadata.resourceVersion ?? version;
      if (kind !== 'BOOKMARK') mirror.apply(kind, object);
    });
    if (end && mustRelist(end)) version = undefined;
    const useful = events > 0 || clock.monotonic() - began >= SHORT_WATCH_MS;
    if (end && !useful) mirror.failed(end);
    return useful;
  };

  while (!signal.aborted) {
    const useful = await round().catch((error: Error) => {
      if (!signal.aborted) mirror.failed(error);
      return false;
    });
    if (signal.aborted) return;
    if (useful) backoff.reset();
    else await clock.sleep(backoff.next(), signal).catch(() => undefined);
  }
}

/** An answer of the server says that this version is of no use; a broken connection says nothing. Overload passes. */
function mustRelist(error: Error): boolean {
  return error instanceof StatusError && ![429, 500, 502, 503].includes(error.code);
}

async function listAll<T extends KubeObject>(client: Client, type: ResourceType<T>, selection: Selection, signal: AbortSignal): Promise<{ items: T[]; version: string }> {
  const items: T[] = [];
  let options: ListOptions = { ...selection, limit: PAGE };
  for (;;) {
    try {
      const page = await client.list(type, options);
      items.push(...page.items);
      if (!page.metadata.continue || signal.aborted) return { items, version: page.metadata.resourceVersion };
      options = { ...selection, limit: PAGE, continue: page.metadata.continue };
    } catch (error) {
      // The pages' version was compacted between two of them: one list without pages cannot expire (client-go tools/pager).
      if (!(error instanceof StatusError && error.code === 410 && options.continue)) throw error;
      items.length = 0;
      options = selection;
    }
  }
}

/** Resolves when the watch is over: with the error that ended it, or nothing when it just ended or the signal aborted. */
function watchOnce<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  options: Selection & { readonly resourceVersion: string; readonly timeoutSeconds: number },
  signal: AbortSignal,
  onEvent: (kind: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', object: T) => void,
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    let over = false;
    let watch: Watch | undefined;
    const finish = (error?: Error) => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', onAbort);
      watch?.stop();
      resolve(error);
    };
    const onAbort = () => finish();
    signal.addEventListener('abort', onAbort, { once: true });
    watch = client.watch(type, { ...options, allowWatchBookmarks: true }, {
      event(event) {
        if (over) return;
        if (event.type === 'ERROR') finish(new StatusError(event.object));
        else onEvent(event.type, event.object);
      },
      closed: finish,
    });
    // It may have ended before `watch` returned.
    if (over) watch.stop();
  });
}
