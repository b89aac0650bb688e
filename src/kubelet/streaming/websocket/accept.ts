import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { choose, protocolList, refuse } from '../handshake.ts';

/** Larger than any client's message, small enough to hold a few. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/**
 * Agrees on WebSocket with one of `spoken` (`''`: a client that names none is served too) and calls back with the protocol; a client that offers only others is refused
 * with 400, as is a bad handshake.
 */
export function acceptWebSocket(raw: IncomingMessage, socket: Duplex, head: Buffer, spoken: readonly string[], use: (ws: WebSocket, protocol: string) => void): void {
  const offered = protocolList(raw.headers['sec-websocket-protocol']);
  const chosen = choose(offered.length === 0 ? [''] : offered, spoken);
  if (chosen === undefined) {
    const known = spoken.filter((name) => name !== '').join(' ');
    return refuse(socket, 400, `requested protocol(s) are not supported: [${offered.join(' ')}]; supports [${known}]\n`);
  }
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: MAX_MESSAGE, handleProtocols: () => (chosen === '' ? false : chosen) });
  socket.on('error', () => socket.destroy());
  server.handleUpgrade(raw, socket, head, (ws) => {
    // A message that breaks the protocol closes the connection; ws does that itself.
    ws.on('error', () => {});
    use(ws, chosen);
  });
}
