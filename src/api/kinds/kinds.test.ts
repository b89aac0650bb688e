import { describe, expect, test } from 'vitest';
import { builtinKinds } from './index.ts';
import { findMessage } from '../schema/registry.ts';
import { apiVersionOf, type KubeObject } from '../object.ts';

const bare = (apiVersion: string, kind: string): KubeObject => ({ apiVersion, kind, metadata: { name: 'x', namespace: 'default', uid: 'u1' } });

describe('every built-in kind', () => {
  test('has the schema of each version it names, and no two kinds serve one resource', () => {
    const seen = new Set<string>();
    for (const kind of builtinKinds) {
      for (const version of [kind.storage, ...(kind.served ?? [])]) {
        expect(findMessage(version.message), version.message).toBeDefined();
        const key = `${apiVersionOf(version)}/${kind.plural}`;
        expect(seen, key).not.toContain(key);
        seen.add(key);
      }
    }
  });

  for (const kind of builtinKinds) {
    test(`${kind.kind}: defaults of an empty object are complete, idempotent, and can be printed`, () => {
      const object = bare(apiVersionOf(kind.storage), kind.kind);
      kind.defaults?.(object);
      const once = structuredClone(object);
      kind.defaults?.(object);
      expect(object).toEqual(once);
      expect(kind.columns?.filter((column) => column.format === 'name').length ?? 1).toBeGreaterThan(0);
    });
  }
});
