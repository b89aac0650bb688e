/** The protobuf wire format, as far as Kubernetes uses it. */

/** Bytes that are no protobuf message, or not one we can read. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

/** Deeper than any message that means something. */
export const MAX_DEPTH = 200;

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Reads one message's fields. */
export class WireReader {
  readonly bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** The next field's number and wire type. */
  tag(): { number: number; wire: number } {
    const tag = this.varint();
    const number = Math.floor(tag / 8);
    if (number < 1 || number > 536_870_911) throw new ProtobufError(`proto: illegal tag ${number}`);
    return { number, wire: tag % 8 };
  }

  /** A varint as a signed 64-bit number; exact up to 2^53. */
  varint(): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) throw new ProtobufError('proto: unexpected end of message');
      const byte = this.bytes[this.#at++]!;
      const bits = byte & 0x7f;
      if (i < 4) low += bits * 2 ** (7 * i);
      else if (i === 4) {
        low += (bits & 0x0f) * 2 ** 28;
        high = bits >> 4;
      } else high += bits * 2 ** (7 * i - 32);
      if (byte < 0x80) {
        high %= 2 ** 32;
        return high >= 2 ** 31 ? low - (2 ** 32 - high) * 2 ** 32 : low + high * 2 ** 32;
      }
    }
    throw new ProtobufError('proto: integer overflow');
  }

  double(): number {
    const at = this.#advance(8);
    return this.bytes.readDoubleLE(at);
  }

  /** A length-delimited field's bytes, in place. */
  message(): WireReader {
    const length = this.varint();
    const at = this.#advance(length);
    return new WireReader(this.bytes, at, at + length);
  }

  string(): string {
    const length = this.varint();
    const at = this.#advance(length);
    return this.bytes.toString('utf8', at, at + length);
  }

  blob(): Buffer {
    const length = this.varint();
    const at = this.#advance(length);
    return this.bytes.subarray(at, at + length);
  }

  skip(wire: number): void {
    if (wire === WIRE.varint) this.varint();
    else if (wire === WIRE.fixed64) this.#advance(8);
    else if (wire === WIRE.bytes) this.#advance(this.varint());
    else if (wire === WIRE.fixed32) this.#advance(4);
    else throw new ProtobufError(`proto: illegal wireType ${wire}`);
  }

  #advance(length: number): number {
    const at = this.#at;
    if (length < 0 || at + length > this.#end) throw new ProtobufError('proto: unexpected end of message');
    this.#at = at + length;
    return at;
  }
}

/** Writes one message's fields. */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(256);
  #at = 0;

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  varint(number: number, value: number): void {
    this.#tag(number, WIRE.varint);
    this.#varint(value);
  }

  double(number: number, value: number): void {
    this.#tag(number, WIRE.fixed64);
    this.#reserve(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  string(number: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.#tag(number, WIRE.bytes);
    this.#varint(length);
    this.#reserve(length);
    this.#at += this.#bytes.write(value, this.#at, 'utf8');
  }

  blob(number: number, value: Uint8Array): void {
    this.#tag(number, WIRE.bytes);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** A nested message, written by `write` in place: its length is put before it afterwards. */
  message(number: number, write: (writer: WireWriter) => void): void {
    this.#tag(number, WIRE.bytes);
    // One byte is kept free for the length, which is enough for most; the body moves when it needs more.
    this.#reserve(1);
    const start = ++this.#at;
    write(this);
    const length = this.#at - start;
    const size = varintSize(length);
    if (size > 1) {
      this.#reserve(size - 1);
      this.#bytes.copyWithin(start + size - 1, start, this.#at);
    }
    this.#at = start - 1;
    this.#varint(length);
    this.#at += length;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #tag(number: number, wire: number): void {
    this.#varint(number * 8 + wire);
  }

  #varint(value: number): void {
    this.#reserve(10);
    // Negative numbers are written as 64-bit two's complement.
    let low = value % 2 ** 32;
    let high = Math.floor(value / 2 ** 32);
    low = ((low % 2 ** 32) + 2 ** 32) % 2 ** 32;
    high = ((high % 2 ** 32) + 2 ** 32) % 2 ** 32;
    while (high > 0 || low > 0x7f) {
      this.#bytes[this.#at++] = (low % 128) | 0x80;
      low = Math.floor(low / 128) + (high % 128) * 2 ** 25;
      high = Math.floor(high / 128);
    }
    this.#bytes[this.#at++] = low;
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + length));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++;
  return size;
}
