import { StatusError, badRequest } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import { applyServerSide, trackUpdate } from '../../api/patch/apply/apply.ts';
import { DEDUCED } from '../../api/patch/apply/type.ts';
import { applyTypeOf } from '../../api/schema/structural.ts';
import { findMessage } from '../../api/schema/registry.ts';
import type { Resource } from '../scheme.ts';
import type { WriteRequest } from './core.ts';
import { changingInVersion, inVersion } from './versions.ts';

const schemaOf = (resource: Resource) => (resource.custom ? applyTypeOf(resource.custom.schema) : findMessage(resource.message) ? resource.message : DEDUCED);

/** What a request cannot change, and so nobody owns through it: status on the object itself, everything else through `/status`. */
function resetFields(resource: Resource, subresource: string, object: KubeObject): readonly string[] {
  if (subresource === 'status') return Object.keys(object).filter((key) => key !== 'status' && key !== 'metadata');
  return resource.kind.status ? ['status'] : [];
}

/** Sets the managedFields of an object that is about to be created or changed: every changed field moves to the request's manager. Both objects are in stored form. */
export function claimFields(request: WriteRequest, next: KubeObject, old: KubeObject | undefined, now: string, subresource: string): void {
  const { resource } = request;
  // Ownership is told in the version that the request speaks.
  const tracked = trackUpdate({
    messageId: schemaOf(resource), live: old && inVersion(resource, old), next: changingInVersion(resource, next), operation: 'Update', manager: request.fieldManager,
    apiVersion: resource.apiVersion, subresource, now, reset: resetFields(resource, subresource, next),
  });
  if (tracked.metadata.managedFields) next.metadata.managedFields = tracked.metadata.managedFields;
  else delete next.metadata.managedFields;
}

/** Server-side apply, in the version of the request; `live` is undefined when there is no object yet. Throws Conflict, or BadRequest. */
export function applied(request: WriteRequest, live: KubeObject | undefined, body: object, force: boolean, now: string, subresource: string): KubeObject {
  const { resource } = request;
  return applyOrRefuse({
    messageId: schemaOf(resource), live: live && inVersion(resource, live), applied: body, force, manager: request.fieldManager, apiVersion: resource.apiVersion, subresource, now,
    reset: resetFields(resource, subresource, live ?? (body as KubeObject)),
  });
}

/** Server-side apply. Upstream answers 500 to a configuration that does not fit the schema; it is the client's mistake all the same. Throws Conflict, or BadRequest. */
export function applyOrRefuse(request: Parameters<typeof applyServerSide>[0]): KubeObject {
  try {
    return applyServerSide(request);
  } catch (error) {
    throw error instanceof StatusError && error.code === 500 ? badRequest(error.message) : error;
  }
}
