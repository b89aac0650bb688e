import { expect, test } from 'vitest';
import { seededRandom, type Random } from '../../base/random.ts';
import { apiVersionOf, type KubeObject } from '../object.ts';
import { normalize } from '../schema/normalize.ts';
import { enumValues, fieldsOf } from '../schema/registry.ts';
import type { FieldType } from '../schema/table.ts';
import { validateMetadata } from '../validation/metadata.ts';
import { builtinKinds } from './index.ts';

const WORDS = ['', 'a', 'web', 'A_b', 'x.y', 'TCP', 'Always', 'RollingUpdate', 'Indexed', 'Webhook', 'In', '*', '/tmp', '..', '10.0.0.1', '::1', '10.0.0.0/8', '25%', '0'];
const pick = <T>(random: Random, list: readonly T[]): T => list[random.int(list.length)]!;

/** How many fields are there, by depth: enough for every rule to be met, few enough for objects to stay small. */
const DENSITY = [0.9, 0.5, 0.4] as const;

/** A value of the schema's shape, with what is optional often left out, and odd words in it. */
function value(type: FieldType, random: Random, depth: number): unknown {
  switch (type.kind) {
    case 'enum':
      return random.int(4) === 0 ? 'Odd' : pick(random, enumValues(`${type.pkg}.${type.name}`));
    case 'list':
      return Array.from({ length: random.int(3) }, () => value(type.of, random, depth + 1));
    case 'map':
      return Object.fromEntries(Array.from({ length: random.int(3) }, () => [pick(random, ['a', 'cpu', 'storage', 'a.b/c']), value(type.of, random, depth + 1)]));
    case 'message':
      return depth > 8 ? {} : fields(type.id, random, depth + 1);
    case 'scalar':
      if (type.scalar === 'string') return pick(random, WORDS);
      if (type.scalar === 'bool') return random.int(2) === 0;
      return type.scalar === 'bytes' ? 'eA==' : pick(random, [-1, 0, 1, 80, 100_000]);
    case 'special':
      switch (type.special) {
        case 'Quantity': return pick(random, ['0', '-1', '500m', '1', '2Gi']);
        case 'IntOrString': return pick(random, [0, 1, '25%', 'web']);
        case 'Time': return '2024-01-01T00:00:00Z';
        case 'MicroTime': return '2024-01-01T00:00:00.000000Z';
        case 'Duration': return '5s';
        default: return pick(random, [{}, []]);
      }
  }
}

function fields(id: string, random: Random, depth: number): Record<string, unknown> {
  const entries = [...fieldsOf(id)].filter(() => random.next() < DENSITY[depth % 3]!);
  return Object.fromEntries(entries.map(([name, field]) => [name, value(field.type, random, depth)]));
}

for (const kind of builtinKinds) {
  test(`${kind.kind}: whatever a client sends is answered, not thrown at`, () => {
    const random = seededRandom(7);
    for (let i = 0; i < 150; i++) {
      const converted = pick(random, [undefined, ...(kind.served ?? [])]);
      const version = converted ?? kind.storage;
      let object = { ...fields(version.message, random, 0), apiVersion: apiVersionOf(version), kind: kind.kind, metadata: { name: 'x', uid: 'u' } } as KubeObject;
      try {
        normalize(version.message, object);
      } catch {
        continue;
      }
      if (converted) {
        converted.defaults?.(object);
        object = converted.toStorage(object);
      }
      kind.defaults?.(object);
      const once = structuredClone(object);
      kind.defaults?.(object);
      expect(object).toEqual(once);
      const old = structuredClone(object);
      kind.prepareCreate?.(object, '2024-01-01T00:00:00Z');
      const errors = [...validateMetadata(object, kind), ...(kind.validate?.(object) ?? []), ...(kind.validateCreate?.(object) ?? [])];
      for (const error of errors) expect(error.detail).not.toContain('undefined');
      kind.prepareUpdate?.(object, old);
      kind.validateUpdate?.(object, old);
      kind.prepareStatus?.(object, old, '2024-01-01T00:00:00Z');
      kind.validateStatus?.(object, old);
      kind.warnings?.(object, undefined);
      if (errors.length === 0) for (const column of kind.columns ?? []) expect(column.cell(object, 0)).not.toBeUndefined();
      for (const other of kind.served ?? []) other.fromStorage(object);
    }
  });
}
