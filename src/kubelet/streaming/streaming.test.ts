import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { serve, spdyClient, type TestServer } from './testing.suite.ts';
import type { StreamRequest } from './types.ts';

let server: TestServer | undefined;
const start = async (request: Partial<StreamRequest>) => (server = await serve(request)).port;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
// Waits for a line, so that nothing is said before the client listens.
const sh = (script: string) => ['sh', '-c', script];

describe('exec over SPDY', () => {
  const open = async (port: number, types: readonly string[], protocol?: string) => {
    const client = await spdyClient(port, protocol);
    return { client, ids: Object.fromEntries(types.map((streamtype) => [streamtype, client.open({ streamtype })])) as Record<string, number> };
  };

  test('stdin, stdout, stderr and the exit code', async () => {
    const port = await start({ command: sh('read line; echo "out $line"; echo err >&2; exit 3'), stdin: true });
    const { client, ids } = await open(port, ['error', 'stdin', 'stdout', 'stderr']);
    client.send(ids['stdin']!, Buffer.from('hello\n'));
    await Promise.all([client.ended(ids['error']!), client.ended(ids['stdout']!), client.ended(ids['stderr']!)]);
    expect(client.received(ids['stdout']!).toString()).toBe('out hello\n');
    expect(client.received(ids['stderr']!).toString()).toBe('err\n');
    expect(JSON.parse(client.received(ids['error']!).toString())).toEqual({
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'NonZeroExitCode', message: 'command terminated with non-zero exit code: exit status 3',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    });
    client.socket.end();
  });

  test('5 MB there and back for a client that keeps no windows, and an end of stdin', async () => {
    const port = await start({ command: ['cat'], stdin: true });
    const { client, ids } = await open(port, ['error', 'stdin', 'stdout', 'stderr']);
    const sent = randomBytes(5_000_000);
    client.send(ids['stdin']!, sent, true);
    await client.ended(ids['stdout']!);
    expect(client.received(ids['stdout']!).equals(sent)).toBe(true);
    client.socket.end();
  });

  test('protocols before v4 have a text for an error', async () => {
    const port = await start({ command: sh('read line; exit 4'), stdin: true });
    const { client, ids } = await open(port, ['error', 'stdin', 'stdout', 'stderr'], 'v9.channel.k8s.io, channel.k8s.io');
    expect(client.answer()).toContain('X-Stream-Protocol-Version: channel.k8s.io');
    client.send(ids['stdin']!, Buffer.from('\n'));
    await client.ended(ids['error']!);
    expect(client.received(ids['error']!).toString()).toBe('command terminated with non-zero exit code: exit status 4');
  });

  test('a ping is answered', async () => {
    const { client } = await open(await start({ command: ['cat'], stdin: true }), ['error']);
    client.frame({ type: 'ping', id: 7 });
    await client.until(() => client.frames.some((frame) => frame.type === 'ping' && frame.id === 7));
  });

  test('a stream of an unknown type is refused', async () => {
    const { client } = await open(await start({ command: ['cat'], stdin: true }), ['nonsense']);
    await client.until(() => client.frames.some((frame) => frame.type === 'rst-stream'));
  });

  test.each([
    ['', /^HTTP\/1.1 400 .*X-Stream-Protocol-Version is required/s],
    ['v9.channel.k8s.io', /^HTTP\/1.1 403 .*client supports \[v9.channel.k8s.io\], server accepts \[v4.channel.k8s.io /s],
  ])('with protocol "%s" it is refused', async (protocol, answer) => {
    const client = await spdyClient(await start({ command: ['cat'], stdin: true }), protocol);
    await client.closed;
    expect(client.answer()).toMatch(answer);
  });

  test('a container that is not there is an HTTP error', async () => {
    const client = await spdyClient(await start({ container: 'gone', command: ['cat'] }));
    await client.closed;
    expect(client.answer()).toMatch(/^HTTP\/1.1 404 .*"containers \\"gone\\" not found"/s);
  });

  test('a command that cannot be started is told on the error stream', async () => {
    const { client, ids } = await open(await start({ command: ['/no/such/program'] }), ['error', 'stdout', 'stderr']);
    await client.ended(ids['error']!);
    expect(JSON.parse(client.received(ids['error']!).toString())).toMatchObject({ status: 'Failure', reason: 'InternalError', message: expect.stringContaining('error executing command in container:') as string });
  });

  test('bytes that are no SPDY end the connection at most; the server goes on', async () => {
    const port = await start({ command: ['cat'], stdin: true });
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (noise) => {
      const client = await spdyClient(port);
      client.socket.end(Buffer.from(noise));
      await client.closed;
    }), { numRuns: 25 });
    const { client, ids } = await open(port, ['error', 'stdin', 'stdout', 'stderr']);
    client.send(ids['stdin']!, Buffer.from('still here'), true);
    await client.ended(ids['stdout']!);
    expect(client.received(ids['stdout']!).toString()).toBe('still here');
  });

  test.each([
    ['an even stream id', (id: number) => ({ type: 'syn-stream' as const, id: id + 1, associated: 0, priority: 0, fin: false, unidirectional: false, block: Buffer.from('78bbe3c6a7c2000400fbff000000000000ffff', 'hex') })],
    ['a header block that is no zlib', () => ({ type: 'syn-stream' as const, id: 1, associated: 0, priority: 0, fin: false, unidirectional: false, block: Buffer.from('nonsense') })],
    ['data on a stream that was never opened', () => ({ type: 'data' as const, id: 99, fin: false, data: Buffer.from('x') })],
  ])('%s ends the connection with GOAWAY', async (_what, frame) => {
    const client = await spdyClient(await start({ command: ['cat'], stdin: true }));
    client.frame(frame(1));
    await client.closed;
    expect(client.frames.at(-1)).toMatchObject({ type: 'goaway', status: 1 });
  });
});

describe('exec over WebSocket', () => {
  const talk = async (port: number, protocol: string | undefined, onOpen: (ws: WebSocket) => void) => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/x`, protocol === undefined ? [] : [protocol]);
    const messages: Buffer[] = [];
    ws.on('message', (message: Buffer) => messages.push(message));
    ws.on('open', () => onOpen(ws));
    const [code] = (await once(ws, 'close')) as [number];
    const channel = (number: number) => protocol?.includes('base64')
      ? Buffer.concat(messages.filter((message) => message[0] === 0x30 + number).map((message) => Buffer.from(message.toString('latin1', 1), 'base64')))
      : Buffer.concat(messages.filter((message) => message[0] === number).map((message) => message.subarray(1)));
    return { code, channel };
  };

  test.each(['v5.channel.k8s.io', 'v4.channel.k8s.io', 'channel.k8s.io', undefined])('%s', async (protocol) => {
    const port = await start({ command: sh('read line; echo "out $line"; echo err >&2; exit 3'), stdin: true });
    const { code, channel } = await talk(port, protocol, (ws) => ws.send(Buffer.from('\0hello\n')));
    expect([code, channel(1).toString(), channel(2).toString()]).toEqual([1000, 'out hello\n', 'err\n']);
    const error = channel(3).toString();
    if (protocol?.startsWith('v')) expect(JSON.parse(error)).toMatchObject({ reason: 'NonZeroExitCode', details: { causes: [{ message: '3' }] } });
    else expect(error).toBe('command terminated with non-zero exit code: exit status 3');
  });

  test.each(['base64.channel.k8s.io', 'v4.base64.channel.k8s.io'])('%s', async (protocol) => {
    const port = await start({ command: sh('read line; echo "out $line"'), stdin: true });
    const { channel } = await talk(port, protocol, (ws) => ws.send(`0${Buffer.from('hello\n').toString('base64')}`));
    expect(channel(1).toString()).toBe('out hello\n');
  });

  test('v5 says that stdin has ended; 5 MB there and back', async () => {
    const sent = randomBytes(5_000_000);
    const port = await start({ command: ['cat'], stdin: true });
    const { channel } = await talk(port, 'v5.channel.k8s.io', (ws) => {
      for (let at = 0; at < sent.length; at += 32_768) ws.send(Buffer.concat([Buffer.from([0]), sent.subarray(at, at + 32_768)]));
      ws.send(Buffer.from([255, 0]));
    });
    expect(channel(1).equals(sent)).toBe(true);
    expect(JSON.parse(channel(3).toString())).toMatchObject({ status: 'Success' });
  });

  test('another protocol is refused with 400', async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${await start({ command: ['cat'], stdin: true })}/x`, ['v9.channel.k8s.io']);
    const [error] = (await once(ws, 'error')) as [Error];
    expect(error.message).toContain('400');
  });
});

describe('port-forward', () => {
  let echo: Server;
  let mute: Server;
  const portOf = (listener: Server) => (listener.address() as AddressInfo).port;
  beforeAll(async () => {
    echo = createServer({ allowHalfOpen: true }, (socket) => void socket.on('error', () => {}).pipe(socket)).listen(0);
    mute = createServer((socket) => void socket.on('error', () => {}).pause()).listen(0);
    await Promise.all([once(echo, 'listening'), once(mute, 'listening')]);
  });
  afterAll(() => {
    echo.close();
    mute.close();
  });
  const pair = (client: Awaited<ReturnType<typeof spdyClient>>, port: number, requestid: string) =>
    ({ error: client.open({ streamtype: 'error', port: String(port), requestid }), data: client.open({ streamtype: 'data', port: String(port), requestid }) });

  test('many at once, one of which nobody reads', async () => {
    const client = await spdyClient(await start({ kind: 'portforward' }), 'portforward.k8s.io');
    const stuck = pair(client, portOf(mute), 'stuck');
    client.send(stuck.data, Buffer.alloc(6_000_000));
    const sent = Array.from({ length: 30 }, () => randomBytes(50_000));
    const pairs = sent.map((bytes, index) => {
      const streams = pair(client, portOf(echo), String(index));
      client.send(streams.data, bytes, true);
      return streams;
    });
    await Promise.all(pairs.flatMap(({ error, data }) => [client.ended(error), client.ended(data)]));
    pairs.forEach(({ error, data }, index) => {
      expect(client.received(data).equals(sent[index]!)).toBe(true);
      expect(client.received(error).length).toBe(0);
    });
    client.socket.destroy();
  });

  test('a port that nobody serves is told on the error stream', async () => {
    const client = await spdyClient(await start({ kind: 'portforward' }), 'portforward.k8s.io');
    const { error } = pair(client, 1, '0');
    await client.ended(error);
    expect(client.received(error).toString()).toMatch(/^error forwarding port 1 to pod p, uid u-1: /);
  });

  test('WebSocket v4: the port on both channels, then its data', async () => {
    const number = portOf(echo);
    const ws = new WebSocket(`ws://127.0.0.1:${await start({ kind: 'portforward', ports: [number] })}/x`, ['v4.channel.k8s.io']);
    const messages: Buffer[] = [];
    ws.on('open', () => ws.send(Buffer.from('\0hello')));
    await new Promise<void>((resolve) => ws.on('message', (message: Buffer) => {
      messages.push(message);
      if (message.includes('hello')) resolve();
    }));
    const said = Buffer.alloc(2);
    said.writeUInt16LE(number);
    expect(messages).toEqual([Buffer.concat([Buffer.from([0]), said]), Buffer.concat([Buffer.from([1]), said]), Buffer.from('\0hello')]);
    ws.close();
  });
});
