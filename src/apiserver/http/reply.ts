import type { Readable } from 'node:stream';
import type { Status } from '../../api/types/meta.v1.ts';
import { StatusError, internal } from '../../api/errors.ts';

/** What is asked, whoever asks: an HTTP connection or the in-process client's `raw`. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The whole body. Rejects with RequestEntityTooLarge beyond the limit. */
  body(): Promise<Buffer>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  /** Several buffers are sent one after the other. */
  readonly body: Buffer | readonly Buffer[] | Stream;
}

/** A body that is written as it comes about (watch, logs). Returns the function to call when the reader has gone. */
export type Stream = (out: StreamOut) => () => void;

export interface StreamOut {
  write(chunk: Buffer): void;
  /** Bytes written that the reader has not taken yet. */
  buffered(): number;
  /** Calls once the reader has taken what was written. */
  drained(fn: () => void): void;
  end(): void;
  /** Throws away what is buffered and breaks the connection (HTTP/2: the stream). */
  abort(): void;
}

const NO_CACHE = 'no-cache, private';
const EMPTY = Buffer.alloc(0);

export function jsonReply(status: number, body: Buffer | readonly Buffer[] | Stream, contentType = 'application/json'): Reply {
  return { status, headers: { 'cache-control': NO_CACHE, 'content-type': contentType }, body };
}

export function objectReply(status: number, value: unknown): Reply {
  return jsonReply(status, Buffer.from(JSON.stringify(value)));
}

export function textReply(status: number, text: string): Reply {
  return {
    status,
    headers: { 'cache-control': NO_CACHE, 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: text === '' ? EMPTY : Buffer.from(text),
  };
}

/** Sends a stream on, at the reader's pace. */
export function pipe(readable: Readable, out: StreamOut): () => void {
  readable.on('data', (chunk: Buffer | string) => {
    out.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    if (out.buffered() < 1_048_576) return;
    readable.pause();
    out.drained(() => readable.resume());
  });
  readable.on('end', () => out.end());
  readable.on('error', () => out.end());
  return () => readable.destroy();
}

/** The answer to a failure: its Status, with Retry-After where it says so. Whatever is no StatusError is an InternalError, told to `report`. */
export function errorReply(error: unknown, report: (error: unknown) => void): Reply {
  const failure = error instanceof StatusError ? error : internal(error instanceof Error ? error.message : String(error));
  if (!(error instanceof StatusError)) report(error);
  const status: Status = failure.status;
  const reply = objectReply(failure.code, status);
  const after = status.details?.retryAfterSeconds;
  if (after !== undefined && after > 0) reply.headers['retry-after'] = String(after);
  return reply;
}

/** One `Warning` header a text (RFC 7234; quotes and backslashes escaped, control characters removed). */
export function warningHeaders(warnings: readonly string[]): string[] {
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return warnings.map((text) => `299 - "${text.replaceAll(/[\u0000-\u001f\u007f]/g, ' ').replaceAll(/[\\"]/g, '\\$&').replaceAll(/[^\x20-\x7e]/g, '?')}"`);
}
