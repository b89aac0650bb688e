import { expect, test } from 'vitest';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { virtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { memoryStore } from '../store/memory.ts';
import { informerFactory } from './informer-factory.ts';
import { tinyApi } from './tiny-api.suite.ts';

test('an informer is shared, and after it was forgotten made anew', async () => {
  const client = tinyApi(memoryStore());
  const clock = virtualClock();
  const factory = informerFactory(client, clock, seededRandom(1));
  const first = factory.informer(ConfigMaps);
  await first.start();
  expect(factory.informer(ConfigMaps)).toBe(first);
  factory.forget(ConfigMaps);
  const second = factory.informer(ConfigMaps);
  expect(second).not.toBe(first);
  await second.start();
  await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } });
  await clock.settle();
  expect([first.list(), second.list().map(({ metadata }) => metadata.name)]).toEqual([[], ['a']]);
  factory.stop();
});
