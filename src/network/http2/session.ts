import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import type { Clock } from '../../base/clock.ts';
import { dial } from '../http1/upstream.ts';
import type { Endpoint, SharedConnection } from '../table/endpoint.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_MS = 60_000;
/** What may be on its way to us before we have taken what came: for a stream, and for all of a connection's. */
const STREAM_WINDOW = 1_048_576;
const SESSION_WINDOW = 8_388_608;

/** An HTTP/2 connection to a pod, shared by as many requests as the pod allows. */
export class PodSession implements SharedConnection {
  readonly secure: boolean;
  connected = false;
  private readonly session: ClientHttp2Session;
  private readonly clock: Clock;
  private readonly waiting = new Set<() => void>();
  private open = 0;
  private usedAt: number;
  private closing = false;

  constructor(endpoint: Endpoint, secure: boolean, clock: Clock) {
    this.secure = secure;
    this.clock = clock;
    this.usedAt = clock.monotonic();
    const socket = dial(endpoint, secure ? 'h2' : undefined);
    const session = connect(`${secure ? 'https' : 'http'}://${endpoint.address}:${endpoint.port}`, { createConnection: () => socket, settings: { enablePush: false, initialWindowSize: STREAM_WINDOW } });
    this.session = session;
    const timer = clock.after(CONNECT_TIMEOUT_MS, () => session.destroy());
    endpoint.shared.add(this);
    session.once('connect', () => {
      timer.cancel();
      session.setLocalWindowSize(SESSION_WINDOW);
      this.connected = true;
      for (const tell of this.waiting) tell();
      this.waiting.clear();
    });
    session.on('error', () => {});
    session.on('goaway', () => (this.closing = true));
    session.once('close', () => {
      timer.cancel();
      this.closing = true;
      endpoint.shared.delete(this);
    });
  }

  /** Whether it takes another request. */
  get free(): boolean {
    return !this.closing && !this.session.closed && !this.session.destroyed && this.open < (this.session.remoteSettings?.maxConcurrentStreams ?? Infinity);
  }

  get stale(): boolean {
    return this.open === 0 && this.clock.monotonic() - this.usedAt > IDLE_MS;
  }

  /** Calls back once when it stands. */
  onConnected(tell: () => void): void {
    this.waiting.add(tell);
  }

  request(headers: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream {
    this.open++;
    const stream = this.session.request(headers, { endStream });
    stream.once('close', () => {
      this.open--;
      this.usedAt = this.clock.monotonic();
    });
    return stream;
  }

  close(): void {
    this.closing = true;
    // Says GOAWAY, and goes when its streams have.
    if (this.connected) this.session.close();
    else if (this.open === 0) this.session.destroy();
  }
}

export const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_FLAG_END_STREAM } = constants;

/** A connection to the endpoint that takes another request: one that stands, or a new one. */
export function sessionTo(endpoint: Endpoint, clock: Clock, secure: boolean): PodSession {
  for (const shared of endpoint.shared) if (shared instanceof PodSession && shared.secure === secure && shared.free) return shared;
  return new PodSession(endpoint, secure, clock);
}
