import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { splice } from '../proxy/splice.ts';
import type { Backend } from '../table/backend.ts';
import type { Endpoint } from '../table/endpoint.ts';
import { BodyScanner } from './body.ts';
import { RequestHead, type ResponseHead } from './head.ts';
import { replyText, textReply, type Reply } from './reply.ts';
import { connectionTo, type ResponseSink, type UpstreamConnection, type UpstreamFailure } from './upstream.ts';

/** Where a request goes, and what is changed on the way. */
export interface Forward {
  readonly kind: 'forward';
  readonly backend: Backend;
  /** It came through a node port, a load balancer or an ingress. */
  readonly external: boolean;
  /** The head for the pod; undefined sends it as it came. */
  readonly head: string | undefined;
  /** Header lines for the client instead of the pod's own (without `Connection`), each with CRLF; undefined: as they are. */
  readonly responseFields: ((head: ResponseHead) => string) | undefined;
  /** The whole answer must have begun by then. */
  readonly timeoutMs: number | undefined;
  /** Called once for every request: with status 0 when the client went away first. */
  readonly finished: ((request: RequestHead, status: number, ms: number, endpoint: Endpoint | undefined) => void) | undefined;
}

/** What stands behind a connection: it decides where each request goes. */
export interface RequestHandler {
  readonly clock: Clock;
  route(request: RequestHead, connection: ServerConnection): Forward | Reply;
  /** A pod refused a connection. */
  suspect(endpoint: Endpoint): void;
}

/** Serves HTTP/1.x on a connection; `initial` has been read from it already. */
export function serveHttp(socket: Socket, client: string, handler: RequestHandler, initial?: Buffer): ServerConnection {
  return new ServerConnection(socket, client, handler, initial);
}

/** A request is kept for repeating up to this size. */
const MOST_REPLAYED = 65_536;
const MOST_PIPELINED = 65_536;
const MOST_ATTEMPTS = 12;
/** A client that was told goodbye may take this long to go. */
const LINGER_MS = 1_000;

/**
 * A client's HTTP/1.x connection, cut into requests: each may go to another pod, so a keep-alive connection outlives the pods it talked to. Bodies pass through as they come, in both directions, with
 * back-pressure.
 */
export class ServerConnection implements ResponseSink {
  readonly socket: Socket;
  readonly client: string;
  /** Monotonic ms since which it waits for (the rest of) a request's head; undefined while one is worked on. */
  waitingSince: number | undefined;
  /** Whether part of a head has come. */
  get headBegun(): boolean {
    return this.pending !== undefined;
  }
  readonly content = undefined;
  private readonly handler: RequestHandler;
  private readonly clock: Clock;
  private readonly request = new RequestHead();
  private readonly body = new BodyScanner();
  /** Bytes of the client that are not worked on yet. */
  private pending: Buffer | undefined;
  private forward: Forward | undefined;
  private endpoint: Endpoint | undefined;
  private upstream: UpstreamConnection | undefined;
  private tried: Set<Endpoint> | undefined;
  private attempts = 0;
  private first: Buffer | undefined;
  private later: Buffer[] | undefined;
  private replaySize = 0;
  private startedAt = 0;
  private attemptAt = 0;
  private busy = false;
  private responding = false;
  private status = 0;
  private closeAfter = false;
  private clientEnded = false;
  private giveUp: (() => void) | undefined;
  private timer: Timer | undefined;
  private detached = false;
  private advancing = false;

  constructor(socket: Socket, client: string, handler: RequestHandler, initial?: Buffer) {
    this.socket = socket;
    this.client = client;
    this.handler = handler;
    this.clock = handler.clock;
    this.waitingSince = this.clock.monotonic();
    socket.on('data', (bytes: Buffer) => this.onBytes(bytes));
    socket.on('end', () => this.onClientEnd());
    socket.on('error', () => {});
    socket.on('close', () => this.onClientGone());
    socket.on('drain', () => this.onClientDrain());
    if (initial) this.onBytes(initial);
  }

  get sent(): boolean {
    return this.body.done;
  }

  /** Ends the connection once it is idle: at once, or after the answer that is being given. */
  retire(): void {
    this.closeAfter = true;
    if (!this.busy) this.farewell();
  }

  private onBytes(bytes: Buffer): void {
    if (this.detached) return;
    if (this.busy && !this.body.done) return this.onRequestBody(bytes);
    if (this.pending === undefined) this.pending = bytes;
    else {
      const before = this.pending.length;
      this.pending = Buffer.concat([this.pending, bytes]);
      // Half a head is not read again for every byte of a slow client.
      if (!this.busy && this.pending.length < MOST_PIPELINED && this.pending.indexOf('\r\n\r\n', Math.max(0, before - 3)) < 0) return;
    }
    if (!this.busy) this.advance();
    else if (this.pending.length > MOST_PIPELINED) this.socket.pause();
  }

  /** Works on the requests that have come, one after another. */
  private advance(): void {
    if (this.advancing) return;
    this.advancing = true;
    while (!this.busy && this.pending !== undefined && !this.detached && !this.socket.writableNeedDrain) if (!this.next(this.pending)) break;
    this.advancing = false;
  }

  /** Begins the request at the head of `bytes`; false when there is none yet. */
  private next(bytes: Buffer): boolean {
    const { request, body } = this;
    const parsed = request.read(bytes, 0);
    if (parsed === 'more') return false;
    this.pending = undefined;
    if (parsed !== 'done') {
      this.refuse(parsed);
      return false;
    }
    body.begin(request.contentLength, request.chunked, false);
    const end = body.feed(bytes, request.end);
    if (body.broken) {
      this.refuse(400);
      return false;
    }
    if (end < bytes.length) this.pending = bytes.subarray(end);
    this.first = request.start === 0 && end === bytes.length ? bytes : bytes.subarray(request.start, end);
    this.replaySize = this.first.length;
    this.later = undefined;
    this.busy = true;
    this.waitingSince = undefined;
    this.responding = false;
    this.attempts = 0;
    this.tried = undefined;
    this.status = 0;
    this.closeAfter = !request.keepAlive || this.clientEnded || this.closeAfter;
    this.startedAt = this.clock.monotonic();
    const route = this.handler.route(request, this);
    if (route.kind === 'reply') {
      this.answer(route);
      return true;
    }
    this.forward = route;
    if (route.timeoutMs !== undefined) this.timer = this.clock.after(route.timeoutMs, () => this.onTimeout());
    this.attempt();
    return true;
  }

  private attempt(): void {
    const forward = this.forward!;
    const endpoint = forward.backend.choose(this.client, forward.external, this.tried);
    if (!endpoint) return this.awaitEndpoint();
    this.attempts++;
    this.endpoint = endpoint;
    endpoint.inFlight++;
    endpoint.meter.begin();
    this.attemptAt = this.clock.monotonic();
    const { request } = this;
    const upstream = connectionTo(endpoint, this.clock, request.idempotent);
    this.upstream = upstream;
    upstream.begin(this, request.method === 'HEAD');
    this.send(upstream, forward);
    if (!this.body.done && (!upstream.connected || upstream.socket.writableNeedDrain)) this.socket.pause();
  }

  private send(upstream: UpstreamConnection, forward: Forward): void {
    const first = this.first!;
    if (forward.head === undefined) upstream.write(first);
    else {
      const headLength = this.request.end - this.request.start;
      if (first.length === headLength) upstream.write(forward.head);
      else {
        upstream.socket.cork();
        upstream.write(forward.head);
        upstream.write(first.subarray(headLength));
        upstream.socket.uncork();
      }
    }
    if (this.later) for (const part of this.later) upstream.write(part);
  }

  private awaitEndpoint(): void {
    this.tried = undefined;
    if (!this.body.done) this.socket.pause();
    let done = false;
    const giveUp = this.forward!.backend.wait((found) => {
      done = true;
      this.giveUp = undefined;
      if (this.detached || !this.busy) return;
      this.socket.resume();
      if (found) this.attempt();
      else this.fail(503, `no endpoints available for service "${this.forward!.backend.namespace}/${this.forward!.backend.service}"`);
    });
    if (!done) this.giveUp = giveUp;
  }

  private onRequestBody(bytes: Buffer): void {
    const { body } = this;
    const end = body.feed(bytes, 0);
    if (body.broken) {
      this.closeAfter = true;
      return this.fail(400, 'malformed request body');
    }
    const part = end === bytes.length ? bytes : bytes.subarray(0, end);
    if (end < bytes.length) this.pending = bytes.subarray(end);
    if (this.forward === undefined) return;
    this.replaySize += part.length;
    if (this.replaySize <= MOST_REPLAYED) (this.later ??= []).push(part);
    if (this.upstream && !this.upstream.write(part) && !body.done) this.socket.pause();
  }

  onConnected(): void {
    if (!this.body.done) this.socket.resume();
  }

  onDrain(): void {
    if (!this.body.done && !this.detached) this.socket.resume();
  }

  onInformational(head: ResponseHead): void {
    if (this.request.minor === 1) this.socket.write(head.bytes.subarray(head.start, head.end));
  }

  onResponse(head: ResponseHead, bytes: Buffer, bodyStart: number, bodyEnd: number, done: boolean): void {
    const forward = this.forward!;
    this.responding = true;
    this.status = head.status;
    this.timer?.cancel();
    const sized = head.chunked || head.contentLength >= 0 || head.status === 204 || head.status === 304 || this.request.method === 'HEAD';
    if (!this.body.done || !sized) this.closeAfter = true;
    let written: boolean;
    if (forward.head === undefined) {
      // An HTTP/1.0 client keeps the connection only when it is told so.
      if (!head.keepAlive || (this.request.minor === 0 && !head.saysKeepAlive)) this.closeAfter = true;
      written = this.socket.write(bytes.subarray(head.start, bodyEnd));
    } else if (forward.responseFields === undefined && head.minor === 1 && head.saysClose === this.closeAfter && (this.request.minor === 1 || this.closeAfter || head.saysKeepAlive)) {
      written = this.socket.write(bytes.subarray(head.start, bodyEnd));
    } else {
      const fields = forward.responseFields ? forward.responseFields(head) : head.fieldText(false);
      const status = bytes.toString('latin1', head.start + 8, head.fields);
      const connection = this.closeAfter ? 'Connection: close\r\n' : this.request.minor === 0 ? 'Connection: keep-alive\r\n' : '';
      this.socket.cork();
      written = this.socket.write(`HTTP/1.1${status}${fields}${connection}\r\n`, 'latin1');
      if (bodyEnd > bodyStart) written = this.socket.write(bytes.subarray(bodyStart, bodyEnd));
      this.socket.uncork();
    }
    if (done) this.complete();
    else if (!written) this.upstream!.pause();
  }

  onData(bytes: Buffer, done: boolean): void {
    const written = bytes.length === 0 || this.socket.write(bytes);
    if (done) this.complete();
    else if (!written) this.upstream!.pause();
  }

  onUpgrade(head: ResponseHead, bytes: Buffer, upstream: Socket): void {
    const endpoint = this.endpoint!;
    if (!this.request.upgrade) {
      upstream.destroy();
      return this.onFailure({ why: 'malformed', answered: true });
    }
    this.timer?.cancel();
    this.status = 101;
    this.detach();
    this.socket.write(bytes.subarray(head.start));
    if (this.pending) upstream.write(this.pending);
    // The tunnel counts as load before the request stops counting, so that a drain never sees nothing in between.
    splice(this.socket, upstream, endpoint, this.clock);
    this.settle(101);
  }

  onFailure(failure: UpstreamFailure): void {
    const { endpoint, request } = this;
    this.upstream = undefined;
    if (failure.why === 'refused') this.handler.suspect(endpoint!);
    this.releaseEndpoint(502);
    if (this.detached) return;
    if (this.responding) {
      // Half an answer can only be broken off: an orderly end would make it look whole.
      this.socket.resetAndDestroy();
      return;
    }
    const repeatable = this.replaySize <= MOST_REPLAYED && !failure.answered && (failure.why === 'refused' || request.idempotent) && this.attempts < MOST_ATTEMPTS;
    if (!repeatable) return this.fail(502, failure.why === 'malformed' ? 'the pod gave a malformed answer' : 'the pod closed the connection before it answered');
    (this.tried ??= new Set()).add(endpoint!);
    this.attempt();
  }

  private onTimeout(): void {
    if (!this.busy || this.responding) return;
    this.fail(504, 'the pod did not answer in time');
  }

  private onClientDrain(): void {
    if (this.detached) return;
    if (this.upstream) this.upstream.resume();
    else this.advance();
  }

  private onClientEnd(): void {
    this.clientEnded = true;
    if (this.detached) return;
    if (!this.busy) this.socket.end();
    else if (!this.body.done) this.socket.destroy();
    else this.closeAfter = true;
  }

  private onClientGone(): void {
    this.timer?.cancel();
    if (this.detached) return;
    this.detached = true;
    this.waitingSince = undefined;
    this.giveUp?.();
    this.upstream?.abort();
    this.upstream = undefined;
    if (this.busy) this.settle(this.responding ? this.status : 0);
  }

  /** Gives up on the pod, and says so. */
  private fail(status: number, why: string): void {
    this.giveUp?.();
    this.giveUp = undefined;
    this.upstream?.abort();
    this.upstream = undefined;
    if (this.responding) {
      this.socket.resetAndDestroy();
      return;
    }
    this.answer(textReply(status, `${status} ${why}`));
  }

  private answer(reply: Reply): void {
    this.status = reply.status;
    // Without having read its body, the next request cannot be found.
    if (!this.body.done) this.closeAfter = true;
    this.socket.resume();
    this.socket.write(replyText(reply, this.closeAfter, this.request.method !== 'HEAD'));
    this.complete();
  }

  private refuse(status: 400 | 431 | 501 | 505): void {
    this.socket.write(replyText(textReply(status, `${status} malformed request`), true, true));
    this.farewell();
  }

  private complete(): void {
    this.upstream = undefined;
    this.settle(this.status);
    this.busy = false;
    this.first = undefined;
    this.later = undefined;
    if (this.closeAfter) return this.farewell();
    this.waitingSince = this.clock.monotonic();
    if (this.pending !== undefined) {
      if (this.socket.isPaused()) this.socket.resume();
      this.advance();
    }
  }

  /** Says how the request ended to all who count. */
  private settle(status: number): void {
    this.timer?.cancel();
    this.timer = undefined;
    const { endpoint, forward } = this;
    this.forward = undefined;
    forward?.finished?.(this.request, status, this.clock.monotonic() - this.startedAt, endpoint);
    this.releaseEndpoint(status);
  }

  private releaseEndpoint(status: number): void {
    const { endpoint } = this;
    if (!endpoint) return;
    this.endpoint = undefined;
    endpoint.meter.end(this.clock.monotonic() - this.attemptAt, status);
    endpoint.release();
  }

  private farewell(): void {
    this.busy = true;
    this.detach();
    this.socket.end();
    // What it still sends is read and forgotten, lest a reset overtake the answer.
    this.socket.resume();
    if (this.clientEnded) return;
    const timer = this.clock.after(LINGER_MS, () => this.socket.destroy());
    this.socket.once('close', () => timer.cancel());
  }

  private detach(): void {
    this.detached = true;
    this.waitingSince = undefined;
  }
}
