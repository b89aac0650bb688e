/** Reads the responses of one HTTP/1.1 connection, only as far as a load generator must: status, where the message ends, whether the connection stays. */
export interface ResponseReader {
  /** Takes bytes; calls `done` for each message that is complete. Throws on what is no HTTP. */
  push(chunk: Buffer): void;
  /** The peer closed: completes a message that ends with the connection; false when one was cut off or had not begun. */
  end(): boolean;
}

export interface Response {
  readonly status: number;
  readonly bytes: number;
  readonly keepAlive: boolean;
}

type State =
  | { readonly kind: 'head' }
  | { readonly kind: 'length'; left: number }
  | { readonly kind: 'chunk-size' }
  | { readonly kind: 'chunk'; left: number }
  | { readonly kind: 'trailer' }
  | { readonly kind: 'until-close' };

const LONGEST_HEAD = 64 * 1024;

interface Head {
  readonly status: number;
  readonly keepAlive: boolean;
  readonly chunked: boolean;
  readonly length: number | undefined;
}

function parseHead(text: string): Head {
  const match = /^HTTP\/1\.([01]) (\d{3})/.exec(text);
  if (!match) throw new Error(`no HTTP/1 response: ${JSON.stringify(text.slice(0, 40))}`);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  return {
    status: Number(match[2]),
    keepAlive: match[1] === '1' ? !/\r\nconnection: *close/i.test(text) : /\r\nconnection: *keep-alive/i.test(text),
    chunked: /\r\ntransfer-encoding:[^\r]*chunked/i.test(text),
    length: length === undefined ? undefined : Number(length),
  };
}

export function responseReader(done: (response: Response) => void): ResponseReader {
  let state: State = { kind: 'head' };
  let rest: Buffer = Buffer.alloc(0);
  let status = 0;
  let bytes = 0;
  let keepAlive = true;
  let known: (Head & { readonly bytes: Buffer }) | undefined;

  const finish = () => {
    state = { kind: 'head' };
    done({ status, bytes, keepAlive });
    bytes = 0;
  };

  /** A line without its end, or undefined while it is incomplete. */
  const line = (from: number): { text: string; next: number } | undefined => {
    const end = rest.indexOf('\r\n', from, 'latin1');
    return end < 0 ? undefined : { text: rest.toString('latin1', from, end), next: end + 2 };
  };

  const readHead = (at: number): number | undefined => {
    const end = rest.indexOf('\r\n\r\n', at, 'latin1');
    if (end < 0) {
      if (rest.length - at > LONGEST_HEAD) throw new Error('a response head of more than 64 KiB');
      return undefined;
    }
    const next = end + 4;
    // A server's heads are the same for as long as its clock shows the same second.
    if (!known || known.bytes.length !== next - at || rest.compare(known.bytes, 0, known.bytes.length, at, next) !== 0) known = { bytes: Buffer.from(rest.subarray(at, next)), ...parseHead(rest.toString('latin1', at, end + 2)) };
    ({ status, keepAlive } = known);
    bytes += next - at;
    if (status >= 100 && status < 200) return next;
    if (known.chunked) state = { kind: 'chunk-size' };
    else if (status === 204 || status === 304 || known.length === 0) finish();
    else if (known.length === undefined) state = { kind: 'until-close' };
    else state = { kind: 'length', left: known.length };
    return next;
  };

  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (;;) {
        const available = rest.length - at;
        if (state.kind === 'head') {
          const next = available === 0 ? undefined : readHead(at);
          if (next === undefined) break;
          at = next;
        } else if (state.kind === 'length' || state.kind === 'chunk') {
          const take = Math.min(available, state.left);
          state.left -= take;
          at += take;
          bytes += take;
          if (state.left > 0) break;
          if (state.kind === 'length') finish();
          else state = { kind: 'chunk-size' };
        } else if (state.kind === 'chunk-size') {
          const size = line(at);
          if (!size) break;
          at = size.next;
          // The line end behind a chunk's data reads as an empty line here.
          if (size.text === '') continue;
          const left = Number.parseInt(size.text, 16);
          if (Number.isNaN(left)) throw new Error(`a chunk of no size: ${JSON.stringify(size.text.slice(0, 20))}`);
          state = left === 0 ? { kind: 'trailer' } : { kind: 'chunk', left };
        } else if (state.kind === 'trailer') {
          const trailer = line(at);
          if (!trailer) break;
          at = trailer.next;
          if (trailer.text === '') finish();
        } else {
          bytes += available;
          at = rest.length;
          break;
        }
      }
      rest = at === 0 ? rest : rest.subarray(at);
    },
    end() {
      if (state.kind !== 'until-close') return false;
      keepAlive = false;
      finish();
      return true;
    },
  };
}
