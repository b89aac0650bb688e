/** Reads the responses of one HTTP/1.1 connection, only as far as a load generator must: status, where the message ends, whether the connection stays. */
export interface ResponseReader {
  /** Takes the first `length` bytes of a buffer, which may be used again afterwards; calls `done` for each message that is complete. Throws on what is no HTTP. */
  push(buffer: Buffer, length: number): void;
  /** The peer closed: completes a message that ends with the connection; false when one was cut off or had not begun. */
  end(): boolean;
}

/** Takes one response: plain arguments, because an object for each would cost as much as reading it. */
export type ResponseDone = (status: number, bytes: number, keepAlive: boolean) => void;

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'trailer' | 'until-close';

const LONGEST_HEAD = 64 * 1024;
const LONGEST_LINE = 8 * 1024;
const NOTHING = Buffer.alloc(0);

interface Head {
  readonly bytes: Buffer;
  readonly status: number;
  readonly keepAlive: boolean;
  readonly chunked: boolean;
  readonly length: number | undefined;
}

function parseHead(bytes: Buffer): Head {
  const text = bytes.toString('latin1');
  const match = /^HTTP\/1\.([01]) (\d{3})/.exec(text);
  if (!match) throw new Error(`no HTTP/1 response: ${JSON.stringify(text.slice(0, 40))}`);
  const status = Number(match[2]);
  const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(text)?.[1];
  const connection = (/\r\nconnection:([^\r]*)/i.exec(text)?.[1] ?? '').toLowerCase().split(',').map((token) => token.trim());
  return {
    bytes,
    status,
    // After 101 the connection speaks something else.
    keepAlive: status !== 101 && (match[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive')),
    chunked: /\r\ntransfer-encoding:[^\r]*chunked/i.test(text),
    length: length === undefined ? undefined : Number(length),
  };
}

/** A reader for one connection. `bodiless`: the requests are HEAD, whose answers tell a length and have no body. */
export function responseReader(done: ResponseDone, bodiless = false): ResponseReader {
  let state: State = 'head';
  /** What an earlier push left: the beginning of a head or a line. */
  let rest = NOTHING;
  /** Bytes of the body or chunk that are still to come. */
  let left = 0;
  let bytes = 0;
  let head: Head | undefined;

  const finish = (kept: boolean) => {
    const size = bytes;
    state = 'head';
    bytes = 0;
    done(head!.status, size, kept);
  };

  /** Where the head that begins at `at` ends; undefined while it is incomplete. A server's heads are the same for as long as its clock shows the same second: only another one is parsed. */
  const readHead = (buffer: Buffer, at: number, end: number): number | undefined => {
    if (head !== undefined) {
      const next = at + head.bytes.length;
      if (next <= end && buffer.compare(head.bytes, 0, head.bytes.length, at, next) === 0) return next;
    }
    const last = buffer.indexOf('\r\n\r\n', at, 'latin1');
    if (last >= 0 && last + 4 <= end) {
      head = parseHead(Buffer.from(buffer.subarray(at, last + 4)));
      return last + 4;
    }
    if (end - at > LONGEST_HEAD) throw new Error('a response head of more than 64 KiB');
    return undefined;
  };

  /** What follows a head. */
  const begin = ({ status, length, chunked, keepAlive }: Head) => {
    if (status < 200 && status !== 101) return;
    if (bodiless || status === 101 || status === 204 || status === 304) finish(keepAlive);
    else if (chunked) state = 'chunk-size';
    else if (length === 0) finish(keepAlive);
    else if (length === undefined) state = 'until-close';
    else {
      state = 'length';
      left = length;
    }
  };

  /** Takes a line of chunked coding: a chunk's size, the empty line behind its data, or a trailer. */
  const takeLine = (text: string) => {
    if (state === 'trailer') {
      if (text === '') finish(head!.keepAlive);
    } else if (text !== '') {
      const size = /^[0-9a-f]+/i.exec(text)?.[0];
      if (size === undefined) throw new Error(`a chunk of no size: ${JSON.stringify(text.slice(0, 20))}`);
      left = Number.parseInt(size, 16);
      state = left === 0 ? 'trailer' : 'chunk';
    }
  };

  /** Reads what can be read of `buffer` up to `end`; returns where it stopped. */
  const consume = (buffer: Buffer, end: number): number => {
    let at = 0;
    while (at < end) {
      if (state === 'head') {
        const next = readHead(buffer, at, end);
        if (next === undefined) break;
        bytes += next - at;
        at = next;
        begin(head!);
      } else if (state === 'length' || state === 'chunk') {
        const take = Math.min(end - at, left);
        left -= take;
        at += take;
        bytes += take;
        if (left === 0 && state === 'chunk') state = 'chunk-size';
        else if (left === 0) finish(head!.keepAlive);
      } else if (state === 'until-close') {
        bytes += end - at;
        at = end;
      } else {
        const last = buffer.indexOf('\r\n', at, 'latin1');
        if (last < 0 || last + 2 > end) {
          if (end - at > LONGEST_LINE) throw new Error('a chunk line of more than 8 KiB');
          break;
        }
        const text = buffer.toString('latin1', at, last);
        at = last + 2;
        takeLine(text);
      }
    }
    return at;
  };

  return {
    push(buffer, length) {
      const all = rest.length === 0 ? buffer : Buffer.concat([rest, buffer.subarray(0, length)]);
      const end = rest.length + length;
      const at = consume(all, end);
      rest = at === end ? NOTHING : Buffer.from(all.subarray(at, end));
    },
    end() {
      if (state !== 'until-close') return false;
      finish(false);
      return true;
    },
  };
}
