import { notAcceptable } from '../../api/errors.ts';
import { ProtobufError, encodeProtobuf } from '../../api/schema/protobuf.ts';
import { WireWriter } from '../../api/schema/wire.ts';
import type { Status } from '../../api/types/meta.v1.ts';
import type { Entry } from '../../store/store.ts';
import { encodedIn, inVersion } from '../registry/versions.ts';
import type { Resource } from '../scheme.ts';
import { table, type IncludeObject } from '../table.ts';
import { partial } from './encode.ts';
import type { Accepted } from './negotiate.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** How one watcher's events are written. */
export interface Frames {
  readonly contentType: string;
  event(type: EventType, entry: Entry): Buffer;
  bookmark(revision: number, initialEventsEnd: boolean): Buffer;
  error(status: Status): Buffer;
}

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

const bookmarkMetadata = (revision: number, initialEventsEnd: boolean) => ({ resourceVersion: String(revision), creationTimestamp: null, ...(initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }) });

/** A line of JSON for each event. */
export function jsonFrames(resource: Resource, accepted: Accepted, include: IncludeObject, now: () => number): Frames {
  let columnsSent = false;
  return {
    contentType: 'application/json',
    event(type, entry) {
      if (accepted.as === 'Table') {
        const text = table(resource, [entry.object], include, accepted.version!, { resourceVersion: entry.object.metadata.resourceVersion }, now(), !columnsSent);
        columnsSent = true;
        return line(type, text);
      }
      if (accepted.as === 'PartialObjectMetadata') return line(type, partial(entry.object, accepted));
      return frame(type, encodedIn(resource, entry));
    },
    bookmark(revision, initialEventsEnd) {
      const metadata = bookmarkMetadata(revision, initialEventsEnd);
      if (accepted.as === 'Table') return line('BOOKMARK', `{"kind":"Table","apiVersion":"meta.k8s.io/${accepted.version}","metadata":${JSON.stringify(metadata)},"columnDefinitions":null,"rows":[]}`);
      const what = accepted.as === 'PartialObjectMetadata' ? { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${accepted.version}` } : { kind: resource.kind.kind, apiVersion: resource.apiVersion };
      return line('BOOKMARK', JSON.stringify({ ...what, metadata }));
    },
    error: (status) => line('ERROR', JSON.stringify(status)),
  };
}

/** Events in protobuf, each with its length before it (apimachinery pkg/util/framer). Throws NotAcceptable for custom resources, which have no such form. */
export function protobufFrames(resource: Resource): Frames {
  if (resource.custom) throw notAcceptable('406: Not Acceptable');
  const framed = (type: string, object: object): Buffer => {
    const writer = new WireWriter();
    writer.string(1, type);
    writer.message(2, (raw) => raw.blob(1, encoded(object)));
    const body = writer.finish();
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  };
  return {
    contentType: 'application/vnd.kubernetes.protobuf;stream=watch',
    event: (type, entry) => framed(type, inVersion(resource, entry.object)),
    bookmark: (revision, initialEventsEnd) => framed('BOOKMARK', { kind: resource.kind.kind, apiVersion: resource.apiVersion, metadata: bookmarkMetadata(revision, initialEventsEnd) }),
    error: (status) => framed('ERROR', status),
  };
}

function encoded(object: object): Buffer {
  try {
    return encodeProtobuf(object);
  } catch (error) {
    throw error instanceof ProtobufError ? notAcceptable('406: Not Acceptable') : error;
  }
}
