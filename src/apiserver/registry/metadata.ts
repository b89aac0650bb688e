import { equalJson, isObject } from '../../api/json.ts';
import type { Kind } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';

/** Whether anything differs that generation counts: all but metadata, status (where it is kept apart), and the version that the object happens to be stored in. */
export function specDiffers(kind: Kind, a: KubeObject, b: KubeObject): boolean {
  return !equalJson(counted(kind, a), counted(kind, b));
}

function counted(kind: Kind, object: KubeObject): unknown {
  const { metadata: _metadata, apiVersion: _version, status, ...rest } = object as KubeObject & { status?: unknown };
  return kind.status ? rest : { ...rest, status };
}

/** Makes sure `metadata` is an object, so that what follows may rely on it. */
export function ensureMetadata(object: KubeObject): void {
  if (!isObject(object.metadata)) object.metadata = {};
}
