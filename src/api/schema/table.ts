/**
 * The schema of the built-in API, written once. Each table is text: messages, their fields with protobuf number, name, type and flags. OpenAPI,
 * strict decoding, the protobuf codec, strategic merge, server-side apply, `kubectl explain` and the TypeScript types are all derived from it.
 *
 *     Name [kind] [atomic]          a message; `kind` = has apiVersion and kind; `atomic` = server-side apply owns it as a whole
 *       NUMBER NAME TYPE [flags] [# doc]
 *
 * NUMBER is 0 for a field that has no protobuf form. NAME `*` inlines the message in JSON (it stays nested in protobuf). TYPE: `?` before it = a Go
 * pointer (a zero value is kept), `[]T` list, `{T}` map from string, `T` a scalar, a special (below), an enum, or a message (`group/version.Name` when foreign).
 * Flags: `!` required · `!~` required but dropped when zero · `=` written even when zero · `atomic` `set` `map(keys)` list types · `atomicMap` ·
 * `granularMap` (the message is atomic, but not here) ·
 * `merge` `merge(key)` `retainKeys` `replace` strategic-merge · `default=JSON`.
 */
export interface Message {
  /** `apps/v1` */
  readonly pkg: string;
  readonly name: string;
  /** `apps/v1.Deployment`: unique. */
  readonly id: string;
  readonly isKind: boolean;
  readonly atomic: boolean;
  readonly doc: string;
  readonly fields: readonly Field[];
}

export interface Field {
  readonly number: number;
  /** JSON name; '' when inlined. */
  readonly name: string;
  readonly inline: boolean;
  readonly type: FieldType;
  readonly pointer: boolean;
  readonly required: boolean;
  /** Written even when it holds the zero value (Go without omitempty). */
  readonly always: boolean;
  readonly listType: 'atomic' | 'set' | 'map' | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapAtomic: boolean;
  /** Server-side apply owns the fields of this atomic message one by one here. */
  readonly mapGranular: boolean;
  readonly patch: { readonly merge: boolean; readonly mergeKey: string | undefined; readonly retainKeys: boolean; readonly replace: boolean };
  readonly default: unknown;
  readonly doc: string;
}

export type FieldType =
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'special'; readonly special: Special }
  | { readonly kind: 'enum'; readonly pkg: string; readonly name: string }
  | { readonly kind: 'message'; readonly id: string }
  | { readonly kind: 'list'; readonly of: FieldType }
  | { readonly kind: 'map'; readonly of: FieldType };

export const SCALARS = ['string', 'bool', 'int32', 'int64', 'uint32', 'uint64', 'double', 'bytes'] as const;
export type Scalar = (typeof SCALARS)[number];

/** Types whose JSON form is not their message form. */
const SPECIALS = [
  'Quantity', 'IntOrString', 'Time', 'MicroTime', 'Duration', 'Raw', 'Fields', 'ExtraValue',
  'JSON', 'JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray',
] as const;
export type Special = (typeof SPECIALS)[number];

/** One parsed table: the messages and enums of (a part of) a group-version. */
export interface Table {
  readonly pkg: string;
  readonly messages: readonly Message[];
  readonly enums: ReadonlyMap<string, readonly string[]>;
}

/** Parses a table. Enum names are resolved by the registry, so a type that is neither scalar nor special is first read as a message. */
export function table(pkg: string, text: string): Table {
  const messages: Message[] = [];
  const enums = new Map<string, string[]>();
  let fields: Field[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [body = '', ...docs] = line.split(' # ');
    const doc = docs.join(' # ').trim();
    const words = body.trim().split(/\s+/);
    if (line.startsWith('  ')) {
      fields.push(parseField(pkg, words, doc));
    } else if (words[0] === 'enum') {
      enums.set(words[1]!, words.slice(2).map((word) => (word === '""' ? '' : word)));
    } else {
      fields = [];
      const name = words[0]!;
      messages.push({ pkg, name, id: `${pkg}.${name}`, isKind: words.includes('kind'), atomic: words.includes('atomic'), doc, fields });
    }
  }
  return { pkg, messages, enums };
}

function parseField(pkg: string, words: readonly string[], doc: string): Field {
  const [number = '', name = '', rawType = '', ...flags] = words;
  const pointer = rawType.startsWith('?');
  const flag = (prefix: string) => flags.find((f) => f === prefix || f.startsWith(`${prefix}(`));
  const args = (f: string | undefined) => f?.match(/\((.*)\)/)?.[1]?.split(',') ?? [];
  const map = flag('map');
  const merge = flag('merge');
  const fallback = flags.find((f) => f.startsWith('default='));
  return {
    number: Number(number),
    name: name === '*' ? '' : name,
    inline: name === '*',
    type: parseType(pkg, pointer ? rawType.slice(1) : rawType),
    pointer,
    required: flags.includes('!') || flags.includes('!~'),
    always: flags.includes('!') || flags.includes('='),
    listType: map ? 'map' : flags.includes('set') ? 'set' : flags.includes('atomic') ? 'atomic' : undefined,
    listMapKeys: args(map),
    mapAtomic: flags.includes('atomicMap'),
    mapGranular: flags.includes('granularMap'),
    patch: { merge: merge !== undefined, mergeKey: args(merge)[0], retainKeys: flags.includes('retainKeys'), replace: flags.includes('replace') },
    default: fallback === undefined ? undefined : JSON.parse(fallback.slice('default='.length)),
    doc,
  };
}

function parseType(pkg: string, text: string): FieldType {
  if (text.startsWith('[]')) return { kind: 'list', of: parseType(pkg, text.slice(2)) };
  if (text.startsWith('{')) return { kind: 'map', of: parseType(pkg, text.slice(1, -1)) };
  if (text.startsWith('?')) return parseType(pkg, text.slice(1));
  const scalar = SCALARS.find((s) => s === text);
  if (scalar) return { kind: 'scalar', scalar };
  const special = SPECIALS.find((s) => s === text);
  if (special) return { kind: 'special', special };
  return { kind: 'message', id: text.includes('/') ? text : `${pkg}.${text}` };
}
