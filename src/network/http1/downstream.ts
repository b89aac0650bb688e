import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { reset } from '../proxy/reset.ts';
import { splice } from '../proxy/splice.ts';
import type { Endpoint } from '../table/endpoint.ts';
import { BodyScanner } from './body.ts';
import { Exchange, type ExchangeClient, type Forward } from './exchange.ts';
import { RequestHead, type ResponseHead } from './head.ts';
import { replyText, textReply, type Reply } from './reply.ts';

/** What stands behind a connection: it decides where each request goes. */
export interface RequestHandler {
  readonly clock: Clock;
  route(request: RequestHead): Forward | Reply;
  /** A pod refused a connection. */
  suspect(endpoint: Endpoint): void;
}

/** Serves HTTP/1.x on a connection; `initial` has been read from it already. `speaksHttp2` is given the connection, unread, when the client begins with HTTP/2's preface. */
export function serveHttp(socket: Socket, client: string, handler: RequestHandler, initial?: Buffer, speaksHttp2?: () => void): ServerConnection {
  return new ServerConnection(socket, client, handler, initial, speaksHttp2);
}

/** How a client begins that knows that we speak HTTP/2 (RFC 9113 3.4). */
const PREFACE = 'PRI * HTTP/2.0\r\n';

const MOST_PIPELINED = 65_536;
/** A client that was told goodbye may take this long to go. */
const LINGER_MS = 1_000;

/**
 * A client's HTTP/1.x connection, cut into requests: each may go to another pod, so a keep-alive connection outlives the pods it talked to. Bodies pass through as they come, in both directions, with
 * back-pressure.
 */
export class ServerConnection implements ExchangeClient {
  readonly socket: Socket;
  readonly client: string;
  /** Monotonic ms since which it waits for (the rest of) a request's head; undefined while one is worked on. */
  waitingSince: number | undefined;
  /** Set while an HTTP/1.0 client is answered by a pod that is spoken to in 1.1: chunks mean nothing to it. */
  content: ((bytes: Buffer) => void) | undefined;
  private pieces: Buffer[] = [];
  private unframe = false;
  private readonly handler: RequestHandler;
  private readonly clock: Clock;
  private readonly request = new RequestHead();
  private readonly body = new BodyScanner();
  private readonly exchange: Exchange;
  /** Bytes of the client that are not worked on yet. */
  private pending: Buffer | undefined;
  private busy = false;
  private closeAfter = false;
  private clientEnded = false;
  private detached = false;
  private advancing = false;
  private speaksHttp2: (() => void) | undefined;

  constructor(socket: Socket, client: string, handler: RequestHandler, initial?: Buffer, speaksHttp2?: () => void) {
    this.speaksHttp2 = speaksHttp2;
    this.socket = socket;
    this.client = client;
    this.handler = handler;
    this.clock = handler.clock;
    this.exchange = new Exchange(this, this.clock, handler.suspect);
    this.waitingSince = this.clock.monotonic();
    socket.on('data', (bytes: Buffer) => this.onBytes(bytes));
    socket.on('end', () => this.onClientEnd());
    socket.on('error', () => {});
    socket.on('close', () => this.onClientGone());
    socket.on('drain', () => this.onClientDrain());
    if (initial) this.onBytes(initial);
  }

  get bodyDone(): boolean {
    return this.body.done;
  }

  /** Whether part of a head has come. */
  get headBegun(): boolean {
    return this.pending !== undefined;
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
    while (!this.busy && this.pending !== undefined && !this.socket.writableNeedDrain) if (!this.next(this.pending)) break;
    this.advancing = false;
  }

  /** Begins the request at the head of `bytes`; false when there is none yet. */
  private next(bytes: Buffer): boolean {
    const { request, body } = this;
    const parsed = request.read(bytes, 0);
    if (parsed === 'more') return false;
    this.pending = undefined;
    if (parsed !== 'done') return this.speaksHttp2 && bytes.toString('latin1', 0, PREFACE.length) === PREFACE ? this.handOver(bytes, this.speaksHttp2) : this.refuse(parsed);
    this.speaksHttp2 = undefined;
    body.begin(request.contentLength, request.chunked, false);
    const end = body.feed(bytes, request.end);
    if (body.broken) return this.refuse(400);
    if (end < bytes.length) this.pending = bytes.subarray(end);
    this.busy = true;
    this.waitingSince = undefined;
    if (!request.keepAlive || this.clientEnded) this.closeAfter = true;
    const route = this.handler.route(request);
    if (route.kind === 'reply') {
      this.answer(route);
      return true;
    }
    this.content = request.minor === 0 && route.head !== undefined ? (piece) => void this.pieces.push(piece) : undefined;
    this.pieces = [];
    this.unframe = false;
    const whole = request.start === 0 && end === bytes.length;
    if (route.head === undefined) this.exchange.begin(request, route, whole ? bytes : bytes.subarray(request.start, end), undefined);
    else this.exchange.begin(request, route, route.head, end > request.end ? bytes.subarray(request.end, end) : undefined);
    return true;
  }

  private onRequestBody(bytes: Buffer): void {
    const { body } = this;
    const end = body.feed(bytes, 0);
    if (body.broken) {
      this.closeAfter = true;
      this.exchange.drop();
      if (this.exchange.responding) this.onBroken();
      else this.onFailed(400, 'malformed request body');
      return;
    }
    if (end < bytes.length) this.pending = bytes.subarray(end);
    this.exchange.write(end === bytes.length ? bytes : bytes.subarray(0, end));
  }

  pauseBody(): void {
    this.socket.pause();
  }

  resumeBody(): void {
    this.socket.resume();
  }

  onInformational(head: ResponseHead): void {
    if (this.request.minor === 1) this.socket.write(head.bytes.subarray(head.start, head.end));
  }

  onResponse(head: ResponseHead, bytes: Buffer, bodyStart: number, bodyEnd: number, done: boolean): boolean {
    const { socket, request } = this;
    const forward = this.exchange.forward!;
    const sized = head.chunked || head.contentLength >= 0 || head.status === 204 || head.status === 304 || request.method === 'HEAD';
    this.unframe = head.chunked && this.content !== undefined;
    if (!this.body.done || !sized || this.unframe) this.closeAfter = true;
    let written: boolean;
    // An HTTP/1.0 client keeps the connection only when it is told so.
    const told = request.minor === 1 || head.saysKeepAlive;
    if (forward.head === undefined) {
      if (!head.keepAlive || !told) this.closeAfter = true;
      written = socket.write(bytes.subarray(head.start, bodyEnd));
    } else if (forward.responseFields === undefined && head.minor === 1 && head.saysClose === this.closeAfter && (told || this.closeAfter) && !this.unframe) {
      written = socket.write(bytes.subarray(head.start, bodyEnd));
    } else {
      let fields = forward.responseFields ? forward.responseFields(head) : head.fieldText(false);
      if (this.unframe) fields = fields.replace(/transfer-encoding:[^\r]*\r\n/i, '');
      const status = bytes.toString('latin1', head.start + 8, head.fields);
      const connection = this.closeAfter ? 'Connection: close\r\n' : request.minor === 0 ? 'Connection: keep-alive\r\n' : '';
      socket.cork();
      written = socket.write(`HTTP/1.1${status}${fields}${connection}\r\n`, 'latin1');
      if (this.unframe) written = this.writePieces();
      else if (bodyEnd > bodyStart) written = socket.write(bytes.subarray(bodyStart, bodyEnd));
      socket.uncork();
    }
    this.pieces = [];
    if (done) this.complete(head.status);
    return written;
  }

  onData(bytes: Buffer, done: boolean): boolean {
    const written = this.unframe ? this.writePieces() : bytes.length === 0 || this.socket.write(bytes);
    this.pieces = [];
    if (done) this.complete(this.exchange.status);
    return written;
  }

  private writePieces(): boolean {
    let room = true;
    for (const piece of this.pieces) room = this.socket.write(piece);
    return room;
  }

  onUpgrade(head: ResponseHead, bytes: Buffer, upstream: Socket, endpoint: Endpoint): void {
    this.detached = true;
    this.socket.write(bytes.subarray(head.start));
    if (this.pending) upstream.write(this.pending);
    splice(this.socket, upstream, endpoint, this.clock);
  }

  onFailed(status: number, why: string): void {
    if (!this.detached) this.answer(textReply(status, `${status} ${why}`));
  }

  onBroken(): void {
    // Half an answer can only be broken off: an orderly end would make it look whole.
    reset(this.socket);
  }

  private onClientDrain(): void {
    if (this.detached) return;
    if (this.busy) this.exchange.resume();
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
    if (this.detached) return;
    this.detached = true;
    this.waitingSince = undefined;
    this.exchange.drop();
    this.exchange.settle(this.exchange.responding ? this.exchange.status : 0);
  }

  private answer(reply: Reply): void {
    // Without having read its body, the next request cannot be found.
    if (!this.body.done) this.closeAfter = true;
    // An HTTP/1.0 client would wait for the end of what has no `Connection: keep-alive`.
    if (this.request.minor === 0) this.closeAfter = true;
    this.socket.resume();
    this.socket.write(replyText(reply, this.closeAfter, this.request.method !== 'HEAD'));
    this.complete(reply.status);
  }

  private handOver(bytes: Buffer, to: () => void): false {
    this.detached = true;
    this.waitingSince = undefined;
    this.socket.removeAllListeners('data');
    this.socket.pause();
    this.socket.unshift(bytes);
    to();
    return false;
  }

  private refuse(status: 400 | 431 | 501 | 505): false {
    this.socket.write(replyText(textReply(status, `${status} malformed request`), true, true));
    this.farewell();
    return false;
  }

  private complete(status: number): void {
    this.exchange.settle(status);
    this.busy = false;
    if (this.closeAfter) return this.farewell();
    this.waitingSince = this.clock.monotonic();
    if (this.pending === undefined) return;
    if (this.socket.isPaused()) this.socket.resume();
    this.advance();
  }

  private farewell(): void {
    this.busy = true;
    this.detached = true;
    this.waitingSince = undefined;
    this.socket.end();
    // What it still sends is read and forgotten, lest a reset overtake the answer.
    this.socket.resume();
    if (this.clientEnded) return;
    const timer = this.clock.after(LINGER_MS, () => this.socket.destroy());
    this.socket.once('close', () => timer.cancel());
  }
}
