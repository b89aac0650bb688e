import type { KubeObject } from '../../api/object.ts';
import type { Patch } from '../../client/client.ts';
import { noSuchResource, type Outcome, type Target, type WriteCall } from '../operations.ts';
import type { Core } from '../registry/core.ts';
import { bindingSubresource } from './binding.ts';
import { evictionSubresource } from './eviction.ts';
import { approval, ephemeralContainers, finalize, resize, status } from './own.ts';
import { scaleSubresource } from './scale.ts';
import { tokenSubresource } from './token.ts';

/** What a subresource can do. Its names are those that kinds declare; streams (log, exec, proxy …) are the HTTP side's. */
export interface Subresource {
  get?(core: Core, target: Target): Outcome | Promise<Outcome>;
  create?(core: Core, target: Target, object: KubeObject, call: WriteCall): Promise<Outcome>;
  update?(core: Core, target: Target, object: KubeObject, call: WriteCall): Promise<Outcome>;
  patch?(core: Core, target: Target, patch: Patch, call: WriteCall): Promise<Outcome>;
  /** Update and patch take the resource's own object and let one part of it through. */
  readonly own?: { readonly keep?: (next: KubeObject, old: KubeObject, nowMs: number) => KubeObject };
  /** The kinds of body that it takes, when it is not the resource's own; the first is meant when the body does not say. */
  readonly body?: readonly { readonly apiVersion: string; readonly kind: string; readonly message: string }[];
}

const declared: Readonly<Record<string, Subresource>> = {
  approval, ephemeralcontainers: ephemeralContainers, finalize, resize, binding: bindingSubresource, eviction: evictionSubresource, token: tokenSubresource,
};

/** The subresource that a request names. Throws NotFound when the kind has none of that name. */
export function subresourceOf({ resource: { kind }, subresource: name }: Target): Subresource {
  if (name === 'status' && kind.status) return status;
  if (name === 'scale' && kind.scale) return scaleSubresource;
  if (Object.hasOwn(declared, name) && kind.subresources?.some((sub) => sub.name === name)) return declared[name]!;
  throw noSuchResource();
}
