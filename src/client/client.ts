import type { KubeObject, ObjectList, ResourceType, WatchEvent } from '../api/object.ts';
import type { Status } from '../api/types/meta.v1.ts';

/**
 * A Kubernetes API, typed. Everything above the cluster, and every controller in it, speaks only this; implementations: in process (`apiserver/inprocess.ts`)
 * and over HTTP with a kubeconfig (`client/http.ts`). Both pass `client.suite.ts`.
 *
 * Failures reject with StatusError. Objects that come back are shared and frozen: copy before changing.
 */
export interface Client {
  get<T extends KubeObject>(type: ResourceType<T>, name: string, options?: GetOptions): Promise<T>;
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<ObjectList<T>>;
  /**
   * Streams changes after `options.resourceVersion`. Events come in order, one call each; `closed` is called exactly once at the end (not after `stop()`), with the error when
   * the stream failed. A 410 Expired means: list again.
   */
  watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions, handler: WatchHandler<T>): Watch;
  create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Replaces. With `subresource: 'status'` only status (and what belongs to it) changes. */
  update<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(type: ResourceType<T>, name: string, patch: Patch, options?: PatchOptions): Promise<T>;
  /** Resolves with the object when it is only marked (finalizers, grace), else with a Success Status. */
  delete<T extends KubeObject>(type: ResourceType<T>, name: string, options?: DeleteOptions): Promise<T | Status>;
  deleteCollection<T extends KubeObject>(type: ResourceType<T>, options?: DeleteOptions & ListOptions): Promise<void>;
  /** Anything else a path can do: discovery, logs, `/scale` of an unknown kind, proxies. Resolves with status, headers and the whole body, whatever the status. */
  raw(request: RawRequest): Promise<RawResponse>;
}

export interface GetOptions {
  readonly namespace?: string;
  readonly subresource?: string;
}

export interface ListOptions {
  /** undefined = all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

export interface WatchHandler<T extends KubeObject> {
  event(event: WatchEvent<T>): void;
  closed(error?: Error): void;
}

export interface Watch {
  stop(): void;
}

export interface WriteOptions {
  /** Default: the object's own. */
  readonly namespace?: string;
  /** With `name` on create: `binding`, `eviction`, `token`. */
  readonly subresource?: string;
  /** Only for create on a subresource; otherwise the object's own. */
  readonly name?: string;
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
}

export interface PatchOptions extends WriteOptions {
  /** Server-side apply: take fields from other owners. */
  readonly force?: boolean;
}

export type Patch =
  | { readonly type: 'json'; readonly operations: readonly JsonPatchOperation[] }
  | { readonly type: 'merge'; readonly body: object }
  | { readonly type: 'strategic'; readonly body: object }
  | { readonly type: 'apply'; readonly body: object };

export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

export interface DeleteOptions {
  readonly namespace?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
