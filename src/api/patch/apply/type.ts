import { canonicalQuantity } from '../../../base/quantity.ts';
import { fieldsOf, message } from '../../schema/registry.ts';
import type { Field, FieldType } from '../../schema/table.ts';

/**
 * How server-side apply takes a value apart (structured-merge-diff's schema): `atomic` values are owned as a whole, of the others every part has owners of
 * its own. `deduced` is what nothing is known of: its maps are taken apart, its lists are atomic.
 */
export type ApplyType =
  | { readonly kind: 'scalar'; readonly same?: (a: unknown, b: unknown) => boolean }
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  | { readonly kind: 'list'; readonly keys: readonly ListKey[]; readonly element: () => ApplyType }
  | { readonly kind: 'map'; readonly field: (name: string) => ApplyType | undefined; readonly element: (() => ApplyType) | undefined }
  | { readonly kind: 'deduced' };

export interface ListKey {
  readonly name: string;
  /** Stands for the key where an element leaves it out. */
  readonly default: unknown;
}

export const SCALAR: ApplyType = { kind: 'scalar' };
export const ATOMIC: ApplyType = { kind: 'atomic' };
export const DEDUCED: ApplyType = { kind: 'deduced' };
/** `1000m` and `1` are one value: whoever applies the one does not change the other. */
const QUANTITY: ApplyType = { kind: 'scalar', same: (a, b) => canonical(a) === canonical(b) };
const SET: ApplyType = { kind: 'set' };
/** Any object: its keys are owned one by one, what is below them as a whole. */
const RAW: ApplyType = { kind: 'map', field: () => undefined, element: () => ATOMIC };

const types = new Map<string, ApplyType>();

/** The type of a message of the tables. */
export function applyType(messageId: string): ApplyType {
  let known = types.get(messageId);
  if (!known) {
    types.set(messageId, (known = message(messageId).atomic ? ATOMIC : granular(messageId)));
  }
  return known;
}

function granular(messageId: string): ApplyType {
  const { isKind } = message(messageId);
  const fields = fieldsOf(messageId);
  const field = (name: string): ApplyType | undefined => {
    const found = fields.get(name);
    if (found) return typeOfField(found);
    return isKind && (name === 'apiVersion' || name === 'kind') ? SCALAR : undefined;
  };
  return { kind: 'map', field, element: undefined };
}

const fieldTypes = new WeakMap<Field, ApplyType>();

function typeOfField(field: Field): ApplyType {
  let known = fieldTypes.get(field);
  if (!known) fieldTypes.set(field, (known = buildField(field)));
  return known;
}

function buildField(field: Field): ApplyType {
  if (field.mapAtomic) return ATOMIC;
  return field.mapGranular && field.type.kind === 'message' ? granular(field.type.id) : typeOf(field.type, field);
}

function typeOf(type: FieldType, field?: Field): ApplyType {
  switch (type.kind) {
    case 'scalar': case 'enum': return SCALAR;
    case 'message': return applyType(type.id);
    case 'map': return { kind: 'map', field: () => undefined, element: () => typeOf(type.of) };
    case 'list': {
      if (field?.listType === 'set') return SET;
      if (field?.listType !== 'map' || type.of.kind !== 'message') return ATOMIC;
      const inner = fieldsOf(type.of.id);
      const element = applyType(type.of.id);
      return { kind: 'list', keys: field.listMapKeys.map((name) => ({ name, default: inner.get(name)?.default })), element: () => element };
    }
    case 'special':
      if (type.special === 'Raw' || type.special === 'Fields') return RAW;
      if (type.special === 'Quantity') return QUANTITY;
      return type.special.startsWith('JSON') || type.special === 'ExtraValue' ? ATOMIC : SCALAR;
  }
}

function canonical(value: unknown): unknown {
  try {
    return canonicalQuantity(String(value).trim());
  } catch {
    return value;
  }
}
