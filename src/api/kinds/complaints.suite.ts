import type { FieldError } from '../errors.ts';
import type { Kind } from '../kind.ts';
import { apiVersionOf, type KubeObject } from '../object.ts';
import { validateMetadata, validateMetadataUpdate } from '../validation/metadata.ts';
import { builtinKinds } from './index.ts';

/** What tests of kinds share: an object's way through the server, without the server. */

export function kindNamed(name: string): Kind {
  return builtinKinds.find((kind) => kind.kind === name)!;
}

const printed = (errors: readonly FieldError[]) => errors.map((error) => `${error.field}: ${error.detail}`);

/** The object as a create leaves it: defaulted, named, prepared. */
export function made(kindName: string, fields: object): KubeObject {
  const kind = kindNamed(kindName);
  const object = { apiVersion: apiVersionOf(kind.storage), kind: kindName, metadata: {}, ...structuredClone(fields) } as KubeObject;
  object.metadata = { name: 'x', uid: 'u1', ...(kind.namespaced && { namespace: 'default' }), ...object.metadata };
  kind.defaults?.(object);
  kind.prepareCreate?.(object, '2024-01-01T00:00:00Z');
  return object;
}

/** What a create of these fields is refused for. */
export function refusals(kindName: string, fields: object): string[] {
  const kind = kindNamed(kindName);
  const object = made(kindName, fields);
  return printed([...validateMetadata(object, kind), ...(kind.validate?.(object) ?? []), ...(kind.validateCreate?.(object) ?? [])]);
}

/** What a change of one made object into another is refused for. `change` is given a copy. */
export function updateRefusals<T extends KubeObject>(kindName: string, fields: object, change: (object: T) => void): string[] {
  const kind = kindNamed(kindName);
  const old = made(kindName, fields);
  old.metadata.resourceVersion = '1';
  const next = structuredClone(old) as T;
  change(next);
  kind.defaults?.(next);
  kind.prepareUpdate?.(next, old);
  return printed([...validateMetadataUpdate(next, old, kind), ...(kind.validate?.(next) ?? []), ...(kind.validateUpdate?.(next, old) ?? [])]);
}
