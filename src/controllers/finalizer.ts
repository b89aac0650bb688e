import type { KubeObject } from '../api/object.ts';

/** The object with a finalizer more, or one less. */
export function withFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  return { ...object, metadata: { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), finalizer] } };
}

export function withoutFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  return { ...object, metadata: { ...object.metadata, finalizers: (object.metadata.finalizers ?? []).filter((other) => other !== finalizer) } };
}

/** What a finalizer that protects an object needs: to be put on one that was made without it, or to be looked at because the object is to go. */
export function protection({ metadata }: KubeObject, finalizer: string): 'missing' | 'asked to go' | undefined {
  const present = metadata.finalizers?.includes(finalizer) ?? false;
  if (metadata.deletionTimestamp === undefined) return present ? undefined : 'missing';
  return present ? 'asked to go' : undefined;
}
