import { tables } from './tables/index.ts';
import type { Field, FieldType, Message } from './table.ts';

const messages = new Map<string, Message>();
const enums = new Map<string, readonly string[]>();
for (const table of tables) {
  for (const [name, values] of table.enums) enums.set(`${table.pkg}.${name}`, values);
}
for (const table of tables) {
  for (const message of table.messages) messages.set(message.id, { ...message, fields: message.fields.map(resolveEnums) });
}

function resolveEnums(field: Field): Field {
  return { ...field, type: resolveType(field.type) };
}

function resolveType(type: FieldType): FieldType {
  if (type.kind === 'list' || type.kind === 'map') return { kind: type.kind, of: resolveType(type.of) };
  if (type.kind === 'message' && enums.has(type.id)) {
    const dot = type.id.lastIndexOf('.');
    return { kind: 'enum', pkg: type.id.slice(0, dot), name: type.id.slice(dot + 1) };
  }
  return type;
}

/** The message with this id (`apps/v1.Deployment`), or undefined. */
export function findMessage(id: string): Message | undefined {
  return messages.get(id);
}

/** The message with this id; throws when the table has none, which is a defect of the table. */
export function message(id: string): Message {
  const found = messages.get(id);
  if (!found) throw new Error(`no message ${id} in the schema tables`);
  return found;
}

/** Every message, in table order. */
export function allMessages(): Iterable<Message> {
  return messages.values();
}

/** The values of a closed enum (`core/v1.Protocol`). */
export function enumValues(id: string): readonly string[] {
  return enums.get(id) ?? [];
}

/** Every enum's id and values. */
export function allEnums(): Iterable<[string, readonly string[]]> {
  return enums;
}

const jsonFields = new Map<string, ReadonlyMap<string, Field>>();

/** The fields of a message as JSON shows them: inlined messages are flattened. Keyed by JSON name. */
export function fieldsOf(id: string): ReadonlyMap<string, Field> {
  let known = jsonFields.get(id);
  if (!known) {
    const fields = new Map<string, Field>();
    for (const field of message(id).fields) {
      if (!field.inline) fields.set(field.name, field);
      else if (field.type.kind === 'message') for (const [name, inner] of fieldsOf(field.type.id)) fields.set(name, inner);
    }
    jsonFields.set(id, known = fields);
  }
  return known;
}
