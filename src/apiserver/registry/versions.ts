import type { KubeObject } from '../../api/object.ts';
import type { Entry } from '../../store/store.ts';
import { copyJson, equalJson } from '../../api/json.ts';
import { defaultCustom, pruneCustom } from '../../api/schema/structural.ts';
import type { Resource } from '../scheme.ts';

const objects = new WeakMap<KubeObject, WeakMap<Resource, KubeObject>>();
const buffers = new WeakMap<KubeObject, WeakMap<Resource, Buffer>>();

/** A stored object as this version of its resource shows it; converted once per object and version. The stored object itself when both are one. Shared: never changed. */
export function inVersion(resource: Resource, stored: KubeObject): KubeObject {
  if (!resource.converted && !resource.custom) return stored;
  let known = objects.get(stored);
  if (!known) objects.set(stored, known = new WeakMap());
  let object = known.get(resource);
  if (!object) {
    object = changingInVersion(resource, stored);
    known.set(resource, object);
  }
  return object;
}

/** The same for an object that will still change, and so must not be remembered. */
export function changingInVersion(resource: Resource, object: KubeObject): KubeObject {
  if (resource.custom) return customInVersion(resource, object);
  return resource.converted ? named(resource, resource.converted.fromStorage(copyJson(object))) : object;
}

/** The JSON of a stored object in this version; for the stored version the bytes that the store keeps. */
export function encodedIn(resource: Resource, entry: Entry): Buffer {
  const object = inVersion(resource, entry.object);
  if (object === entry.object) return entry.encoded();
  let known = buffers.get(entry.object);
  if (!known) buffers.set(entry.object, known = new WeakMap());
  let bytes = known.get(resource);
  if (!bytes) known.set(resource, bytes = Buffer.from(JSON.stringify(object)));
  return bytes;
}

/** A client's object in stored form with the defaults of both versions. Takes ownership of `object`. */
export function toStored(resource: Resource, object: KubeObject): KubeObject {
  let stored = object;
  if (resource.converted) {
    resource.converted.defaults?.(object);
    stored = resource.converted.toStorage(object);
    const { storage } = resource.kind;
    stored.apiVersion = storage.group === '' ? storage.version : `${storage.group}/${storage.version}`;
  } else stored.apiVersion = resource.apiVersion;
  stored.kind = resource.kind.kind;
  resource.kind.defaults?.(stored);
  return stored;
}

/** What was stored under another version or an older schema is read by the one of today: without what it does not know, with its defaults. */
function customInVersion(resource: Resource, object: KubeObject): KubeObject {
  const copy = copyJson(object);
  const next = named(resource, resource.converted ? resource.converted.fromStorage(copy) : copy);
  pruneCustom(resource.custom!.schema, next);
  defaultCustom(resource.custom!.schema, next);
  return equalJson(next, object) ? object : next;
}

function named(resource: Resource, object: KubeObject): KubeObject {
  object.apiVersion = resource.apiVersion;
  object.kind = resource.kind.kind;
  return object;
}
