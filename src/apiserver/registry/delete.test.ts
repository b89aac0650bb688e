import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { virtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { durableStore, type Store } from '../../store/index.ts';
import { createApiServer } from '../index.ts';

let directory: string;
let store: Store;
let client: Client;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'delete-'));
  store = await durableStore(directory);
  client = (await createApiServer({ store, clock: virtualClock(), random: seededRandom(1) })).client();
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

// A write that is accepted and not yet on disk makes the delete lose: it must look again, however long the disk takes.
test('a delete without preconditions wins against writers of the same object', async () => {
  for (let round = 0; round < 20; round++) {
    const made = await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `a${round}`, namespace: 'default', finalizers: ['example.com/hold'] }, data: {} });
    const deleted = new AbortController();
    const writer = async (name: string) => {
      for (let i = 0; !deleted.signal.aborted; i++) await client.patch(ConfigMaps, made.metadata.name!, { type: 'merge', body: { data: { [name]: String(i) } } }, { namespace: 'default' }).catch(() => {});
    };
    const writers = ['x', 'y'].map(writer);
    await expect(client.delete(ConfigMaps, made.metadata.name!, { namespace: 'default' })).resolves.toMatchObject({ metadata: { deletionTimestamp: expect.any(String) as string } });
    deleted.abort();
    await Promise.all(writers);
  }
});

test('one with a resourceVersion does not', async () => {
  await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' }, data: {} });
  await expect(client.delete(ConfigMaps, 'a', { namespace: 'default', preconditions: { resourceVersion: '1' } })).rejects.toMatchObject({ code: 409, message: expect.stringContaining('the ResourceVersion in the precondition (1) does not match') as string });
});
