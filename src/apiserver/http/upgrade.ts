import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest, notFound } from '../../api/errors.ts';
import type { Core } from '../registry/core.ts';
import type { StreamUpgrade } from '../streams.ts';
import type { UserInfo } from '../user.ts';
import { CONNECT, notImplemented, streamRequest, upgradeProxy, type ConnectOptions } from './connect.ts';
import { errorReply } from './reply.ts';
import type { Route } from './router.ts';

/** Hands an upgraded connection for exec, attach, portforward or proxy to what speaks its protocol. The user is known and allowed. Rejects with StatusError. */
export async function upgradeTo(core: Core, options: ConnectOptions, speak: StreamUpgrade | undefined, { info, query }: Route, user: UserInfo, raw: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const resource = info.isResource ? core.scheme.find(info.group, info.version, info.resource) : undefined;
  if (!resource) throw notFound({ group: info.group, plural: info.resource }, info.name);
  const declared = resource.kind.subresources?.some((sub) => sub.name === info.subresource);
  if (!declared || !CONNECT.has(info.subresource) || info.subresource === 'log') throw badRequest(`${info.path} takes no upgraded connection`);
  const target = { resource, namespace: info.namespace, name: info.name, subresource: info.subresource };
  if (info.subresource === 'proxy') return upgradeProxy(core, options, target, info, user, { method: raw.method ?? 'GET', url: raw.url ?? '/', headers: raw.headers }, socket, head);
  const request = await streamRequest(core, options, target, user, query);
  if (!speak) throw notImplemented(`${info.resource}/${info.subresource} is not served: this API server speaks no streaming protocol`);
  speak(request, raw, socket, head);
}

/** Refuses an upgrade with the Status of an error, and ends the connection. */
export function refuseUpgrade(socket: Duplex, error: unknown, report: (error: unknown) => void): void {
  const { status, headers, body } = errorReply(error, report);
  const bytes = body as Buffer;
  const lines = Object.entries({ ...headers, 'content-length': String(bytes.length), connection: 'close' }).map(([name, value]) => `${name}: ${String(value)}`);
  socket.on('error', () => {});
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n`), bytes]));
}
