/** Which protocol a connection is upgraded to (apimachinery pkg/util/httpstream/httpstream.go Handshake, spdy/upgrade.go, wsstream/conn.go). */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** What the client wants to speak; undefined: neither of the two. */
export function upgradeOf(headers: IncomingMessage['headers']): 'spdy' | 'websocket' | undefined {
  if (!(headers.connection ?? '').toLowerCase().includes('upgrade')) return undefined;
  const upgrade = (headers.upgrade ?? '').toLowerCase();
  return upgrade === 'websocket' ? 'websocket' : upgrade.includes('spdy/3.1') ? 'spdy' : undefined;
}

/** The values of a header that lists protocols, in the client's order. */
export function protocolList(value: string | string[] | undefined): string[] {
  const text = Array.isArray(value) ? value.join(',') : value ?? '';
  return text.split(',').map((name) => name.trim()).filter((name) => name !== '');
}

/** The client's first choice that we speak. */
export function choose(offered: readonly string[], spoken: readonly string[]): string | undefined {
  return offered.find((name) => spoken.includes(name));
}

/** Answers with an error instead of upgrading, and ends the connection. */
export function refuse(socket: Duplex, status: number, message: string, headers: Readonly<Record<string, string>> = {}, contentType = 'text/plain; charset=utf-8'): void {
  const lines = Object.entries({ ...headers, 'Content-Type': contentType, 'Content-Length': String(Buffer.byteLength(message)), Connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${message}`);
}

/** Agrees on SPDY with one of `spoken`; undefined: it was refused. */
export function upgradeToSpdy(raw: IncomingMessage, socket: Duplex, spoken: readonly string[]): string | undefined {
  const offered = protocolList(raw.headers['x-stream-protocol-version']);
  if (offered.length === 0) {
    refuse(socket, 400, 'unable to upgrade: X-Stream-Protocol-Version is required\n');
    return undefined;
  }
  const chosen = choose(offered, spoken);
  if (chosen === undefined) {
    const message = `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${spoken.join(' ')}]\n`;
    refuse(socket, 403, message, { 'X-Accepted-Stream-Protocol-Versions': spoken.join(', ') });
    return undefined;
  }
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${chosen}\r\n\r\n`);
  return chosen;
}
