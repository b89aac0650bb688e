import { expired, internal, StatusError } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import { Compacted, type Entry, type StoreEvent } from '../../store/store.ts';
import type { Resource } from '../scheme.ts';
import type { Core } from './core.ts';
import { parseRevision, validateListParams, type ListParams } from './revision.ts';
import type { Selection } from './selection.ts';

/** What a watcher is sent. */
export interface WatchSink {
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: Entry): void;
  bookmark(revision: number, initialEventsEnd: boolean): void;
  /** Whether the reader still has much to take; if so, `resume` is called once it has. Asked only while the objects that are there already are sent: a reader of those is paced, not cut off. */
  busy?(resume: () => void): boolean;
  /** The stream is over; `error` is sent to the client first. Called at most once, and not after `stop`. */
  end(error?: StatusError): void;
}

export interface WatchParams extends ListParams {
  readonly timeoutSeconds?: number;
}

/** Refuses parameters that mean nothing, before a stream is begun; the revision to begin after, which may lie in the future: then nothing is told until it is past. Throws Invalid or BadRequest. */
export function checkWatch(params: WatchParams): number {
  validateListParams({ ...params, watch: true });
  return parseRevision(params.resourceVersion);
}

const BOOKMARK_MS = 60_000;
const MIN_TIMEOUT_MS = 1_800_000;

/**
 * Streams a resource's changes to `sink`, beginning synchronously and, of what is there already, going on as the sink takes it. The returned function ends it. Upstream: storage/cacher. An object that comes to match is ADDED, one that ceases
 * to is DELETED, with what it last was when it matched, at the revision of the change.
 */
export function watch(core: Core, resource: Resource, namespace: string, selected: Selection, params: WatchParams, sink: WatchSink): () => void {
  const from = checkWatch(params);
  const { store, clock } = core;
  const prefix = namespace === '' ? resource.prefix : `${resource.prefix}${namespace}/`;
  const begin = store.revision;

  let unsubscribe = () => {};
  let ended = false;
  let sent = begin;
  const stop = () => {
    ended = true;
    unsubscribe();
    timer.cancel();
    bookmarks.cancel();
  };
  const finish = (error?: StatusError) => {
    if (ended) return;
    stop();
    sink.end(error);
  };
  const bookmark = () => {
    if (params.allowWatchBookmarks && !ended) sink.bookmark(sent = store.revision, false);
  };
  const lifetime = params.timeoutSeconds ? params.timeoutSeconds * 1000 : Math.floor(MIN_TIMEOUT_MS * (1 + core.random.next()));
  const timer = clock.after(lifetime, () => {
    if (store.revision > sent) bookmark();
    finish();
  });
  const rebook = () => clock.after(BOOKMARK_MS, () => {
    if (ended) return;
    bookmark();
    bookmarks = rebook();
  });
  let bookmarks = params.allowWatchBookmarks ? rebook() : { cancel: () => {} };

  /** An object that this version cannot show (its conversion fails) ends the watch: what a sink throws would else be nobody's. */
  const tell = (type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: Entry) => {
    try {
      sink.event(type, entry);
    } catch (error) {
      finish(error instanceof StatusError ? error : internal(error instanceof Error ? error.message : String(error)));
    }
  };
  const deliver = (event: StoreEvent) => {
    if (ended || event.revision <= from) return;
    const change = transition(selected, event);
    if (change) tell(change.type, change.entry);
  };
  const initial = params.sendInitialEvents ?? from === 0;
  const follow = () => {
    if (initial && params.sendInitialEvents) sink.bookmark(begin, true);
    if (ended) return;
    try {
      unsubscribe = store.watch(prefix, initial || from > begin || from === 0 ? begin : from, deliver);
    } catch (error) {
      if (!(error instanceof Compacted)) {
        stop();
        throw error;
      }
      finish(expired(`too old resource version: ${initial ? begin : from} (${error.oldest})`));
    }
    if (ended) unsubscribe();
  };
  const present = initial ? store.list(prefix).entries : [];
  let next = 0;
  const sendPresent = () => {
    for (; next < present.length; next++) {
      if (ended || sink.busy?.(sendPresent)) return;
      const entry = present[next]!;
      if (!selected.matches || selected.matches(entry.object)) tell('ADDED', entry);
    }
    if (!ended) follow();
  };
  sendPresent();
  return stop;
}

/** How a change looks to someone who sees only matching objects. */
export function transition({ matches }: Selection, event: StoreEvent): { type: 'ADDED' | 'MODIFIED' | 'DELETED'; entry: Entry } | undefined {
  if (!matches) return { type: event.type, entry: event.entry };
  const was = event.previous !== undefined && matches(event.previous.object);
  if (event.type === 'DELETED') return was ? { type: 'DELETED', entry: event.entry } : undefined;
  const is = matches(event.entry.object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', entry: event.entry };
  return was ? { type: 'DELETED', entry: atRevision(event.previous!, event.revision) } : undefined;
}

function atRevision(entry: Entry, revision: number): Entry {
  const object: KubeObject = { ...entry.object, metadata: { ...entry.object.metadata, resourceVersion: String(revision) } };
  return { key: entry.key, revision, object, encoded: () => Buffer.from(JSON.stringify(object)) };
}
