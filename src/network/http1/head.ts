/**
 * Reading the heads of HTTP/1.x messages (RFC 9112), strictly: what two servers might read differently is refused, for that is how requests are smuggled. One object is filled again for each message of a
 * connection.
 */

/** Bytes a head may have. */
const MAX_HEAD = 65_536;

/** What came of reading a head: done, more bytes needed, or refused with this status. */
export type Parsed = 'done' | 'more' | 400 | 431 | 501 | 505;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;

/** RFC 9110 tchar. */
const TOKEN = new Uint8Array(256);
for (const c of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") TOKEN[c.charCodeAt(0)] = 1;
/** What a header's value may hold: visible, space, tab, and the upper half. */
const VALUE = new Uint8Array(256);
for (let c = 0; c < 256; c++) VALUE[c] = c === TAB || (c >= SPACE && c !== 127) ? 1 : 0;

/** Header fields that both kinds of message share. */
abstract class Head {
  bytes: Buffer = Buffer.alloc(0);
  /** Where the message begins in `bytes`, its header lines, and the byte after the empty line. */
  start = 0;
  fields = 0;
  end = 0;
  minor = 1;
  /** -1: none given. */
  contentLength = -1;
  chunked = false;
  /** `Connection: close`, `keep-alive`, `upgrade`. */
  saysClose = false;
  saysKeepAlive = false;
  saysUpgrade = false;
  hasUpgrade = false;
  /** Begin and end, in turn, of the lines that are this hop's alone, or that a proxy sets itself. */
  readonly hopLines: number[] = [];
  /** Names of other headers that `Connection` says are this hop's, in lower case. */
  private nominated: string[] | undefined;
  private lines: string | undefined;

  /** Whether the connection stays open after this message, as far as it says. */
  get keepAlive(): boolean {
    return this.minor === 1 ? !this.saysClose : this.saysKeepAlive && !this.saysClose;
  }

  /** First value of a header; `name` in lower case. */
  header(name: string): string | undefined {
    this.lines ??= this.bytes.toString('latin1', this.fields, this.end - 2);
    let at = 0;
    while (at < this.lines.length) {
      const end = this.lines.indexOf('\r\n', at);
      if (this.lines.charCodeAt(at + name.length) === COLON && this.lines.slice(at, at + name.length).toLowerCase() === name) return this.lines.slice(at + name.length + 1, end).trim();
      at = end + 2;
    }
    return undefined;
  }

  /** All header lines as [name, value]. */
  headers(): [string, string][] {
    this.lines ??= this.bytes.toString('latin1', this.fields, this.end - 2);
    return this.lines
      .split('\r\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  }

  /** The header lines, without those that are this hop's alone unless `whole`; each ends in CRLF. */
  fieldText(whole: boolean): string {
    if (whole || this.hopLines.length === 0) return this.bytes.toString('latin1', this.fields, this.end - 2);
    let text = '';
    let from = this.fields;
    for (let i = 0; i < this.hopLines.length; i += 2) {
      text += this.bytes.toString('latin1', from, this.hopLines[i]!);
      from = this.hopLines[i + 1]!;
    }
    text += this.bytes.toString('latin1', from, this.end - 2);
    return this.nominated ? without(text, this.nominated) : text;
  }

  protected reset(bytes: Buffer, start: number): void {
    this.bytes = bytes;
    this.start = start;
    this.contentLength = -1;
    this.chunked = false;
    this.saysClose = false;
    this.saysKeepAlive = false;
    this.saysUpgrade = false;
    this.hasUpgrade = false;
    this.hopLines.length = 0;
    this.nominated = undefined;
    this.lines = undefined;
  }

  /** Reads header lines from `at` to the empty line. */
  protected readFields(at: number): Parsed {
    const bytes = this.bytes;
    const limit = bytes.length;
    this.fields = at;
    for (;;) {
      if (at + 1 >= limit) return this.short(limit);
      if (bytes[at] === CR) {
        if (bytes[at + 1] !== LF) return 400;
        this.end = at + 2;
        return this.end - this.start > MAX_HEAD ? 431 : 'done';
      }
      const line = at;
      while (TOKEN[bytes[at]!] === 1) at++;
      if (at >= limit) return this.short(limit);
      // No name, a space before the colon, a folded line: all refused.
      if (at === line || bytes[at] !== COLON) return 400;
      const nameLength = at - line;
      let value = ++at;
      while (VALUE[bytes[at]!] === 1) at++;
      if (at + 1 >= limit) return this.short(limit);
      if (bytes[at] !== CR || bytes[at + 1] !== LF) return 400;
      let valueEnd = at;
      at += 2;
      while (value < valueEnd && (bytes[value] === SPACE || bytes[value] === TAB)) value++;
      while (valueEnd > value && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)) valueEnd--;
      const refused = this.field(line, nameLength, value, valueEnd, at);
      if (refused !== 0) return refused;
    }
  }

  private short(limit: number): Parsed {
    return limit - this.start > MAX_HEAD ? 431 : 'more';
  }

  /** Takes note of one field; 0, or the status to refuse with. */
  protected field(line: number, nameLength: number, value: number, valueEnd: number, next: number): 0 | 400 | 501 {
    switch (nameLength) {
      case 2:
        if (this.is(line, 'te')) this.hop(line, next);
        break;
      case 7:
        if (this.is(line, 'upgrade')) {
          this.hasUpgrade = true;
          this.hop(line, next);
        }
        break;
      case 10:
        if (this.is(line, 'connection')) {
          this.connection(this.bytes.toString('latin1', value, valueEnd).toLowerCase());
          this.hop(line, next);
        } else if (this.is(line, 'keep-alive')) this.hop(line, next);
        break;
      case 14:
        if (this.is(line, 'content-length')) return this.length(value, valueEnd);
        break;
      case 16:
        if (this.is(line, 'proxy-connection')) this.hop(line, next);
        break;
      case 17:
        if (this.is(line, 'transfer-encoding')) {
          if (this.chunked || this.contentLength >= 0 || this.minor === 0) return 400;
          if (this.bytes.toString('latin1', value, valueEnd).toLowerCase() !== 'chunked') return 501;
          this.chunked = true;
        }
        break;
    }
    return 0;
  }

  /** Whether the name at `at` is `name` (lower case, of the right length). */
  protected is(at: number, name: string): boolean {
    for (let i = 0; i < name.length; i++) {
      const c = this.bytes[at + i]!;
      if ((c >= 65 && c <= 90 ? c | 32 : c) !== name.charCodeAt(i)) return false;
    }
    return true;
  }

  protected hop(line: number, next: number): void {
    this.hopLines.push(line, next);
  }

  private connection(value: string): void {
    if (value === 'keep-alive') this.saysKeepAlive = true;
    else if (value === 'close') this.saysClose = true;
    else {
      for (const token of value.split(',')) {
        const option = token.trim();
        if (option === 'keep-alive') this.saysKeepAlive = true;
        else if (option === 'close') this.saysClose = true;
        else if (option === 'upgrade') this.saysUpgrade = true;
        else if (option !== '' && !KEPT.has(option)) (this.nominated ??= []).push(option);
      }
    }
  }

  private length(value: number, valueEnd: number): 0 | 400 {
    if (this.contentLength >= 0 || this.chunked || value === valueEnd || valueEnd - value > 15) return 400;
    let length = 0;
    for (let i = value; i < valueEnd; i++) {
      const digit = this.bytes[i]! - 48;
      if (digit < 0 || digit > 9) return 400;
      length = length * 10 + digit;
    }
    this.contentLength = length;
    return 0;
  }
}

/** What `Connection` may not take away: where a message ends, and whom it is for. */
const KEPT = new Set(['content-length', 'transfer-encoding', 'host']);

/** Lines without those of these names (RFC 9110 7.6.1: what Connection names goes no further). */
function without(lines: string, names: readonly string[]): string {
  return lines.split(/(?<=\r\n)/).filter((line) => !names.includes(line.slice(0, line.indexOf(':')).toLowerCase())).join('');
}

/** A request's head. */
export class RequestHead extends Head {
  method = '';
  target = '';
  host = '';
  private hosts = 0;

  /** Reads a head that begins at `start`; empty lines before it are skipped, as RFC 9112 2.2 asks. */
  read(bytes: Buffer, start: number): Parsed {
    while (start + 1 < bytes.length && bytes[start] === CR && bytes[start + 1] === LF) start += 2;
    this.reset(bytes, start);
    this.host = '';
    this.hosts = 0;
    const limit = bytes.length;
    let at = start;
    while (TOKEN[bytes[at]!] === 1) at++;
    if (at >= limit) return limit - start > MAX_HEAD ? 431 : 'more';
    if (at === start || bytes[at] !== SPACE) return 400;
    this.method = methodName(bytes, start, at);
    const target = ++at;
    // A target has no spaces, controls, or bytes beyond ASCII.
    while (bytes[at]! > SPACE && bytes[at]! < 127) at++;
    if (at + 10 >= limit) return limit - start > MAX_HEAD ? 431 : at < limit && bytes[at] !== SPACE ? 400 : 'more';
    if (at === target || bytes[at] !== SPACE) return 400;
    this.target = bytes.toString('latin1', target, at);
    const version = readVersion(bytes, at + 1);
    if (version < 0) return version === -1 ? 400 : 505;
    this.minor = version;
    at += 9;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 400;
    const parsed = this.readFields(at + 2);
    if (parsed !== 'done') return parsed;
    if (this.hosts > 1 || (this.hosts === 0 && this.minor === 1)) return 400;
    return 'done';
  }

  get idempotent(): boolean {
    switch (this.method) {
      case 'GET':
      case 'HEAD':
      case 'PUT':
      case 'DELETE':
      case 'OPTIONS':
      case 'TRACE':
        return true;
      default:
        return false;
    }
  }

  get upgrade(): boolean {
    return this.saysUpgrade && this.hasUpgrade && this.minor === 1;
  }

  protected override field(line: number, nameLength: number, value: number, valueEnd: number, next: number): 0 | 400 | 501 {
    switch (nameLength) {
      case 4:
        if (this.is(line, 'host')) {
          this.hosts++;
          this.host = this.bytes.toString('latin1', value, valueEnd);
        }
        return 0;
      case 9:
        if (this.is(line, 'forwarded') || this.is(line, 'x-real-ip')) this.hop(line, next);
        return 0;
      case 15:
        if (this.is(line, 'x-forwarded-for')) this.hop(line, next);
        return 0;
      case 16:
        if (this.is(line, 'x-forwarded-host') || this.is(line, 'x-forwarded-port')) this.hop(line, next);
        break;
      case 17:
        if (this.is(line, 'x-forwarded-proto')) this.hop(line, next);
        break;
      case 18:
        if (this.is(line, 'x-forwarded-scheme')) this.hop(line, next);
        return 0;
    }
    return super.field(line, nameLength, value, valueEnd, next);
  }
}

/** A response's head. */
export class ResponseHead extends Head {
  status = 0;

  read(bytes: Buffer, start: number): Parsed {
    this.reset(bytes, start);
    const limit = bytes.length;
    if (limit - start < 14) return 'more';
    const version = readVersion(bytes, start);
    if (version < 0) return version === -1 ? 400 : 505;
    this.minor = version;
    if (bytes[start + 8] !== SPACE) return 400;
    const status = (bytes[start + 9]! - 48) * 100 + (bytes[start + 10]! - 48) * 10 + (bytes[start + 11]! - 48);
    if (!(status >= 100 && status <= 999)) return 400;
    this.status = status;
    let at = start + 12;
    while (VALUE[bytes[at]!] === 1) at++;
    if (at + 1 >= limit) return limit - start > MAX_HEAD ? 431 : 'more';
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 400;
    return this.readFields(at + 2);
  }
}

/** The minor version of `HTTP/1.x` at `at`; -1 when it is no HTTP, -2 when it is another version. */
function readVersion(bytes: Buffer, at: number): number {
  if (bytes[at] !== 72 || bytes[at + 1] !== 84 || bytes[at + 2] !== 84 || bytes[at + 3] !== 80 || bytes[at + 4] !== 47) return -1;
  if (bytes[at + 6] !== 46) return -1;
  if (bytes[at + 5] !== 49) return -2;
  const minor = bytes[at + 7]! - 48;
  return minor === 0 || minor === 1 ? minor : -2;
}

/** Methods as shared strings: most requests make no new one. */
function methodName(bytes: Buffer, start: number, end: number): string {
  if (end - start === 3 && bytes[start] === 71 && bytes[start + 1] === 69 && bytes[start + 2] === 84) return 'GET';
  return bytes.toString('latin1', start, end);
}
