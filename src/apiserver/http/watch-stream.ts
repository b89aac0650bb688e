import type { StatusError } from '../../api/errors.ts';
import type { Core } from '../registry/core.ts';
import type { Selection } from '../registry/selection.ts';
import { checkWatch, watch, type WatchParams } from '../registry/watch.ts';
import type { Resource } from '../scheme.ts';
import type { IncludeObject } from '../table.ts';
import type { Accepted } from './negotiate.ts';
import { jsonReply, type Reply } from './reply.ts';
import { jsonFrames, protobufFrames } from './watch-frames.ts';

/** A watcher that has not taken this many bytes is cut off: it must not hold the server's memory. It will come back where it was, or list again. */
const MAX_BUFFERED = 16 * 1024 * 1024;
/** Of the objects that are there when the watch begins, no more than this is made ahead of the reader, bytes. */
const AHEAD = 1024 * 1024;

/** Answers a watch. */
export function watchReply(core: Core, resource: Resource, namespace: string, selected: Selection, params: WatchParams, accepted: Accepted, include: IncludeObject): Reply {
  checkWatch(params);
  const frames = accepted.format === 'protobuf' ? protobufFrames(resource) : jsonFrames(resource, accepted, include, () => core.clock.now());
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
        out.write(frames.event(type, entry));
      },
      busy(resume) {
        if (out.buffered() < AHEAD) return false;
        out.drained(resume);
        return true;
      },
      bookmark: (revision, end) => {
        if (!stopped) out.write(frames.bookmark(revision, end));
      },
      end(error?: StatusError) {
        if (stopped) return;
        if (error) out.write(frames.error(error.status));
        out.end();
      },
    });
    return stop;
  }, frames.contentType);
}
