import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect, isIPv4 } from 'node:net';
import type { Clock } from '../../base/clock.ts';

const TRY_MS = 2_000;

/** Sends questions to other name servers, one after another until one answers. */
export interface Forwarder {
  /** The answer as it came; undefined when none came. `tcp` when the client came that way, so that long answers fit. */
  ask(query: Buffer, tcp: boolean): Promise<Buffer | undefined>;
}

/** `servers`: IPv4 addresses, each with an optional `:port`. */
export function createForwarder(servers: readonly string[], clock: Clock): Forwarder {
  return {
    async ask(query, tcp) {
      for (const server of servers) {
        const [host = '', port = '53'] = server.split(':');
        const answer = await (tcp ? askTcp : askUdp)(host, Number(port), query, clock);
        if (answer) return answer;
      }
      return undefined;
    },
  };
}

function askUdp(host: string, port: number, query: Buffer, clock: Clock): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (answer: Buffer | undefined) => {
      timer.cancel();
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      resolve(answer);
    };
    const timer = clock.after(TRY_MS, () => finish(undefined));
    socket.on('error', () => finish(undefined));
    // A connected socket takes answers from that server alone, on a port the kernel chose: hard to forge. The id is the client's own.
    socket.on('message', (answer) => answer.length >= 12 && answer.readUInt16BE(0) === query.readUInt16BE(0) && finish(answer));
    socket.connect(port, host, () => socket.send(query));
  });
}

function askTcp(host: string, port: number, query: Buffer, clock: Clock): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const finish = (answer: Buffer | undefined) => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    const timer = clock.after(TRY_MS, () => finish(undefined));
    socket.on('error', () => finish(undefined));
    socket.on('end', () => finish(undefined));
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) finish(received.subarray(2, 2 + received.readUInt16BE(0)));
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
  });
}

/** The machine's own name servers, without `except` (ourselves, lest questions go round in circles). */
export function systemServers(except: string): string[] {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8')
      .split('\n')
      .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1])
      .filter((server): server is string => server !== undefined && isIPv4(server) && server !== except);
  } catch {
    return [];
  }
}
