import type { Kind } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Client } from '../../client/client.ts';
import type { UserInfo } from '../user.ts';

/**
 * One rule about what may be written. All `mutate` run first, in the order of the list; then the object is validated; then all `validate` run. A plugin refuses by throwing a
 * StatusError (usually `forbidden`).
 */
export interface AdmissionPlugin {
  readonly name: string;
  /** May change `request.object` in place. */
  mutate?(request: AdmissionRequest): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
}

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly kind: Kind;
  /** Group and plural as the request named them, for error texts. */
  readonly resource: { readonly group: string; readonly version: string; readonly plural: string };
  /** '' for the object itself. */
  readonly subresource: string;
  /** '' for cluster-scoped objects. */
  readonly namespace: string;
  /** '' on create with generateName. */
  readonly name: string;
  /** The object to be written, in storage form; absent for DELETE. For a subresource with a body of its own (eviction, binding, token) that body. */
  readonly object?: KubeObject;
  /** What is stored now, for UPDATE and DELETE. Shared: never changed. */
  readonly oldObject?: KubeObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Reads (and, for plugins that must, writes) as the server itself. */
  readonly client: Client;
  /** Adds a `Warning` header to the answer. */
  warn(text: string): void;
}

/** Runs the mutating phase. */
export async function mutate(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): Promise<void> {
  for (const plugin of plugins) {
    const pending = plugin.mutate?.(request);
    if (pending) await pending;
  }
}

/** Runs the validating phase. */
export async function validate(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): Promise<void> {
  for (const plugin of plugins) {
    const pending = plugin.validate?.(request);
    if (pending) await pending;
  }
}
