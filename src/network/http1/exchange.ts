import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Backend } from '../table/backend.ts';
import type { Endpoint } from '../table/endpoint.ts';
import type { RequestHead, ResponseHead } from './head.ts';
import { upstreamTo } from '../upstream.ts';
import type { Protocol } from '../table/spec.ts';
import type { ResponseSink, Upstream, UpstreamFailure } from './upstream.ts';

/** Where a request goes, and what is changed on the way. */
export interface Forward {
  readonly kind: 'forward';
  readonly backend: Backend;
  /** It came through a node port, a load balancer or an ingress. */
  readonly external: boolean;
  /** The head for the pod; undefined sends it as it came. */
  readonly head: string | undefined;
  /** What the pod is spoken to in. */
  readonly protocol: Protocol;
  /** Header lines for the client instead of the pod's own (without `Connection`), each with CRLF; undefined: as they are. */
  readonly responseFields: ((head: ResponseHead) => string) | undefined;
  /** The answer must have begun by then. */
  readonly timeoutMs: number | undefined;
  /** Asked when there is no hope of an endpoint any more: true when `backend` and `head` are others now. */
  reroute?(request: RequestHead): boolean;
  /** Copies that go elsewhere as well. */
  readonly copies?: readonly RequestCopy[] | undefined;
  /** Called once for every request: with status 0 when the client went away first. */
  readonly finished: ((request: RequestHead, status: number, ms: number, endpoint: Endpoint | undefined) => void) | undefined;
}

/** A second way for the same request, whose answer is nobody's. */
export interface RequestCopy {
  begin(body: Buffer | undefined, bodyDone: boolean): void;
  write(part: Buffer): void;
  /** The rest of the request will not come. */
  abandon(): void;
}

/** The client's side of an exchange. */
export interface ExchangeClient {
  /** The client's address, for affinity. */
  readonly client: string;
  /** Whether the whole request body has been handed over. */
  readonly bodyDone: boolean;
  /** Set to get response bodies without their framing, before the onResponse or onData they came with. */
  readonly content: ((bytes: Buffer) => void) | undefined;
  pauseBody(): void;
  resumeBody(): void;
  onInformational(head: ResponseHead): void;
  /** The head, and what of the body came with it: bytes[bodyStart, bodyEnd). False: wait for `resume`. */
  onResponse(head: ResponseHead, bytes: Buffer, bodyStart: number, bodyEnd: number, done: boolean): boolean;
  onData(bytes: Buffer, done: boolean): boolean;
  /** The trailers of an answer; `onData` follows. Not for those of HTTP/1.1 pods, which are part of the bytes. */
  onTrailers?(fields: readonly (readonly [string, string])[]): void;
  /** 101: what follows the head in `bytes` belongs to the tunnel. Only for requests that asked for it. */
  onUpgrade(head: ResponseHead, bytes: Buffer, socket: Socket, endpoint: Endpoint): void;
  /** Nothing was answered, and nothing will be. */
  onFailed(status: number, why: string): void;
  /** The answer broke off; `code`: that of an HTTP/2 pod. */
  onBroken(code?: number): void;
}

/** A request is kept for repeating up to this size. */
const MOST_REPLAYED = 65_536;
const MOST_ATTEMPTS = 12;

/**
 * One request on its way to a pod and back: chooses the pod, waits for one where there is none, repeats what may be repeated on another pod when one fails, and keeps the counts. One object serves the requests
 * of a connection one after another.
 */
export class Exchange implements ResponseSink {
  forward: Forward | undefined;
  /** Part of the answer has been given. */
  responding = false;
  status = 0;
  private readonly clock: Clock;
  private readonly side: ExchangeClient;
  private readonly suspect: (endpoint: Endpoint) => void;
  private request: RequestHead | undefined;
  private endpoint: Endpoint | undefined;
  private upstream: Upstream | undefined;
  private tried: Set<Endpoint> | undefined;
  private attempts = 0;
  private head: Buffer | string | undefined;
  private body: Buffer | undefined;
  private later: Buffer[] | undefined;
  private replaySize = 0;
  private startedAt = 0;
  private attemptAt = 0;
  private giveUp: (() => void) | undefined;
  private timer: Timer | undefined;

  constructor(side: ExchangeClient, clock: Clock, suspect: (endpoint: Endpoint) => void) {
    this.side = side;
    this.clock = clock;
    this.suspect = suspect;
  }

  get sent(): boolean {
    return this.side.bodyDone;
  }

  /** Whether a pod has been chosen; until then no more than is repeated is kept of the body. */
  get underWay(): boolean {
    return this.upstream !== undefined;
  }

  get content(): ((bytes: Buffer) => void) | undefined {
    return this.side.content;
  }

  /** Sends `head` and what of the body is there already. `request` must stay as it is until `settle`. */
  begin(request: RequestHead, forward: Forward, head: Buffer | string, body: Buffer | undefined): void {
    this.request = request;
    this.forward = forward;
    this.head = head;
    this.body = body;
    this.later = undefined;
    this.replaySize = head.length + (body?.length ?? 0);
    this.responding = false;
    this.attempts = 0;
    this.tried = undefined;
    this.status = 0;
    this.startedAt = this.clock.monotonic();
    if (forward.timeoutMs !== undefined) {
      this.timer = this.clock.after(forward.timeoutMs, () => {
        if (!this.responding) this.fail(504, 'the pod did not answer in time');
      });
    }
    if (forward.copies) for (const copy of forward.copies) copy.begin(body, this.side.bodyDone);
    this.attempt();
  }

  /** More of the request's body. */
  write(part: Buffer): void {
    if (this.forward?.copies) for (const copy of this.forward.copies) copy.write(part);
    this.replaySize += part.length;
    if (this.replaySize <= MOST_REPLAYED) (this.later ??= []).push(part);
    if (this.upstream && !this.upstream.write(part) && !this.side.bodyDone) this.side.pauseBody();
  }

  /** The client takes more of the answer again. */
  resume(): void {
    this.upstream?.resume();
  }

  /** Leaves the pod alone: the client is gone, or has been answered otherwise. `settle` is still to be called. */
  drop(): void {
    this.giveUp?.();
    this.giveUp = undefined;
    this.upstream?.abort();
    this.upstream = undefined;
  }

  /** Ends the exchange and says so to all who count. Idempotent. */
  settle(status: number): void {
    const { forward } = this;
    if (!forward) return;
    if (forward.copies && !this.side.bodyDone) for (const copy of forward.copies) copy.abandon();
    this.giveUp?.();
    this.giveUp = undefined;
    this.timer?.cancel();
    this.timer = undefined;
    this.forward = undefined;
    this.upstream = undefined;
    this.head = undefined;
    this.body = undefined;
    this.later = undefined;
    const now = this.clock.monotonic();
    forward.finished?.(this.request!, status, now - this.startedAt, this.endpoint);
    this.release(status, now);
  }

  private attempt(): void {
    const { side } = this;
    const forward = this.forward!;
    const endpoint = forward.backend.choose(side.client, forward.external, this.tried);
    if (!endpoint) return this.awaitEndpoint(forward);
    this.attempts++;
    this.endpoint = endpoint;
    endpoint.inFlight++;
    endpoint.meter.begin();
    this.attemptAt = this.attempts === 1 ? this.startedAt : this.clock.monotonic();
    const upstream = upstreamTo(endpoint, this.clock, this.request!.idempotent, forward.protocol);
    this.upstream = upstream;
    upstream.begin(this, this.request!.method === 'HEAD');
    if (this.body === undefined && this.later === undefined) upstream.write(this.head!);
    else {
      upstream.cork();
      upstream.write(this.head!);
      if (this.body) upstream.write(this.body);
      if (this.later) for (const part of this.later) upstream.write(part);
      upstream.uncork();
    }
    if (side.bodyDone) return;
    if (!upstream.connected || upstream.needsDrain) side.pauseBody();
    else side.resumeBody();
  }

  private awaitEndpoint(forward: Forward): void {
    this.tried = undefined;
    if (!this.side.bodyDone) this.side.pauseBody();
    this.giveUp = forward.backend.wait(this.side.client, forward.external, (found) => {
      this.giveUp = undefined;
      if (found) this.attempt();
      else if (forward.reroute?.(this.request!)) {
        this.head = forward.head;
        this.attempt();
      } else if (forward.head === undefined && forward.backend.refuses(this.side.client, forward.external)) {
        // Others have endpoints, this client's node has none: nobody is there, not even a proxy (kube-proxy drops such packets).
        this.drop();
        this.side.onBroken();
      } else this.fail(503, `no endpoints available for service "${forward.backend.namespace}/${forward.backend.service}"`);
    });
  }

  private fail(status: number, why: string): void {
    this.drop();
    this.side.onFailed(status, why);
  }

  private release(status: number, now: number): void {
    const { endpoint } = this;
    if (!endpoint) return;
    this.endpoint = undefined;
    endpoint.meter.end(now - this.attemptAt, status);
    endpoint.release();
  }

  onConnected(): void {
    if (!this.side.bodyDone) this.side.resumeBody();
  }

  onDrain(): void {
    if (!this.side.bodyDone) this.side.resumeBody();
  }

  onInformational(head: ResponseHead): void {
    this.side.onInformational(head);
  }

  onResponse(head: ResponseHead, bytes: Buffer, bodyStart: number, bodyEnd: number, done: boolean): void {
    this.responding = true;
    this.status = head.status;
    const { upstream } = this;
    if (!this.side.onResponse(head, bytes, bodyStart, bodyEnd, done) && !done) upstream?.pause();
  }

  onData(bytes: Buffer, done: boolean): void {
    const { upstream } = this;
    if (!this.side.onData(bytes, done) && !done) upstream?.pause();
  }

  onTrailers(fields: readonly (readonly [string, string])[]): void {
    this.side.onTrailers?.(fields);
  }

  onUpgrade(head: ResponseHead, bytes: Buffer, socket: Socket): void {
    if (!this.request!.upgrade) {
      socket.destroy();
      return this.onFailure({ why: 'malformed', answered: true });
    }
    this.side.onUpgrade(head, bytes, socket, this.endpoint!);
    this.settle(101);
  }

  onFailure({ why, answered, code }: UpstreamFailure): void {
    const { endpoint } = this;
    this.upstream = undefined;
    if (why === 'refused') this.suspect(endpoint!);
    if (this.responding) return this.side.onBroken(code);
    const repeatable = this.replaySize <= MOST_REPLAYED && !answered && (why === 'refused' || why === 'unprocessed' || this.request!.idempotent) && this.attempts < MOST_ATTEMPTS;
    if (!repeatable) return this.fail(502, why === 'malformed' ? 'the pod gave a malformed answer' : 'the pod closed the connection before it answered');
    this.release(0, this.clock.monotonic());
    (this.tried ??= new Set()).add(endpoint!);
    this.attempt();
  }
}
