import { StatusError, badRequest } from '../../api/errors.ts';
import { copyJson } from '../../api/json.ts';
import type { Kind } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';
import { QuantityError } from '../../base/quantity.ts';
import { DecodeError, normalize } from '../../api/schema/normalize.ts';
import { findMessage } from '../../api/schema/registry.ts';
import { findUnknown } from '../../api/schema/strict.ts';
import { defaultCustom, pruneCustom } from '../../api/schema/structural.ts';
import type { Resource } from '../scheme.ts';
import { toStored } from './versions.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** How strictly a client's object is read, and where warnings go. */
export interface IntakeRules {
  readonly fieldValidation: FieldValidation;
  /** Keys that stood twice in the body, as `duplicate field "x"`. */
  readonly duplicates: readonly string[];
  readonly warnings: string[];
}

/**
 * Makes a client's object, in the version of the request, the server's: unknown fields refused or dropped, Go's shape, stored version, defaults. Takes ownership of `object`.
 * Throws BadRequest.
 */
export function intake(resource: Resource, object: KubeObject, rules: IntakeRules): KubeObject {
  readResource(resource, object, rules);
  return toStored(resource, object);
}

/** Checks the fields of a resource's own object, by its message or by its custom schema. Throws BadRequest. */
export function readResource(resource: Resource, object: KubeObject, rules: IntakeRules): void {
  const { kind } = resource.kind;
  if (!resource.custom) return readFields(resource.message, kind, resource.version, object, rules);
  const { schema } = resource.custom;
  const context = `${kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${kind}`;
  const unknown = decoding(context, () => pruneCustom(schema, object));
  report(context, [...rules.duplicates, ...unknown], rules);
  defaultCustom(schema, object);
}

/** Checks the fields of an object by its message and gives it Go's shape. Throws BadRequest. */
export function readFields(message: string, kind: string, version: string, object: object, rules: IntakeRules): void {
  if (!findMessage(message)) return;
  const context = `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}`;
  if (rules.fieldValidation !== 'Ignore') report(context, [...rules.duplicates, ...findUnknown(message, object)], rules);
  decoding(context, () => normalize(message, object));
}

function report(context: string, problems: readonly string[], { fieldValidation, warnings }: IntakeRules): void {
  if (fieldValidation === 'Ignore' || problems.length === 0) return;
  if (fieldValidation === 'Strict') throw badRequest(`${context}: strict decoding error: ${problems.join(', ')}`);
  warnings.push(...problems);
}

function decoding<T>(context: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError || error instanceof QuantityError) throw badRequest(`${context}: ${error.message}`);
    if (error instanceof StatusError || !(error instanceof RangeError)) throw error;
    throw badRequest(`${context}: exceeded max depth`);
  }
}

const statuses = new Map<string, unknown>();

/** Takes away what a client says of status; what Go always writes of it stays. */
export function emptyStatus(kind: Kind, object: KubeObject): void {
  const { message } = kind.storage;
  if (!statuses.has(message)) {
    const empty: { status?: unknown } = {};
    if (findMessage(message)) normalize(message, empty);
    statuses.set(message, empty.status);
  }
  const holder = object as KubeObject & { status?: unknown };
  const status = statuses.get(message);
  if (status === undefined) delete holder.status;
  else holder.status = copyJson(status);
}
