import { findMessage, fieldsOf } from '../schema/registry.ts';
import type { Field, FieldType } from '../schema/table.ts';

/** The words of strategic merge patches (apimachinery pkg/util/strategicpatch). */
export const PATCH = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const DELETE_FROM = '$deleteFromPrimitiveList/';
export const ELEMENT_ORDER = '$setElementOrder/';

/** A strategic merge patch that cannot be used; the message is upstream's. The server answers it with 400 (422 for a missing merge key). */
export class PatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PatchError';
  }
}

/** How one field is patched, and how what is inside it is. */
export interface PatchRule {
  readonly strategy: '' | 'merge' | 'replace';
  /** '' for lists of scalars and for maps. */
  readonly mergeKey: string;
  readonly retainKeys: boolean;
  /** For a list: the schema of its elements. */
  readonly inner: PatchSchema;
}

/** What a strategic merge needs to know of a type. */
export interface PatchSchema {
  /** Throws PatchError when there is no such field. */
  rule(key: string): PatchRule;
}

const rules = new WeakMap<Field, PatchRule>();

/** The patch schema of a message of the tables. */
export function patchSchema(messageId: string): PatchSchema {
  return schemaOf({ kind: 'message', id: messageId });
}

function schemaOf(type: FieldType): PatchSchema {
  return { rule: (key) => ruleOf(type, key) };
}

function ruleOf(type: FieldType, key: string): PatchRule {
  if (type.kind !== 'message') throw new PatchError(`merging an object in json but data type is not struct, instead is: ${type.kind === 'list' ? 'slice' : type.kind}`);
  const field = fieldsOf(type.id).get(key);
  if (!field) throw new PatchError(`unable to find api field in struct ${findMessage(type.id)?.name} for the json field ${JSON.stringify(key)}`);
  let rule = rules.get(field);
  if (!rule) {
    const { merge, mergeKey, replace, retainKeys } = field.patch;
    rule = { strategy: replace ? 'replace' : merge ? 'merge' : '', mergeKey: mergeKey ?? '', retainKeys, inner: schemaOf(field.type.kind === 'list' ? field.type.of : field.type) };
    rules.set(field, rule);
  }
  return rule;
}
