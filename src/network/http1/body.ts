/**
 * Finds where a message's body ends without changing a byte of it, so that a proxy can pass bodies on as they came.
 */
export class BodyScanner {
  done = true;
  /** The body is malformed; nothing after it can be trusted. */
  broken = false;
  private kind: 'none' | 'length' | 'chunked' | 'close' = 'none';
  private left = 0;
  private state: 'size' | 'extension' | 'sizeLf' | 'data' | 'dataCr' | 'dataLf' | 'trailer' | 'trailerLine' | 'trailerLf' | 'lastLf' = 'size';
  private digits = 0;
  private spent = 0;
  /** Given the pieces of a body's content, without its framing. */
  content: ((bytes: Buffer) => void) | undefined;

  /** Begins a body: `length` bytes, or chunks, or (both absent) none, or up to the end of the connection. */
  begin(length: number, chunked: boolean, untilClose: boolean): void {
    this.broken = false;
    this.spent = 0;
    if (chunked) {
      this.kind = 'chunked';
      this.state = 'size';
      this.left = 0;
      this.digits = 0;
      this.done = false;
    } else if (length >= 0) {
      this.kind = 'length';
      this.left = length;
      this.done = length === 0;
    } else {
      this.kind = untilClose ? 'close' : 'none';
      this.done = !untilClose;
    }
  }

  /** Whether only the end of the connection ends this body. */
  get untilClose(): boolean {
    return this.kind === 'close';
  }

  /** Reads on at `from`; returns the first byte that is not the body's. */
  feed(bytes: Buffer, from: number): number {
    if (this.done) return from;
    if (this.kind === 'chunked') return this.feedChunks(bytes, from);
    if (this.kind === 'close') {
      this.content?.(bytes.subarray(from));
      return bytes.length;
    }
    const end = Math.min(bytes.length, from + this.left);
    this.left -= end - from;
    if (end > from) this.content?.(bytes.subarray(from, end));
    if (this.left === 0) this.done = true;
    return end;
  }

  private fail(at: number): number {
    this.broken = true;
    this.done = true;
    return at;
  }

  private feedChunks(bytes: Buffer, at: number): number {
    const limit = bytes.length;
    while (at < limit) {
      if (this.state === 'data') {
        const end = Math.min(limit, at + this.left);
        this.content?.(bytes.subarray(at, end));
        this.left -= end - at;
        at = end;
        if (this.left === 0) this.state = 'dataCr';
        continue;
      }
      const c = bytes[at++]!;
      switch (this.state) {
        case 'size': {
          const digit = c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1;
          if (digit >= 0) {
            // 12 hexadecimal digits are 256 TiB: more is an attack.
            if (++this.digits > 12) return this.fail(at);
            this.left = this.left * 16 + digit;
          } else if (this.digits === 0) return this.fail(at);
          else if (c === 13) this.state = 'sizeLf';
          else if (c === 59) this.state = 'extension';
          else return this.fail(at);
          break;
        }
        case 'extension':
          if (c === 13) this.state = 'sizeLf';
          else if (c === 10 || ++this.spent > 16_384) return this.fail(at);
          break;
        case 'sizeLf':
          if (c !== 10) return this.fail(at);
          this.digits = 0;
          this.state = this.left === 0 ? 'trailer' : 'data';
          break;
        case 'dataCr':
          if (c !== 13) return this.fail(at);
          this.state = 'dataLf';
          break;
        case 'dataLf':
          if (c !== 10) return this.fail(at);
          this.state = 'size';
          break;
        case 'trailer':
          if (c === 10) return this.fail(at);
          this.state = c === 13 ? 'lastLf' : 'trailerLine';
          break;
        case 'trailerLine':
          if (c === 13) this.state = 'trailerLf';
          else if (c === 10 || ++this.spent > 16_384) return this.fail(at);
          break;
        case 'trailerLf':
          if (c !== 10) return this.fail(at);
          this.state = 'trailer';
          break;
        case 'lastLf':
          if (c !== 10) return this.fail(at);
          this.done = true;
          return at;
      }
    }
    return at;
  }
}
