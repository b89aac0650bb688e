import { allEnums, allMessages, findMessage } from './registry.ts';
import type { Field, FieldType, Message } from './table.ts';

const SCALAR = { string: 'string', bool: 'boolean', int32: 'number', int64: 'number', uint32: 'number', uint64: 'number', double: 'number', bytes: 'string' } as const;
const SPECIAL = {
  Quantity: 'string', IntOrString: 'number | string', Time: 'string', MicroTime: 'string', Duration: 'string', Raw: 'unknown', Fields: 'Record<string, unknown>',
  ExtraValue: 'string[]', JSON: 'unknown', JSONSchemaPropsOrArray: 'unknown', JSONSchemaPropsOrBool: 'unknown', JSONSchemaPropsOrStringArray: 'unknown',
} as const;

const fileOf = (pkg: string) => `${pkg.replace('/', '.')}.ts`;
const namespaceOf = (pkg: string) => pkg.replace(/\W(\w)/g, (_, c: string) => c.toUpperCase());

/** The TypeScript interfaces of every message, a file a group-version: `[file name, text]`. Times and quantities are the strings of their JSON form. */
export function generateTypes(): Map<string, string> {
  const byPackage = new Map<string, Message[]>();
  for (const message of allMessages()) byPackage.set(message.pkg, [...(byPackage.get(message.pkg) ?? []), message]);
  const files = new Map<string, string>();
  for (const [pkg, messages] of byPackage) {
    const foreign = new Set<string>();
    const body = messages.map((m) => renderMessage(m, foreign)).join('\n');
    const unions = [...allEnums()].filter(([id]) => id.startsWith(`${pkg}.`)).map(([id, values]) => `export type ${id.slice(pkg.length + 1)} = ${values.map((v) => `'${v}'`).join(' | ')};\n`).join('');
    const imports = [...foreign].sort().map((p) => `import type * as ${namespaceOf(p)} from './${fileOf(p)}';\n`).join('');
    files.set(fileOf(pkg), `// Generated from src/api/schema/tables by \`npm run generate\`. Do not edit.\n${imports}\n${unions}${unions && '\n'}${body}`);
  }
  return files;
}

function renderMessage(message: Message, foreign: Set<string>): string {
  const inlined = message.fields.filter((f) => f.inline).map((f) => renderType(f.type, message.pkg, foreign));
  const lines = message.fields.filter((f) => !f.inline).map((f) => {
    const doc = f.doc ? `  /** ${f.doc} */\n` : '';
    return `${doc}  ${/^[a-zA-Z_$]\w*$/.test(f.name) ? f.name : `'${f.name}'`}${isRequired(f) ? '' : '?'}: ${renderType(f.type, message.pkg, foreign)}${isZeroTime(f) ? ' | null' : ''};`;
  });
  // A kind's apiVersion and kind are plain strings: old versions are converted in place.
  if (message.isKind) lines.unshift('  apiVersion: string;', '  kind: string;');
  const heritage = inlined.length > 0 ? ` extends ${inlined.join(', ')}` : '';
  return `${message.doc ? `/** ${message.doc} */\n` : ''}export interface ${message.name}${heritage} {\n${lines.join('\n')}\n}\n`;
}

/** `metadata` of a kind and every `spec` that is not a pointer are always there once the server has seen the object. */
function isRequired(field: Field): boolean {
  const structure = field.type.kind === 'message' && !field.pointer;
  return field.required || (structure && field.name === 'spec') || (field.type.kind === 'message' && field.type.id === 'meta/v1.ObjectMeta' && field.name === 'metadata');
}

/** A time that is no pointer is written as null until it is set; one that an object must have is there once the object is valid. */
const isZeroTime = (field: Field) => field.type.kind === 'special' && (field.type.special === 'Time' || field.type.special === 'MicroTime') && !field.pointer && !field.required;

function renderType(type: FieldType, pkg: string, foreign: Set<string>): string {
  switch (type.kind) {
    case 'scalar': return SCALAR[type.scalar];
    case 'special': return SPECIAL[type.special];
    case 'enum': return qualified(type.pkg, type.name, pkg, foreign);
    case 'list': { const of = renderType(type.of, pkg, foreign); return of.includes(' ') ? `(${of})[]` : `${of}[]`; }
    case 'map': return `Record<string, ${renderType(type.of, pkg, foreign)}>`;
    case 'message': {
      const found = findMessage(type.id);
      if (!found) throw new Error(`the schema tables refer to ${type.id}, which they do not define`);
      return qualified(found.pkg, found.name, pkg, foreign);
    }
  }
}

function qualified(from: string, name: string, pkg: string, foreign: Set<string>): string {
  if (from === pkg) return name;
  foreign.add(from);
  return `${namespaceOf(from)}.${name}`;
}
