import { isNamespaceTerminating, StatusError } from '../api/errors.ts';
import { Events } from '../api/kinds/core/event.ts';
import type { KubeObject } from '../api/object.ts';
import type { Event, ObjectReference } from '../api/types/core.v1.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Client } from './client.ts';
import { type Correlated, correlator } from './correlator.ts';
import type { EventRecorder } from './events.ts';

export interface RecorderOptions {
  /** The node the component runs on (the kubelet sets it). */
  readonly host?: string;
  /** Hears of events that could not be written; default: one line on stderr. */
  readonly onError?: (error: Error, event: Event) => void;
}

export interface StoppableRecorder extends EventRecorder {
  /** Drops what is not written yet; later events are dropped as well. `flush` first where they matter. */
  stop(): void;
}

/** More than client-go's 1,000: here one recorder may speak for thousands of simulated pods at once. */
const QUEUE_LIMIT = 10_000;
const TRIES = 12;
const RETRY_MS = 10_000;

/** Writes core/v1 Events in the background, one after the other (client-go tools/record event.go). */
export function createRecorder(client: Client, clock: Clock, random: Random, component: string, options: RecorderOptions = {}): StoppableRecorder {
  const onError = options.onError ?? ((error: Error, event: Event) => console.error(`${component}: event ${event.reason} of ${event.involvedObject.kind} ${event.involvedObject.name} not written: ${error.message}`));
  const nameFor = eventNames(clock, random);
  const correlation = correlator(clock, nameFor);
  const aborter = new AbortController();
  const queue: Event[] = [];
  let running: Promise<void> | undefined;

  const write = async (correlated: Exclude<Correlated, { action: 'skip' }>): Promise<Event> => {
    const { event } = correlated;
    const target = { namespace: event.metadata.namespace };
    if (correlated.action === 'bump') {
      try {
        return await client.patch(Events, event.metadata.name ?? '', { type: 'strategic', body: correlated.patch }, target);
      } catch (error) {
        // The event may have expired meanwhile; it is written anew then.
        if (!(error instanceof StatusError && error.code === 404)) throw error;
      }
    }
    return client.create(Events, event, target);
  };
  const writeWithRetries = async (event: Event) => {
    const correlated = correlation.correlate(event);
    if (correlated.action === 'skip') return;
    for (let tried = 1; ; tried++) {
      try {
        return correlation.written(await write(correlated));
      } catch (error) {
        // The server's no is final; a server that cannot be reached is asked again.
        if (error instanceof StatusError) return void (isEveryday(error) || onError(error, event));
        if (tried === TRIES) return onError(error as Error, event);
      }
      await clock.sleep(tried === 1 ? RETRY_MS * random.next() : RETRY_MS, aborter.signal);
    }
  };
  const drain = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await writeWithRetries(next).catch(() => undefined);
    running = undefined;
  };

  return {
    event(about, type, reason, message, { fieldPath, annotations } = {}) {
      if (aborter.signal.aborted) return;
      const event = makeEvent(referenceTo(about, fieldPath), clock.now(), nameFor, { type, reason, message, component, host: options.host, annotations });
      if (queue.length >= QUEUE_LIMIT) return onError(new Error('too many queued events, dropped event'), event);
      queue.push(event);
      running ??= drain();
    },
    flush: () => running ?? Promise.resolve(),
    stop() {
      queue.length = 0;
      aborter.abort(new Error('the recorder was stopped'));
    },
  };
}

/** What an Event's involvedObject says of an object (client-go tools/reference). */
export function referenceTo(object: KubeObject, fieldPath?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  return { kind: object.kind, ...(namespace && { namespace }), name, uid, apiVersion: object.apiVersion, resourceVersion, ...(fieldPath && { fieldPath }) };
}

interface What {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly component: string;
  readonly host: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

function makeEvent(involvedObject: ObjectReference, nowMs: number, nameFor: (object: string) => string, what: What): Event {
  const time = new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const { type, reason, message, component, host, annotations } = what;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: nameFor(involvedObject.name ?? ''), namespace: involvedObject.namespace ?? 'default', ...(annotations && { annotations: { ...annotations } }) },
    involvedObject,
    reason,
    message,
    source: { component, ...(host && { host }) },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type,
    reportingComponent: component,
    reportingInstance: host ?? '',
  };
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Names of events: `OBJECT.NANOSECONDS` in hex. The clock counts milliseconds: the rest is random and grows within one, because lists are in the order of names
 * and readers expect what happened first to come first. An object whose name no Event may bear (`system:node`) gives a UUID (kubernetes#127594).
 */
function eventNames(clock: Clock, random: Random): (object: string) => string {
  let last = 0n;
  return (object) => {
    const millisecond = BigInt(Math.floor(clock.now())) * 1_000_000n;
    last = (last < millisecond ? millisecond : last) + 1n + BigInt(random.int(50_000));
    const name = `${object}.${last.toString(16)}`;
    return name.length <= 253 && SUBDOMAIN.test(name) ? name : random.uuid();
  };
}

/** Refusals that say nothing is wrong: the event is there already, or its namespace is going away. */
function isEveryday(error: StatusError): boolean {
  return error.reason === 'AlreadyExists' || isNamespaceTerminating(error);
}
