import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { Clock } from '../../base/clock.ts';
import { BodyScanner } from '../http1/body.ts';
import { RequestHead, ResponseHead } from '../http1/head.ts';
import type { ResponseSink, Upstream } from '../http1/upstream.ts';
import type { Endpoint } from '../table/endpoint.ts';
import { incoming, isGrpc, lines, outgoing } from './fields.ts';
import { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM, sessionTo, type PodSession } from './session.ts';

const NOTHING = Buffer.alloc(0);

/** One request as a stream of a pod's HTTP/2 connection. It is put as HTTP/1.1 on both sides, so that whoever stands before it need not know what the pod speaks. */
class UpstreamStream implements Upstream {
  private readonly session: PodSession;
  private readonly body = new BodyScanner();
  private readonly head = new ResponseHead();
  private stream: ClientHttp2Stream | undefined;
  private sink: ResponseSink | undefined;
  private noBody = false;
  private answered = false;
  private framed = false;
  private trailers = '';
  private room = true;

  constructor(session: PodSession) {
    this.session = session;
    if (!session.connected) session.onConnected(() => this.sink?.onConnected());
  }

  get connected(): boolean {
    return this.session.connected;
  }

  get needsDrain(): boolean {
    return this.stream?.writableNeedDrain ?? false;
  }

  begin(sink: ResponseSink, noBody: boolean): void {
    this.sink = sink;
    this.noBody = noBody;
    this.body.content = (piece) => void (this.room = this.stream!.write(piece));
  }

  write(bytes: Buffer | string): boolean {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    if (!this.stream) return this.open(buffer);
    if (this.stream.destroyed || this.body.done) return true;
    this.room = true;
    this.body.feed(buffer, 0);
    if (this.body.done) this.stream.end();
    return this.room;
  }

  cork(): void {
    this.stream?.cork();
  }

  uncork(): void {
    this.stream?.uncork();
  }

  pause(): void {
    this.stream?.pause();
  }

  resume(): void {
    this.stream?.resume();
  }

  abort(): void {
    this.sink = undefined;
    this.stream?.close(NGHTTP2_CANCEL);
  }

  private open(bytes: Buffer): boolean {
    const request = new RequestHead();
    // It is of our own making, from a head that was read before.
    if (request.read(bytes, 0) !== 'done') throw new Error('not the head of a request');
    this.body.begin(request.contentLength, request.chunked, false);
    const headers = outgoing(request.headers().filter(([name]) => name.toLowerCase() !== 'host'));
    // gRPC wants to be told that trailers are understood; the client's own word was for us.
    if (isGrpc(request.header('content-type'))) headers['te'] = 'trailers';
    const scheme = this.session.secure ? 'https' : 'http';
    const stream = this.session.request({ ':method': request.method, ':path': request.target, ':scheme': scheme, ':authority': request.host, ...headers }, this.body.done);
    this.stream = stream;
    stream.on('response', (fields, flags) => this.onResponse(fields, (flags & NGHTTP2_FLAG_END_STREAM) !== 0));
    stream.on('headers', (fields) => this.sink?.onInformational(this.read(Number(fields[':status']), lines(incoming(fields)))));
    stream.on('trailers', (fields) => this.onTrailers(fields));
    stream.on('data', (piece: Buffer) => this.onData(piece));
    stream.on('drain', () => this.sink?.onDrain());
    stream.on('end', () => this.onEnd());
    stream.on('error', () => {});
    stream.on('close', () => this.onClose(stream.rstCode));
    return request.end === bytes.length || this.write(bytes.subarray(request.end));
  }

  private read(status: number, fields: string): ResponseHead {
    this.head.read(Buffer.from(`HTTP/1.1 ${status} \r\n${fields}\r\n`, 'latin1'), 0);
    return this.head;
  }

  private onResponse(fields: IncomingHttpHeaders, ended: boolean): void {
    const { sink } = this;
    if (!sink) return;
    this.answered = true;
    const status = Number(fields[':status']);
    const empty = ended || this.noBody || status === 204 || status === 304;
    this.framed = !empty && fields['content-length'] === undefined;
    const framing = this.framed ? 'transfer-encoding: chunked\r\n' : ended && !this.noBody && status !== 204 && status !== 304 && fields['content-length'] === undefined ? 'content-length: 0\r\n' : '';
    const head = this.read(status, `${lines(incoming(fields))}${framing}`);
    if (ended) this.finish();
    sink.onResponse(head, head.bytes, head.end, head.end, ended);
  }

  private onData(piece: Buffer): void {
    const { sink } = this;
    if (!sink) return;
    sink.content?.(piece);
    sink.onData(this.framed && !sink.content ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, CRLF]) : piece, false);
  }

  private onTrailers(fields: IncomingHttpHeaders): void {
    const list = incoming(fields);
    this.trailers = lines(list);
    this.sink?.onTrailers(list);
  }

  private onEnd(): void {
    const { sink } = this;
    if (!sink || !this.answered) return;
    this.finish();
    sink.onData(this.framed && !sink.content ? Buffer.from(`0\r\n${this.trailers}\r\n`, 'latin1') : NOTHING, true);
  }

  /** The answer is whole; what the client may still have to say is of no interest any more. */
  private finish(): void {
    this.sink = undefined;
    if (!this.body.done) this.stream?.close(NGHTTP2_NO_ERROR);
  }

  private onClose(code: number): void {
    const { sink } = this;
    this.sink = undefined;
    sink?.onFailure({ why: !this.session.connected ? 'refused' : code === NGHTTP2_REFUSED_STREAM && !this.answered ? 'unprocessed' : 'reset', answered: this.answered, code });
  }
}

const CRLF = Buffer.from('\r\n');

/** A stream to the endpoint, over a connection that stands or a new one. */
export const streamTo = (endpoint: Endpoint, clock: Clock, secure: boolean): Upstream => new UpstreamStream(sessionTo(endpoint, clock, secure));
