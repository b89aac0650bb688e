import { equalJson, isObject } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';

/** Whether anything but metadata and status differs: what generation counts. */
export function specDiffers(a: KubeObject, b: KubeObject): boolean {
  return !equalJson(withoutMetaAndStatus(a), withoutMetaAndStatus(b));
}

function withoutMetaAndStatus(object: KubeObject): unknown {
  const { metadata: _metadata, status: _status, ...rest } = object as KubeObject & { status?: unknown };
  return rest;
}

/** Makes sure `metadata` is an object, so that what follows may rely on it. */
export function ensureMetadata(object: KubeObject): void {
  if (!isObject(object.metadata)) object.metadata = {};
}
