import type { ObjectMeta, Status } from './types/meta.v1.ts';

/** What every stored object has. Objects that come from a Client or a Store are shared: copy (`structuredClone`) before changing one. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object whose kind is not known at compile time (a custom resource, a generic controller's target). */
export interface AnyObject extends KubeObject {
  [field: string]: unknown;
}

/** One page of a list. */
export interface ObjectList<T extends KubeObject = KubeObject> {
  apiVersion: string;
  kind: string;
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

/** Names a resource on the wire: enough to build its URL. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** '' for core. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Only carries T for the compiler; never set. */
  readonly object?: T;
}

/** `v1` or `apps/v1`. */
export function apiVersionOf(type: { group: string; version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** `pods` or `deployments.apps`: how Kubernetes prints a resource whatever its version. */
export function groupResource(type: { group: string; plural: string }): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** Splits an apiVersion into group and version. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Only metadata.resourceVersion (and the initial-events-end annotation) mean something. */
  | { readonly type: 'BOOKMARK'; readonly object: T }
  | { readonly type: 'ERROR'; readonly object: Status };
