import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { Events } from '../api/kinds/core/event.ts';
import type { Event } from '../api/types/core.v1.ts';
import { createApiServer } from '../apiserver/index.ts';
import { virtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { memoryStore } from '../store/index.ts';
import { follow, line } from './follow.ts';

const event = (name: string, more: Partial<Event> = {}): Event => ({
  apiVersion: 'v1', kind: 'Event', metadata: { name, namespace: 'default' }, involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web' },
  reason: 'Started', message: 'Started container app', type: 'Normal', lastTimestamp: '2025-01-01T14:03:07Z', reportingComponent: '', reportingInstance: '', ...more,
});

test.each<[string, Event, number, string]>([
  ['whole', event('a'), Infinity, '14:03:07 pod/web  Started  Started container app'],
  ['of another namespace, several times', event('a', { involvedObject: { kind: 'Node', namespace: 'kube-system', name: 'n' }, count: 3 }), Infinity, '14:03:07 node/n (kube-system)  Started  Started container app (x3)'],
  ['on one line', event('a', { message: 'first\n  second' }), Infinity, '14:03:07 pod/web  Started  first second'],
  ['cut to the terminal', event('a', { message: 'x'.repeat(100) }), 60, `14:03:07 pod/web  Started  ${'x'.repeat(32)}…`],
])('%s', (_, object, width, wanted) => expect(stripVTControlCharacters(line(object, width))).toBe(wanted));

async function setup() {
  const clock = virtualClock();
  const api = await createApiServer({ store: memoryStore(), clock, random: seededRandom(1), authorization: 'always-allow' });
  const written: string[] = [];
  return { clock, client: api.client(), written, out: { write: (text: string) => written.push(stripVTControlCharacters(text)) } };
}

test('what happens from now on, until it is stopped', async () => {
  const { clock, client, written, out } = await setup();
  await client.create(Events, event('before'));
  const stop = follow(client, out, clock);
  await clock.settle();
  const made = await client.create(Events, event('a'));
  await clock.settle();
  await client.update(Events, { ...made, count: 2 });
  await clock.settle();
  await client.delete(Events, 'a', { namespace: 'default' });
  await clock.settle();
  expect(written).toEqual(['14:03:07 pod/web  Started  Started container app\n', '14:03:07 pod/web  Started  Started container app (x2)\n']);
  stop();
  await client.create(Events, event('b'));
  await clock.advance(10_000);
  expect(written).toHaveLength(2);
});

test('an API that cannot be read now is asked again; a dropped watch is begun anew', async () => {
  const { clock, client, written, out } = await setup();
  let refusals = 2;
  let drop = () => {};
  const shaky: Client = {
    ...client,
    list: (...args) => (refusals-- > 0 ? Promise.reject(new Error('connection refused')) : client.list(...args)),
    watch: (type, options, handlers) => {
      const watch = client.watch(type, options, handlers);
      drop = () => {
        watch.stop();
        handlers.closed(new Error('gone'));
      };
      return watch;
    },
  };
  const stop = follow(shaky, out, clock);
  await clock.advance(3_000);
  await client.create(Events, event('a'));
  await clock.settle();
  expect(written).toHaveLength(1);
  drop();
  await clock.advance(2_000);
  await client.create(Events, event('b'));
  await clock.settle();
  expect(written).toHaveLength(2);
  stop();
  drop();
  expect(clock.pending()).toBe(0);
});
