import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import * as dns from 'dns-packet';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Forwarder } from './forward.ts';
import { answer, soa, type ZoneRecord, type ZoneSource } from './zone.ts';

export interface DnsOptions {
  readonly address: string;
  readonly port: number;
  readonly source: ZoneSource;
  readonly forwarder: Forwarder;
  readonly clock: Clock;
  readonly random: Random;
}

export interface DnsServer {
  /** Rejects when the address cannot be had. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The bound port (for a port of 0). */
  readonly port: number;
}

const TCP_IDLE_MS = 10_000;
const MOST_FOLLOWED = 8;

/** The cluster's name server, on UDP and TCP. */
export function createDnsServer(options: DnsOptions): DnsServer {
  const { clock } = options;
  const clients = new Set<Socket>();
  let udp: UdpSocket | undefined;
  let tcp: Server | undefined;
  let port = options.port;

  const serveStream = (socket: Socket) => {
    clients.add(socket);
    let received: Buffer = Buffer.alloc(0);
    let idle = clock.after(TCP_IDLE_MS, () => socket.destroy());
    socket.on('close', () => {
      idle.cancel();
      clients.delete(socket);
    });
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
      idle.cancel();
      idle = clock.after(TCP_IDLE_MS, () => socket.destroy());
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const query = received.subarray(2, end);
        received = received.subarray(end);
        void respond(query, true, options).then((reply) => {
          if (!reply || socket.destroyed) return;
          const length = Buffer.alloc(2);
          length.writeUInt16BE(reply.length);
          socket.write(Buffer.concat([length, reply]));
        });
      }
    });
  };
  return {
    get port() {
      return port;
    },
    async start() {
      const { datagrams, server } = await listen(options.address, options.port, serveStream);
      udp = datagrams;
      tcp = server;
      port = datagrams.address().port;
      datagrams.on('error', () => {});
      datagrams.on('message', (query, client) => {
        void respond(query, false, options).then((reply) => {
          if (reply && udp === datagrams) datagrams.send(reply, client.port, client.address);
        });
      });
    },
    async stop() {
      udp?.close();
      udp = undefined;
      tcp?.close();
      for (const client of clients) client.destroy();
    },
  };
}

/** Ports that are tried when any will do: one that is free for UDP may be taken for TCP. */
const ATTEMPTS = 10;

async function listen(address: string, port: number, serveStream: (socket: Socket) => void): Promise<{ datagrams: UdpSocket; server: Server }> {
  for (let attempt = 1; ; attempt++) {
    const datagrams = createSocket('udp4');
    const server = createServer(serveStream);
    try {
      await new Promise<void>((resolve, reject) => datagrams.once('error', reject).bind({ address, port, exclusive: true }, resolve));
    } catch (error) {
      datagrams.close();
      throw error;
    }
    try {
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ host: address, port: datagrams.address().port, exclusive: true }, resolve));
      return { datagrams, server };
    } catch (error) {
      datagrams.close();
      if (port !== 0 || attempt === ATTEMPTS || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

/** The reply to a query's bytes; undefined for what is no query at all. */
export async function respond(bytes: Buffer, tcp: boolean, { source, forwarder, clock, random }: Omit<DnsOptions, 'address' | 'port'>): Promise<Buffer | undefined> {
  const query = decode(bytes);
  const question = query?.questions?.[0];
  if (!query || query.type !== 'query') return undefined;
  const edns = query.additionals?.find((record): record is dns.OptRecord => record.type === 'OPT');
  const base: dns.Packet = {
    type: 'response',
    id: query.id,
    flags: ((query.flags ?? 0) & dns.RECURSION_DESIRED) | dns.RECURSION_AVAILABLE,
    questions: query.questions,
    additionals: edns ? [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] }] : [],
  };
  const limit = tcp ? 65_535 : Math.max(512, Math.min(edns?.udpPayloadSize ?? 512, 4096));
  if (!question || query.questions!.length !== 1) return finish({ ...base, flags: base.flags! | RCODE.FORMERR }, limit);
  const authority = () => [soa(source.clusterDomain, Math.floor(clock.now() / 1000))];
  const records: ZoneRecord[] = [];
  let name = question.name.replace(/\.$/, '');
  for (let hops = 0; hops < MOST_FOLLOWED; hops++) {
    const found = answer(source, name, question.type);
    if (found.kind === 'elsewhere') return elsewhere(bytes, base, name, question.type, records, tcp, limit, forwarder);
    const flags = base.flags! | dns.AUTHORITATIVE_ANSWER;
    // With an alias before it, the answer is the alias, and what is missing is the target.
    if (found.kind === 'nxdomain') return finish({ ...base, flags: flags | RCODE.NXDOMAIN, answers: records, authorities: authority() }, limit);
    if (found.kind === 'nodata') return finish({ ...base, flags, answers: records, authorities: authority() }, limit);
    records.push(...found.records);
    if (found.follow === undefined) {
      shuffle(records, random);
      return finish({ ...base, flags, answers: records, additionals: [...found.additionals, ...base.additionals!] }, limit);
    }
    name = found.follow;
  }
  return finish({ ...base, flags: base.flags! | RCODE.SERVFAIL }, limit);
}

/** Error codes stand in the lowest bits of the flags. */
const RCODE = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3 } as const;

async function elsewhere(bytes: Buffer, base: dns.Packet, name: string, type: string, records: readonly ZoneRecord[], tcp: boolean, limit: number, forwarder: Forwarder): Promise<Buffer | undefined> {
  const failed = finish({ ...base, flags: base.flags! | RCODE.SERVFAIL, answers: [...records] }, limit);
  if (records.length === 0) return (await forwarder.ask(bytes, tcp)) ?? failed;
  // An alias led outside: ask for its target and give both.
  const query = dns.encode({ type: 'query', id: base.id, flags: dns.RECURSION_DESIRED, questions: [{ type, name }] });
  const reply = await forwarder.ask(query, tcp);
  const decoded = reply && decode(reply);
  if (!decoded) return failed;
  return finish({ ...base, flags: base.flags! | ((decoded.flags ?? 0) & 0xf), answers: [...records, ...(decoded.answers ?? [])] }, limit);
}

function decode(bytes: Buffer): dns.Packet | undefined {
  try {
    return dns.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Encodes; what does not fit is left out and marked, so that the client asks again over TCP. */
function finish(packet: dns.Packet, limit: number): Buffer {
  const whole = dns.encode(packet);
  if (whole.length <= limit) return whole;
  return dns.encode({ ...packet, flags: (packet.flags ?? 0) | dns.TRUNCATED_RESPONSE, answers: [], authorities: [], additionals: packet.additionals?.filter((r) => r.type === 'OPT') });
}

/** Many clients take the first address: each gets another one first. */
function shuffle(records: ZoneRecord[], random: Random): void {
  if (records.some((record) => record.type === 'CNAME')) return;
  for (let i = records.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [records[i], records[j]] = [records[j]!, records[i]!];
  }
}
