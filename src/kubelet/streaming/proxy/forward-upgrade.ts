/** Passes an upgraded connection on (apimachinery pkg/util/proxy/upgradeaware.go tryUpgrade). */
import { request as httpRequest, STATUS_CODES, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { serviceUnavailable } from '../../../api/errors.ts';
import { reason, requestHeaders, type Forwarded } from './forward.ts';

/** Resolves when the target has answered: with its 101 the two connections are joined, any other answer is passed back and ends it. Rejects with ServiceUnavailable when it cannot be reached. */
export function forwardUpgrade(to: Omit<Forwarded, 'linked'>, client: Duplex, head: Buffer): Promise<void> {
  const headers = { ...requestHeaders(to), connection: 'Upgrade', upgrade: String(to.headers['upgrade'] ?? '') };
  const options = { host: to.host, port: to.port, method: to.method, path: to.path, headers, agent: false as const };
  return new Promise((resolve, reject) => {
    const request = to.scheme === 'https' ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
    client.once('close', () => request.destroy());
    request.on('error', (error) => reject(serviceUnavailable(`error trying to reach service: ${reason(error, to)}`)));
    request.on('upgrade', (answer, target, first) => {
      client.write(headOf(answer));
      if (first.length > 0) client.write(first);
      if (head.length > 0) target.write(head);
      join(client, target);
      resolve();
    });
    request.on('response', (answer) => {
      client.write(headOf(answer, { connection: 'close' }));
      answer.on('error', () => client.destroy());
      answer.pipe(client);
      resolve();
    });
    request.end();
  });
}

function join(a: Duplex, b: Duplex): void {
  for (const [from, to] of [[a, b], [b, a]] as const) {
    from.on('error', () => from.destroy());
    // After an orderly end what is written is still sent.
    from.once('close', () => void (from.readableEnded || to.destroy()));
    from.pipe(to);
  }
}

/** Status line and headers as they came; a body's end is the connection's. */
function headOf(answer: IncomingMessage, instead: Readonly<Record<string, string>> = {}): string {
  const lines: string[] = [];
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i]!;
    if (!(name.toLowerCase() in instead) && !(name.toLowerCase() === 'transfer-encoding')) lines.push(`${name}: ${answer.rawHeaders[i + 1]}`);
  }
  for (const [name, value] of Object.entries(instead)) lines.push(`${name}: ${value}`);
  return `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage || STATUS_CODES[answer.statusCode ?? 0] || ''}\r\n${lines.join('\r\n')}\r\n\r\n`;
}
