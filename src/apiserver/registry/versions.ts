import type { KubeObject } from '../../api/object.ts';
import type { Entry } from '../../store/store.ts';
import { copyJson } from '../../api/json.ts';
import type { Resource } from '../scheme.ts';

const objects = new WeakMap<KubeObject, Map<string, KubeObject>>();
const buffers = new WeakMap<KubeObject, Map<string, Buffer>>();

/** A stored object as this version of its resource shows it; converted once per object and version. Shared: never changed. */
export function inVersion(resource: Resource, stored: KubeObject): KubeObject {
  if (!resource.converted) return stored;
  let known = objects.get(stored);
  if (!known) objects.set(stored, known = new Map());
  let object = known.get(resource.apiVersion);
  if (!object) {
    object = changingInVersion(resource, stored);
    known.set(resource.apiVersion, object);
  }
  return object;
}

/** The same for an object that will still change, and so must not be remembered. */
export function changingInVersion(resource: Resource, object: KubeObject): KubeObject {
  return resource.converted ? named(resource, resource.converted.fromStorage(copyJson(object))) : object;
}

/** The JSON of a stored object in this version; for the stored version the bytes that the store keeps. */
export function encodedIn(resource: Resource, entry: Entry): Buffer {
  if (!resource.converted) return entry.encoded();
  let known = buffers.get(entry.object);
  if (!known) buffers.set(entry.object, known = new Map());
  let bytes = known.get(resource.apiVersion);
  if (!bytes) known.set(resource.apiVersion, bytes = Buffer.from(JSON.stringify(inVersion(resource, entry.object))));
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

function named(resource: Resource, object: KubeObject): KubeObject {
  object.apiVersion = resource.apiVersion;
  object.kind = resource.kind.kind;
  return object;
}
