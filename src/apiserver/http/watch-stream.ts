import type { StatusError } from '../../api/errors.ts';
import type { Entry } from '../../store/store.ts';
import type { Core } from '../registry/core.ts';
import type { Selection } from '../registry/selection.ts';
import { encodedIn } from '../registry/versions.ts';
import { checkWatch, watch, type WatchParams } from '../registry/watch.ts';
import type { Resource } from '../scheme.ts';
import { table, type IncludeObject } from '../table.ts';
import { partial } from './encode.ts';
import type { Accepted } from './negotiate.ts';
import { jsonReply, type Reply } from './reply.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** A watcher that has not taken this many bytes is cut off: it must not hold the server's memory. It will come back where it was, or list again. */
export const MAX_BUFFERED = 16 * 1024 * 1024;
/** Of the objects that are there when the watch begins, no more than this is made ahead of the reader, bytes. */
const AHEAD = 1024 * 1024;

const frames = new WeakMap<Buffer, Map<EventType, Buffer>>();

/** One event's line; made once for all watchers that are sent the same bytes. */
function frame(type: EventType, object: Buffer): Buffer {
  let known = frames.get(object);
  if (!known) frames.set(object, known = new Map());
  let bytes = known.get(type);
  if (!bytes) known.set(type, bytes = Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, Buffer.from('}\n')]));
  return bytes;
}

const line = (type: string, object: string): Buffer => Buffer.from(`{"type":"${type}","object":${object}}\n`);

/** Answers a watch: a line of JSON for each event. */
export function watchReply(core: Core, resource: Resource, namespace: string, selected: Selection, params: WatchParams, accepted: Accepted, include: IncludeObject): Reply {
  checkWatch(core, params);
  let columnsSent = false;
  const encode = (type: EventType, entry: Entry): Buffer => {
    if (accepted.as === 'Table') {
      const text = table(resource, [entry.object], include, accepted.version!, { resourceVersion: entry.object.metadata.resourceVersion }, core.clock.now(), !columnsSent);
      columnsSent = true;
      return line(type, text);
    }
    if (accepted.as === 'PartialObjectMetadata') return line(type, partial(entry.object, accepted));
    return frame(type, encodedIn(resource, entry));
  };
  const bookmarkObject = (revision: number, initialEventsEnd: boolean): string => {
    const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...(initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }) };
    if (accepted.as === 'Table') return `{"kind":"Table","apiVersion":"meta.k8s.io/${accepted.version}","metadata":${JSON.stringify(metadata)},"columnDefinitions":null,"rows":[]}`;
    if (accepted.as === 'PartialObjectMetadata') return JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${accepted.version}`, metadata });
    return JSON.stringify({ kind: resource.kind.kind, apiVersion: resource.apiVersion, metadata });
  };
  return jsonReply(200, (out) => {
    let stopped = false;
    const stop = watch(core, resource, namespace, selected, params, {
      event(type, entry) {
        if (stopped) return;
        if (out.buffered() > MAX_BUFFERED) {
          stopped = true;
          // Not within the store's call, which walks its list of watchers. The end of the connection ends the watch.
          queueMicrotask(() => out.abort());
          return;
        }
        out.write(encode(type, entry));
      },
      busy(resume) {
        if (out.buffered() < AHEAD) return false;
        out.drained(resume);
        return true;
      },
      bookmark: (revision, end) => {
        if (!stopped) out.write(line('BOOKMARK', bookmarkObject(revision, end)));
      },
      end(error?: StatusError) {
        if (stopped) return;
        if (error) out.write(line('ERROR', JSON.stringify(error.status)));
        out.end();
      },
    });
    return stop;
  });
}
