import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { realClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import type { Client } from '../../client/index.ts';
import { createNetwork, type Network, type NetworkOptions } from '../index.ts';

export const clock = realClock();

/** A network on loopback addresses, started; stop it yourself. */
export async function startNetwork(client: Client, options: Partial<NetworkOptions> = {}): Promise<Network> {
  const network = createNetwork({
    client,
    clock,
    random: seededRandom(1),
    serviceCidr: '127.96.0.0/16',
    dnsAddress: '127.96.0.10',
    dnsPort: 0,
    clusterDomain: 'cluster.local',
    upstreamDns: [],
    loadBalancer: { addresses: ['127.0.0.1'] },
    mode: 'loopback',
    ...options,
  });
  await network.start();
  return network;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Ask {
  readonly agent?: Agent;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request; rejects when no whole answer comes. */
export function get(host: string, port: number, options: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host, port, path: options.path ?? '/', method: options.method ?? 'GET', agent: options.agent ?? new Agent(), headers: options.headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

export const reachable = (host: string, port: number): Promise<boolean> => get(host, port).then(() => true, () => false);

/** Sends bytes as they are; all that comes back until the other side ends, or `until` is in it. */
export function raw(host: string, port: number, bytes: string | Buffer, until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let text = '';
    socket.on('error', reject);
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (until !== undefined && text.includes(until)) socket.destroy();
    });
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}
