import type { KubeObject } from '../../api/object.ts';
import type { Patch } from '../../client/client.ts';
import { noSuchResource, type Outcome, type Target, type WriteCall } from '../operations.ts';
import type { Core } from '../registry/core.ts';
import { readParent } from './own.ts';

/** What a subresource can do. */
export interface Subresource {
  get?(core: Core, target: Target): Outcome | Promise<Outcome>;
  create?(core: Core, target: Target, object: KubeObject, call: WriteCall): Promise<Outcome>;
  update?(core: Core, target: Target, object: KubeObject, call: WriteCall): Promise<Outcome>;
  patch?(core: Core, target: Target, patch: Patch, call: WriteCall): Promise<Outcome>;
  /** Update and patch take the resource's own object and let one part of it through. */
  readonly own?: { readonly keep?: (next: KubeObject, old: KubeObject) => KubeObject };
  /** The kind of the body, when it is another. */
  readonly body?: { readonly apiVersion: string; readonly kind: string };
}

const status: Subresource = { get: readParent, own: {} };

/** The subresource that a request names. Throws NotFound when the kind has none of that name. */
export function subresourceOf(target: Target): Subresource {
  const { kind } = target.resource;
  const { subresource: name } = target;
  if (name === 'status' && kind.status) return status;
  throw noSuchResource();
}
