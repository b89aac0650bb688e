import { canonicalQuantity } from '../../base/quantity.ts';
import { formatDuration, parseDuration } from '../../base/duration.ts';
import { isObject, put } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { fieldsOf, message } from './registry.ts';
import type { Field, FieldType, Scalar, Special } from './table.ts';
import { canonicalMicroTime, canonicalTime } from './time.ts';

/** A value of the wrong type; the message is the one Go's decoder gives. */
export class DecodeError extends Error {
  /** What stood where another type was wanted; `goType` is the Go type's name, `shape` what it is underneath. */
  readonly mismatch: Mismatch | undefined;

  constructor(text: string, mismatch?: Mismatch) {
    super(text);
    this.name = 'DecodeError';
    this.mismatch = mismatch;
  }
}

export interface Mismatch {
  readonly value: unknown;
  readonly goType: string;
  readonly shape: 'slice' | 'map' | 'struct' | 'string' | 'bool' | 'number';
}

/**
 * Gives an object, in place, the shape it has after Go decoded and encoded it: unknown fields and zero values that Go omits go, structs that are not
 * pointers are there (`status: {}`, `creationTimestamp: null`), quantities, times and durations are canonical. One deviation, so that what the types promise
 * holds: a required list or map that is absent becomes empty, not null. Throws DecodeError.
 */
export function normalize(messageId: string, object: object): void {
  normalizeObject(plan(messageId), object as JsonObject, []);
}

/** Where we are, outermost first, for messages; lists and map keys are not named, as in Go. */
type Path = readonly string[];

interface Context {
  readonly struct: string;
  readonly path: Path;
}

/** A canonical value; undefined stands for the zero value of the type. */
type Normalizer = (value: unknown, context: Context) => unknown;

interface FieldPlan {
  readonly name: string;
  readonly normalizer: Normalizer;
  /** Whether a zero value stays: a Go pointer holds it. */
  readonly keepsZero: boolean;
  /** The value that stands for an explicit zero, and for an absent field when `always`. undefined: it is left out. */
  readonly zero: () => unknown;
  readonly always: boolean;
}

interface Plan {
  readonly struct: string;
  readonly isKind: boolean;
  readonly fields: ReadonlyMap<string, FieldPlan>;
  readonly always: readonly FieldPlan[];
}

const plans = new Map<string, Plan>();

function plan(id: string): Plan {
  let known = plans.get(id);
  if (!known) {
    const fields = new Map([...fieldsOf(id)].map(([name, field]) => [name, fieldPlan(name, field)]));
    const { name, isKind } = message(id);
    plans.set(id, (known = { struct: name, isKind, fields, always: [...fields.values()].filter((f) => f.always) }));
  }
  return known;
}

function fieldPlan(name: string, field: Field): FieldPlan {
  const zero = () => zeroOf(field.type, field.always);
  // Structs have no zero value for `omitempty`: unless behind a pointer they are always written.
  const always = !field.pointer && (field.always || isStruct(field.type));
  return { name, normalizer: normalizerOf(field.type), keepsZero: field.pointer, zero, always };
}

const STRUCTS = new Set<Special>(['Quantity', 'IntOrString', 'Duration', 'Time', 'MicroTime']);

function isStruct(type: FieldType): boolean {
  return type.kind === 'message' || (type.kind === 'special' && STRUCTS.has(type.special));
}

function normalizeObject(known: Plan, object: JsonObject, path: Path): void {
  for (const key of Object.keys(object)) {
    const field = known.fields.get(key);
    if (!field) {
      if (known.isKind && (key === 'apiVersion' || key === 'kind')) object[key] = typeName(object[key], { struct: known.struct, path: [...path, key] });
      else delete object[key];
      continue;
    }
    const value = object[key];
    if (value === null || value === undefined) {
      delete object[key];
      continue;
    }
    const next = field.normalizer(value, { struct: known.struct, path: [...path, key] });
    if (next === undefined && !field.keepsZero && !field.always) delete object[key];
    else if (next === undefined) object[key] = field.zero();
    else if (next !== value) object[key] = next;
  }
  for (const field of known.always) {
    if (Object.hasOwn(object, field.name)) continue;
    const zero = field.zero();
    if (zero !== undefined) object[field.name] = zero;
  }
}

function typeName(value: unknown, context: Context): string {
  return value === null || value === undefined ? '' : typeof value === 'string' ? value : wrong(value, context, STRING);
}

function zeroOf(type: FieldType, always: boolean): unknown {
  switch (type.kind) {
    case 'scalar': return type.scalar === 'string' || type.scalar === 'bytes' ? '' : type.scalar === 'bool' ? false : 0;
    case 'enum': return '';
    case 'list': return [];
    case 'map': return {};
    case 'message': {
      const object: JsonObject = {};
      normalizeObject(plan(type.id), object, []);
      return object;
    }
    case 'special':
      if (type.special === 'Quantity') return '0';
      if (type.special === 'IntOrString') return 0;
      if (type.special === 'Duration') return '0s';
      return always || type.special === 'Time' || type.special === 'MicroTime' ? null : undefined;
  }
}

function normalizerOf(type: FieldType): Normalizer {
  switch (type.kind) {
    case 'scalar': return scalarNormalizer(type.scalar);
    case 'enum': return (value, context) => (typeof value === 'string' ? value || undefined : wrong(value, context, type));
    case 'special': return specialNormalizer(type.special);
    case 'message': return (value, context) => {
      if (!isObject(value)) return wrong(value, context, type);
      normalizeObject(plan(type.id), value, context.path);
      return value;
    };
    case 'list': {
      const element = normalizerOf(type.of);
      return (value, context) => {
        if (!Array.isArray(value)) return wrong(value, context, type);
        for (let i = 0; i < value.length; i++) value[i] = (value[i] === null ? undefined : element(value[i], context)) ?? zeroOf(type.of, true);
        return value.length === 0 ? undefined : value;
      };
    }
    case 'map': {
      const element = normalizerOf(type.of);
      return (value, context) => {
        if (!isObject(value)) return wrong(value, context, type);
        const keys = Object.keys(value);
        for (const key of keys) {
          const before = value[key];
          const next = (before === null ? undefined : element(before, context)) ?? zeroOf(type.of, true);
          if (next !== before) put(value, key, next);
        }
        return keys.length === 0 ? undefined : value;
      };
    }
  }
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = { int32: [-(2 ** 31), 2 ** 31 - 1], int64: [-(2 ** 63), 2 ** 63], uint32: [0, 2 ** 32 - 1], uint64: [0, 2 ** 64] };

function scalarNormalizer(scalar: Scalar): Normalizer {
  const type: FieldType = { kind: 'scalar', scalar };
  switch (scalar) {
    case 'string': return (value, context) => (typeof value === 'string' ? value || undefined : wrong(value, context, type));
    case 'bool': return (value, context) => (typeof value === 'boolean' ? value || undefined : wrong(value, context, type));
    case 'double': return (value, context) => (typeof value === 'number' ? value || undefined : wrong(value, context, type));
    case 'bytes': return (value, context) => (typeof value === 'string' ? checkBase64(value) || undefined : wrong(value, context, type));
    default: {
      const [min, max] = RANGES[scalar]!;
      return (value, context) => {
        if (typeof value !== 'number') return wrong(value, context, type);
        if (!Number.isInteger(value) || value < min || value > max) return wrong(value, context, type, `number ${value}`);
        return value || undefined;
      };
    }
  }
}

function checkBase64(text: string): string {
  const bad = /[^A-Za-z0-9+/=\r\n]/.exec(text);
  if (bad) throw new DecodeError(`illegal base64 data at input byte ${bad.index}`);
  const data = text.replace(/[\r\n]/g, '');
  const shape = /^[A-Za-z0-9+/]*(={0,2})$/.exec(data);
  if (!shape || data.length % 4 !== 0) throw new DecodeError(`illegal base64 data at input byte ${data.length - (data.length % 4 || 4)}`);
  return data;
}

function specialNormalizer(special: Special): Normalizer {
  switch (special) {
    case 'Quantity': return (value, context) => {
      if (typeof value !== 'string' && typeof value !== 'number') throw new DecodeError(`unmarshalerDecoder: ${QUANTITY_FORMAT}, error found in #10 byte of ...|${context.path.at(-1)}|...`);
      return decoded(() => canonicalQuantity(String(value).trim()));
    };
    case 'IntOrString': return (value) => {
      if (typeof value === 'string') return value;
      const [min, max] = RANGES['int32']!;
      if (typeof value !== 'number') throw new DecodeError(`json: cannot unmarshal ${describe(value)} into Go value of type int32`);
      if (!Number.isInteger(value) || value < min || value > max) throw new DecodeError(`json: cannot unmarshal number ${value} into Go value of type int32`);
      return value;
    };
    case 'Time': case 'MicroTime': return (value) => {
      if (typeof value !== 'string') throw new DecodeError(`json: cannot unmarshal ${describe(value)} into Go value of type string`);
      return decoded(() => (special === 'Time' ? canonicalTime(value) : canonicalMicroTime(value)));
    };
    case 'Duration': return (value) => {
      if (typeof value !== 'string') throw new DecodeError(`json: cannot unmarshal ${describe(value)} into Go value of type string`);
      return decoded(() => formatDuration(parseDuration(value)));
    };
    case 'ExtraValue': return normalizerOf({ kind: 'list', of: { kind: 'scalar', scalar: 'string' } });
    case 'JSONSchemaPropsOrArray': return schemaOr((value, context) => (Array.isArray(value) ? value.map((item) => schema(item, context)) : undefined));
    case 'JSONSchemaPropsOrBool': return schemaOr((value) => (typeof value === 'boolean' ? value : undefined));
    case 'JSONSchemaPropsOrStringArray': return schemaOr((value) => (Array.isArray(value) ? value : undefined));
    case 'Raw': case 'JSON': case 'Fields': return (value) => value;
  }
}

const QUANTITY_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const schema = normalizerOf({ kind: 'message', id: 'apiextensions/v1.JSONSchemaProps' });

/** A JSON schema, or what else may stand in its place. */
function schemaOr(other: Normalizer): Normalizer {
  return (value, context) => other(value, context) ?? schema(value, context);
}

function decoded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new DecodeError((error as Error).message);
  }
}

function wrong(value: unknown, { struct, path }: Context, type: FieldType, described = describe(value)): never {
  const name = goType(type);
  throw new DecodeError(`json: cannot unmarshal ${described} into Go struct field ${struct}.${path.join('.')} of type ${name}`, { value, goType: name, shape: shapeOf(type) });
}

const STRING: FieldType = { kind: 'scalar', scalar: 'string' };

function shapeOf(type: FieldType): Mismatch['shape'] {
  switch (type.kind) {
    case 'list': return 'slice';
    case 'map': return 'map';
    case 'message': case 'special': return 'struct';
    case 'enum': return 'string';
    case 'scalar': return type.scalar === 'string' || type.scalar === 'bool' ? type.scalar : type.scalar === 'bytes' ? 'slice' : 'number';
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** How Go names the type of a field. */
function goType(type: FieldType): string {
  switch (type.kind) {
    case 'scalar': return type.scalar === 'double' ? 'float64' : type.scalar === 'bytes' ? '[]uint8' : type.scalar;
    case 'special': return { Quantity: 'resource.Quantity', IntOrString: 'intstr.IntOrString' }[type.special as string] ?? `v1.${type.special}`;
    case 'enum': return `${type.pkg.split('/').at(-1)}.${type.name}`;
    case 'list': return `[]${goType(type.of)}`;
    case 'map': return `map[string]${goType(type.of)}`;
    case 'message': {
      const { pkg, name } = message(type.id);
      return `${pkg.split('/').at(-1)}.${name}`;
    }
  }
}
