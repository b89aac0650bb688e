import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { APIService } from '../../api/types/apiregistration.v1.ts';
import type { ApiRequest } from '../http/reply.ts';
import type { UserInfo } from '../user.ts';
import { identityHeaders, type FrontProxy } from './front-proxy.ts';
import type { Address } from './locate.ts';

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings']);
/** The caller's credentials are this server's business; who it is, this server says itself. */
const PRIVATE = /^(authorization|content-length|expect|host|impersonate-.*|x-remote-.*)$/;

export interface Asked {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: IncomingMessage;
}

/** One connection pool for all API servers behind this one. */
export const createAgent = () => new Agent({ keepAlive: true });

/** Passes a request on in the name of its user. The certificate must be for `SERVICE.NAMESPACE.svc`, unless nobody is to look. Rejects when it cannot be reached. */
export async function ask(agent: Agent, frontProxy: FrontProxy, { spec }: APIService, to: Address, request: ApiRequest, user: UserInfo, signal?: AbortSignal): Promise<Asked> {
  const body = await request.body();
  const { namespace = '', name = '' } = spec.service ?? {};
  const servername = `${name}.${namespace}.svc`;
  const trust = spec.insecureSkipTLSVerify ? { rejectUnauthorized: false } : spec.caBundle ? { ca: Buffer.from(spec.caBundle, 'base64') } : {};
  const headers = { ...passed(request.headers, (header) => PRIVATE.test(header)), ...identityHeaders(user), host: servername, ...(body.length > 0 && { 'content-length': String(body.length) }) };
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({ host: to.host, port: to.port, method: request.method, path: request.url, headers, agent, servername, cert: frontProxy.client.cert, key: frontProxy.client.key, ...trust, ...(signal && { signal }) }, (answer) =>
      resolve({ status: answer.statusCode ?? 502, headers: passed(answer.headers, () => false), body: answer }));
    sent.on('error', reject);
    sent.end(body);
  });
}

function passed(headers: Readonly<Record<string, string | string[] | undefined>>, drop: (name: string) => boolean): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined || name.startsWith(':') || HOP_BY_HOP.has(name) || drop(name) ? [] : [[name, value]])));
}
