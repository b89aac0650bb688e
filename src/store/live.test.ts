import { expect, test } from 'vitest';
import type { KubeObject } from '../api/object.ts';
import { withLive } from './live.ts';
import { memoryStore } from './memory.ts';

const usage = (namespace: string, name: string): KubeObject => ({ apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics', metadata: { namespace, name } });
const keys = (page: { readonly entries: readonly { readonly key: string }[] }) => page.entries.map((entry) => entry.key);

function setup() {
  let objects = [usage('a', 'x'), usage('a', 'y'), usage('b', 'z')];
  const stored = memoryStore();
  const store = withLive(stored, [{ prefix: 'pods.metrics.k8s.io/', list: () => objects }]);
  return { store, stored, set: (next: KubeObject[]) => { objects = next; } };
}

test('what is live is read from its source each time', () => {
  const { store, set } = setup();
  expect(keys(store.list('pods.metrics.k8s.io/'))).toEqual(['pods.metrics.k8s.io/a/x', 'pods.metrics.k8s.io/a/y', 'pods.metrics.k8s.io/b/z']);
  expect(keys(store.list('pods.metrics.k8s.io/b/'))).toEqual(['pods.metrics.k8s.io/b/z']);
  expect(store.get('pods.metrics.k8s.io/a/y')?.object).toEqual(usage('a', 'y'));
  expect(JSON.parse(store.get('pods.metrics.k8s.io/a/y')!.encoded().toString())).toEqual(usage('a', 'y'));
  set([]);
  expect(keys(store.list('pods.metrics.k8s.io/'))).toEqual([]);
  expect(store.get('pods.metrics.k8s.io/a/y')).toBeUndefined();
});

test('pages go on where the last one ended', () => {
  const { store } = setup();
  const first = store.list('pods.metrics.k8s.io/', { limit: 2 });
  expect([keys(first), first.remaining]).toEqual([['pods.metrics.k8s.io/a/x', 'pods.metrics.k8s.io/a/y'], 1]);
  const second = store.list('pods.metrics.k8s.io/', { limit: 2, after: 'pods.metrics.k8s.io/a/y' });
  expect([keys(second), second.remaining]).toEqual([['pods.metrics.k8s.io/b/z'], 0]);
});

test('all else is stored: `pods/` is not `pods.metrics.k8s.io/`, and revisions are the store’s', async () => {
  const { store, stored } = setup();
  await store.create('pods/a/x', { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'a', name: 'x' } });
  expect(keys(store.list('pods/'))).toEqual(['pods/a/x']);
  expect(stored.get('pods/a/x')).toBeDefined();
  expect(store.list('pods.metrics.k8s.io/').revision).toBe(stored.revision);
  expect(store.get('pods.metrics.k8s.io/a/x')?.revision).toBe(stored.revision);
});
