import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Endpoint, IdleConnection } from '../table/endpoint.ts';
import { BodyScanner } from './body.ts';
import { ResponseHead } from './head.ts';

/** Where a response goes: the request that an upstream connection is working on. */
export interface ResponseSink {
  /** The connection stands; the rest of the body may come. */
  onConnected(): void;
  /** A 1xx other than 101, as it came. */
  onInformational(head: ResponseHead): void;
  /** The head, and what of the body came with it: bytes[bodyStart, bodyEnd). `done`: that was all. */
  onResponse(head: ResponseHead, bytes: Buffer, bodyStart: number, bodyEnd: number, done: boolean): void;
  onData(bytes: Buffer, done: boolean): void;
  /** The response's trailers; `onData` follows. */
  onTrailers(fields: readonly (readonly [string, string])[]): void;
  /** 101: from here on it is a tunnel; what follows the head in `bytes` belongs to it. */
  onUpgrade(head: ResponseHead, bytes: Buffer, socket: Socket): void;
  /** More of the request's body may be written. */
  onDrain(): void;
  /** No (whole) response will come. Never called after `done`. */
  onFailure(failure: UpstreamFailure): void;
  /** Whether the whole request has been written: a connection that still owes a body is not kept. */
  readonly sent: boolean;
  /** Set to get bodies without their framing. */
  readonly content: ((bytes: Buffer) => void) | undefined;
}

/** refused: nothing was ever sent. unprocessed: the pod says that it did not look at it (RFC 9113 8.7). reset: the connection died; `answered` when part of the response had come. */
export interface UpstreamFailure {
  readonly why: 'refused' | 'unprocessed' | 'reset' | 'malformed';
  readonly answered: boolean;
  /** The code of an HTTP/2 reset. */
  readonly code?: number;
}

/** A request's way to a pod, whatever the pod speaks: it is given HTTP/1.1, and gives HTTP/1.1 back. */
export interface Upstream {
  readonly connected: boolean;
  /** Begins a request; `noBody` for HEAD. Its bytes are then written with `write`, the head first and whole. */
  begin(sink: ResponseSink, noBody: boolean): void;
  /** False: wait for `onDrain`. */
  write(bytes: Buffer | string): boolean;
  readonly needsDrain: boolean;
  /** What is written between the two goes out at once. */
  cork(): void;
  uncork(): void;
  pause(): void;
  resume(): void;
  /** Gives the request up; its sink hears no more. */
  abort(): void;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Shorter than the keep-alive time of common servers (gunicorn 2 s, Node 5 s), so that a request seldom meets a closing connection. */
const IDLE_MS = 1_900;
/** A request that may not be repeated only goes to a connection that was busy a moment ago. */
const FRESH_MS = 500;
const MOST_IDLE = 256;
const NOTHING = Buffer.alloc(0);

/** One HTTP/1.1 connection to a pod: a request at a time, kept for the next. */
export class UpstreamConnection implements IdleConnection, Upstream {
  readonly endpoint: Endpoint;
  readonly socket: Socket;
  connected: boolean;
  private readonly clock: Clock;
  private sink: ResponseSink | undefined;
  private readonly head = new ResponseHead();
  private readonly body = new BodyScanner();
  private pending: Buffer | undefined;
  private state: 'head' | 'body' = 'head';
  private noBody = false;
  private usedAt = 0;
  private timer: Timer | undefined;
  private dead = false;
  private handedOver = false;
  private readonly secure: boolean;

  /** Takes over `socket` when it is given (it stands already), else connects; `secure`: within TLS. */
  constructor(endpoint: Endpoint, clock: Clock, socket?: Socket, secure = false) {
    this.endpoint = endpoint;
    this.secure = secure;
    this.clock = clock;
    this.connected = socket !== undefined;
    this.socket = socket ?? dial(endpoint, secure ? 'http/1.1' : undefined);
    this.usedAt = clock.monotonic();
    this.socket.on('data', (bytes: Buffer) => this.onBytes(bytes));
    this.socket.on('error', () => this.onGone());
    this.socket.on('close', () => this.onGone());
    this.socket.on('end', () => this.onEnd());
    this.socket.on('drain', () => this.sink?.onDrain());
    if (socket) return;
    this.timer = clock.after(CONNECT_TIMEOUT_MS, () => this.socket.destroy());
    this.socket.once(secure ? 'secureConnect' : 'connect', () => {
      this.timer?.cancel();
      this.connected = true;
      this.sink?.onConnected();
    });
  }

  /** Begins a request; `noBody` for HEAD. Its bytes are then written with `write`. */
  begin(sink: ResponseSink, noBody: boolean): void {
    this.sink = sink;
    this.noBody = noBody;
    this.state = 'head';
    this.body.content = sink.content;
  }

  /** False: wait for `onDrain`. */
  write(bytes: Buffer | string): boolean {
    return typeof bytes === 'string' ? this.socket.write(bytes, 'latin1') : this.socket.write(bytes);
  }

  get needsDrain(): boolean {
    return this.socket.writableNeedDrain;
  }

  cork(): void {
    this.socket.cork();
  }

  uncork(): void {
    this.socket.uncork();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Gives the request up; its sink hears no more. */
  abort(): void {
    this.sink = undefined;
    this.close();
  }

  close(): void {
    this.dead = true;
    this.timer?.cancel();
    this.socket.destroy();
  }

  get stale(): boolean {
    return !this.usable(true);
  }

  /** Whether it may be given a request now. */
  usable(repeatable: boolean): boolean {
    return !this.dead && !this.socket.destroyed && this.clock.monotonic() - this.usedAt < (repeatable ? IDLE_MS : FRESH_MS);
  }

  private onBytes(bytes: Buffer): void {
    if (this.handedOver) return;
    const sink = this.sink;
    // A server that speaks without being asked is out of step.
    if (!sink) return this.close();
    if (this.state === 'body') {
      const end = this.body.feed(bytes, 0);
      if (this.body.broken) return this.fail('malformed', true);
      const done = this.body.done;
      const part = end === bytes.length ? bytes : bytes.subarray(0, end);
      if (done) this.finish(end < bytes.length || !this.head.keepAlive, sink.sent);
      sink.onData(part, done);
      return;
    }
    this.onHead(sink, this.pending === undefined ? bytes : Buffer.concat([this.pending, bytes]), 0);
  }

  private onHead(sink: ResponseSink, bytes: Buffer, start: number): void {
    const head = this.head;
    const parsed = head.read(bytes, start);
    if (parsed === 'more') {
      this.pending = start === 0 ? bytes : bytes.subarray(start);
      return;
    }
    this.pending = undefined;
    if (parsed !== 'done') return this.fail('malformed', false);
    if (head.status === 101) {
      this.sink = undefined;
      this.dead = true;
      this.handedOver = true;
      return sink.onUpgrade(head, bytes, this.socket);
    }
    if (head.status < 200) {
      sink.onInformational(head);
      return this.onHead(sink, bytes, head.end);
    }
    const empty = this.noBody || head.status === 204 || head.status === 304;
    if (empty) this.body.begin(0, false, false);
    else this.body.begin(head.contentLength, head.chunked, true);
    this.state = 'body';
    const end = this.body.feed(bytes, head.end);
    if (this.body.broken) return this.fail('malformed', false);
    const done = this.body.done;
    if (done) this.finish(end < bytes.length || !head.keepAlive, sink.sent);
    sink.onResponse(head, bytes, head.end, end, done);
  }

  /** The response is whole: keeps the connection for the next request, or lets it go. */
  private finish(close: boolean, sent: boolean): void {
    this.sink = undefined;
    this.usedAt = this.clock.monotonic();
    const { endpoint, pool } = this;
    if (close || !sent || this.dead || endpoint.draining || endpoint.holders.size === 0 || pool.length >= MOST_IDLE) {
      this.dead = true;
      this.socket.end();
      this.socket.resume();
    } else {
      this.socket.resume();
      pool.push(this);
    }
  }

  private get pool(): IdleConnection[] {
    return this.secure ? this.endpoint.idleSecure : this.endpoint.idle;
  }

  private onEnd(): void {
    if (this.handedOver) return;
    const { sink } = this;
    if (sink && this.state === 'body' && this.body.untilClose) {
      this.sink = undefined;
      this.close();
      sink.onData(NOTHING, true);
      return;
    }
    this.onGone();
  }

  private onGone(): void {
    if (this.handedOver) return;
    this.timer?.cancel();
    if (!this.dead) {
      this.dead = true;
      this.socket.destroy();
      const at = this.pool.indexOf(this);
      if (at >= 0) this.pool.splice(at, 1);
    }
    this.fail(this.connected ? 'reset' : 'refused', this.state === 'body' || this.pending !== undefined);
  }

  private fail(why: UpstreamFailure['why'], answered: boolean): void {
    const { sink } = this;
    this.sink = undefined;
    this.close();
    sink?.onFailure({ why, answered });
  }
}

/** A connection to the endpoint: an idle one that is still good, or a new one. */
export function connectionTo(endpoint: Endpoint, clock: Clock, repeatable: boolean, secure: boolean): UpstreamConnection {
  const pool = secure ? endpoint.idleSecure : endpoint.idle;
  for (;;) {
    const idle = pool.pop();
    if (!(idle instanceof UpstreamConnection)) break;
    if (idle.usable(true)) {
      if (idle.usable(repeatable)) return idle;
      pool.push(idle);
      break;
    }
    idle.close();
  }
  return new UpstreamConnection(endpoint, clock, undefined, secure);
}

/** A connection to the pod; `alpn`: within TLS, for this protocol. What a pod shows as its certificate is signed by nobody that we could know (nginx' proxy_ssl_verify is off, too). */
export function dial({ address, port }: Endpoint, alpn: string | undefined): Socket {
  if (alpn === undefined) return connect({ host: address, port, noDelay: true, allowHalfOpen: true });
  return connectTls({ socket: connect({ host: address, port, noDelay: true }), rejectUnauthorized: false, ALPNProtocols: [alpn] });
}
