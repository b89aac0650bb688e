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
  /** Puts complaints about fields in the order of the body. */
  readonly inOrder?: (problems: readonly string[]) => readonly string[];
  readonly warnings: string[];
  /** What refuses an object that cannot be read; default: a BadRequest in the words of upstream's decoder. */
  readonly refuse?: (problem: string, error?: DecodeError) => StatusError;
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
function readResource(resource: Resource, object: KubeObject, rules: IntakeRules): void {
  const { kind } = resource.kind;
  if (!resource.custom) return readFields(resource.message, kind, resource.version, object, rules);
  const { schema } = resource.custom;
  const refuse = refusal(kind, resource.version, rules);
  const unknown = decoding(refuse, () => pruneCustom(schema, object));
  report(refuse, [...rules.duplicates, ...unknown], rules);
  defaultCustom(schema, object);
}

/** Checks the fields of an object by its message and gives it Go's shape. Throws BadRequest. */
export function readFields(message: string, kind: string, version: string, object: object, rules: IntakeRules): void {
  if (!findMessage(message)) return;
  const refuse = refusal(kind, version, rules);
  const unknown = rules.fieldValidation === 'Ignore' ? [] : findUnknown(message, object);
  decoding(refuse, () => normalize(message, object));
  const problems = [...rules.duplicates, ...unknown];
  report(refuse, problems.length > 1 && rules.inOrder ? rules.inOrder(problems) : problems, rules);
}

type Refuse = NonNullable<IntakeRules['refuse']>;

const refusal = (kind: string, version: string, { refuse }: IntakeRules): Refuse =>
  refuse ?? ((problem) => badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${problem}`));

function report(refuse: Refuse, problems: readonly string[], { fieldValidation, warnings }: IntakeRules): void {
  if (fieldValidation === 'Ignore' || problems.length === 0) return;
  if (fieldValidation === 'Strict') throw refuse(`strict decoding error: ${problems.join(', ')}`);
  warn(problems, warnings);
}

/** Adds what strict reading would refuse to the warnings; of a YAML reader's complaint only where and what (endpoints/handlers/rest.go addStrictDecodingWarnings). */
export function warn(problems: readonly string[], warnings: string[]): void {
  for (const text of problems.map((problem) => problem.replace(/^.*yaml: unmarshal errors:\s*/s, ''))) if (!warnings.includes(text)) warnings.push(text);
}

function decoding<T>(refuse: Refuse, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message, error);
    if (error instanceof QuantityError) throw refuse(error.message);
    if (error instanceof StatusError || !(error instanceof RangeError)) throw error;
    throw refuse('exceeded max depth');
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
