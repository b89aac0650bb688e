import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import type { NodeStreams } from './streams.ts';
import { serve, type Served } from './testing.suite.ts';

const unused = () => Promise.reject(new Error('not asked for here'));
const node: NodeStreams = { logs: async () => Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]), exec: unused, attach: unused, portForward: unused };
let api: Served & { readonly defects: unknown[] };

beforeAll(async () => {
  api = await serve({ admission: [], tokens: [{ token: 'boss', user: 'boss', groups: ['system:masters'] }, { token: 'nobody', user: 'nobody' }], nodes: () => node });
  await api.server.client().create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] } });
});
afterAll(async () => {
  expect(api.defects).toEqual([]);
  await api.close();
});

interface Message {
  readonly text: string;
  readonly binary: boolean;
}

/** Opens one and hands every message on. */
function open(path: string, protocols: readonly string[], token: string, onMessage: (message: Message, ws: WebSocket) => void): Promise<{ protocol: string }> {
  const ws = new WebSocket(api.url.replace('https', 'wss') + path, [...protocols], { ca: api.pki.ca.cert, headers: { authorization: `Bearer ${token}` } });
  ws.on('message', (data: Buffer, binary) => onMessage({ text: data.toString(), binary }, ws));
  return new Promise((resolve, reject) => {
    ws.on('close', () => resolve({ protocol: ws.protocol }));
    ws.on('error', reject);
  });
}

async function log(protocols: readonly string[], token = 'boss') {
  const messages: Message[] = [];
  const { protocol } = await open('/api/v1/namespaces/default/pods/p/log?container=c', protocols, token, (message) => messages.push(message));
  return { protocol, messages };
}

describe('over WebSocket', () => {
  it('sends a log in bytes, an empty message first, and closes', async () => {
    expect(await log(['binary.k8s.io'])).toEqual({ protocol: 'binary.k8s.io', messages: ['', 'one\n', 'two\n'].map((text) => ({ text, binary: true })) });
    expect((await log([])).messages.map(({ text }) => text).join('')).toBe('one\ntwo\n');
  });

  it('sends a log in base64 to those who take nothing else', async () => {
    const { protocol, messages } = await log(['other', 'base64.binary.k8s.io']);
    expect(protocol).toBe('base64.binary.k8s.io');
    expect(messages).toEqual(['', btoa('one\n'), btoa('two\n')].map((text) => ({ text, binary: false })));
  });

  it('refuses protocols that it does not speak, and those who may not read', async () => {
    await expect(log(['v4.channel.k8s.io'])).rejects.toThrow('400');
    await expect(log([], 'nobody')).rejects.toThrow('403');
  });

  it('sends each event of a watch as one text message, until the reader goes', async () => {
    const make = (name: string) => api.server.client().create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });
    await make('first');
    const seen: Message[] = [];
    await open('/api/v1/namespaces/default/configmaps?watch=1', [], 'boss', (message, ws) => {
      seen.push(message);
      if (seen.length === 1) void make('second');
      else ws.close();
    });
    expect(seen.map(({ binary }) => binary)).toEqual([false, false]);
    expect(seen.map(({ text }) => JSON.parse(text) as { type: string; object: { metadata: { name: string } } }).map(({ type, object }) => [type, object.metadata.name])).toEqual([['ADDED', 'first'], ['ADDED', 'second']]);
  });
});
