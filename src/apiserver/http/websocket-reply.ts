/** Watches and logs over WebSocket, as browsers and some libraries read them (apiserver endpoints/handlers/watch.go HandleWS; apimachinery wsstream/stream.go). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { badRequest, internal } from '../../api/errors.ts';
import type { Reply, Stream } from './reply.ts';
import type { Route } from './router.ts';

const BASE64 = 'base64.binary.k8s.io';
/** Protocols of a log; a client that names none is sent bytes. */
const LOG_PROTOCOLS = ['binary.k8s.io', BASE64];
/** Readers have nothing to say. */
const MAX_RECEIVED = 1024;

/** Whether a WebSocket is asked for where an ordinary GET would answer with a stream. */
export function readsOverWebSocket({ info }: Route, { method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || (headers.upgrade ?? '').toLowerCase() !== 'websocket') return false;
  return info.verb === 'watch' || (info.verb === 'get' && info.subresource === 'log');
}

/** Answers the handshake once the reply is there, and sends its stream: each event of a watch as one text message, a log in pieces. Rejects with StatusError before it has answered. */
export async function streamOverWebSocket(raw: IncomingMessage, socket: Duplex, head: Buffer, watch: boolean, reply: () => Promise<Reply>): Promise<void> {
  const protocol = agreed(raw, watch);
  const { body } = await reply();
  if (typeof body !== 'function') throw internal('what was asked for did not answer with a stream');
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: MAX_RECEIVED, handleProtocols: () => protocol ?? false });
  let opened = false;
  server.handleUpgrade(raw, socket, head, (ws) => {
    opened = true;
    ws.on('error', () => {});
    const send = (chunk: Buffer) => (protocol === BASE64 && !watch ? ws.send(chunk.toString('base64')) : ws.send(chunk, { binary: !watch }));
    // Tells the reader of a log that it is about to come.
    if (!watch) send(Buffer.alloc(0));
    run(ws, socket, send, body);
  });
  // A client that has gone, or whose handshake is no good: what was opened for it is closed.
  if (!opened) body({ write: () => {}, buffered: () => 0, drained: () => {}, end: () => {}, abort: () => {} })();
}

/** The subprotocol to speak, undefined where the client named none. A browser's token comes as one, too, and is not meant for this. */
function agreed(raw: IncomingMessage, watch: boolean): string | undefined {
  const offered = (raw.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('base64url.bearer.authorization.k8s.io.'));
  const chosen = watch ? offered[0] : offered.find((name) => LOG_PROTOCOLS.includes(name));
  if (chosen === undefined && offered.length > 0) throw badRequest(`requested protocol(s) are not supported: [${offered.join(' ')}]; supports [${LOG_PROTOCOLS.join(' ')}]`);
  return chosen;
}

function run(ws: WebSocket, socket: Duplex, send: (chunk: Buffer) => void, start: Stream): void {
  const stop = start({
    write: (chunk) => {
      if (ws.readyState === ws.OPEN) send(chunk);
    },
    buffered: () => ws.bufferedAmount,
    drained: (fn) => void socket.once('drain', fn),
    end: () => ws.close(1000),
    abort: () => ws.terminate(),
  });
  ws.on('close', stop);
}
