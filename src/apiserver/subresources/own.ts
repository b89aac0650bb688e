import type { KubeObject } from '../../api/object.ts';
import { copyJson } from '../../api/json.ts';
import { stampConditions } from '../../api/kinds/certificates/conditions.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';
import type { Container, Namespace, Pod } from '../../api/types/core.v1.ts';
import type { Outcome, Target } from '../operations.ts';
import { timestamp, type Core } from '../registry/core.ts';
import { get } from '../registry/read.ts';
import type { Subresource } from './index.ts';

/** Reading such a subresource shows the whole object. */
function readParent(core: Core, target: Target): Outcome {
  return { entry: get(core, target.resource, target.namespace, target.name) };
}

/** Makes the `keep` of a subresource that lets one part of the object through. */
function only<T extends KubeObject>(take: (result: T, next: T, old: T, nowMs: number) => void) {
  return (next: KubeObject, old: KubeObject, nowMs: number): KubeObject => {
    const result = copyJson(old) as T;
    const { managedFields } = next.metadata;
    if (managedFields) result.metadata.managedFields = managedFields;
    take(result, next as T, old as T, nowMs);
    return result;
  };
}

export const status: Subresource = { get: readParent, own: {} };

/** A namespace's spec.finalizers; the last one to go lets the namespace go. */
export const finalize: Subresource = {
  own: {
    keep: only<Namespace>((result, next) => {
      result.spec = { ...result.spec, finalizers: next.spec?.finalizers ?? [] };
      if (result.spec.finalizers!.length === 0) delete result.spec.finalizers;
    }),
  },
};

/** A signing request's conditions; labels and annotations go with them. */
export const approval: Subresource = {
  get: readParent,
  own: {
    keep: only<CertificateSigningRequest>((result, next, old, nowMs) => {
      for (const field of ['labels', 'annotations'] as const) {
        if (next.metadata[field]) result.metadata[field] = next.metadata[field];
        else delete result.metadata[field];
      }
      result.status = { ...result.status, conditions: next.status?.conditions ?? [] };
      stampConditions(result, old, timestamp(nowMs));
    }),
  },
};

/** `kubectl debug`: containers that come to a running pod. */
export const ephemeralContainers: Subresource = {
  get: readParent,
  own: { keep: only<Pod>((result, next) => {
    if (next.spec.ephemeralContainers) result.spec.ephemeralContainers = next.spec.ephemeralContainers;
  }) },
};

/** Containers' resources, in place. */
export const resize: Subresource = {
  get: readParent,
  own: {
    keep: only<Pod>((result, next) => {
      for (const list of ['containers', 'initContainers'] as const) {
        const [had, wanted] = [result.spec[list] ?? [], next.spec[list] ?? []];
        // Others, more, fewer or in another order: taken as they are, for validation to refuse (pkg/registry/core/pod/strategy.go dropNonResizeUpdates).
        if (had.length !== wanted.length || had.some(({ name }, i) => name !== wanted[i]!.name)) result.spec[list] = wanted;
        else had.forEach((container, i) => takeSize(container, wanted[i]!));
      }
    }),
  },
};

function takeSize(container: Container, { resources, resizePolicy }: Container): void {
  if (resources) container.resources = resources;
  else delete container.resources;
  if (resizePolicy) container.resizePolicy = resizePolicy;
  else delete container.resizePolicy;
}
