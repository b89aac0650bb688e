import { parseDuration } from '../../../base/duration.ts';
import { isObject } from '../../json.ts';
import { schemaOfKey, type StructuralSchema } from '../structural.ts';
import { compileExpression } from './environment.ts';

/** A JSON value as CEL sees it by its schema: integers as int, objects as maps of the names that rules write. */
export function celValue(schema: StructuralSchema | true | undefined, value: unknown): unknown {
  const known = schema === true ? undefined : schema;
  if (typeof value === 'number') return known?.type === 'number' || !Number.isInteger(value) ? value : BigInt(value);
  if (typeof value === 'string') return textValue(known?.format, value);
  if (Array.isArray(value)) return value.map((item) => celValue(known?.items, item));
  if (!isObject(value)) return value;
  // A Map has no prototype to stumble over.
  return new Map(Object.keys(value).map((key) => [known?.properties && Object.hasOwn(known.properties, key) ? escaped(key) : key, celValue(known && schemaOfKey(known, key), value[key])]));
}

function textValue(format: string | undefined, text: string): unknown {
  if ((format === 'date-time' || format === 'date') && !Number.isNaN(Date.parse(text))) return new Date(Date.parse(text));
  if (format === 'duration') return duration(text);
  return format === 'byte' ? new Uint8Array(Buffer.from(text, 'base64')) : text;
}

/** The engine's own kind of duration. */
function duration(text: string): unknown {
  const make = compileExpression('duration(self)');
  if (make instanceof Error) throw make;
  return make.evaluate({ self: `${parseDuration(text)}ms`, oldSelf: undefined });
}

const RESERVED = new Set(['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while']);
const ESCAPES: readonly (readonly [string, string])[] = [['__', '__underscores__'], ['.', '__dot__'], ['-', '__dash__'], ['/', '__slash__']];

/** A property's name as rules write it (apiserver pkg/cel/escaping.go). */
export function escaped(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return ESCAPES.reduce((text, [from, to]) => text.replaceAll(from, to), name);
}
