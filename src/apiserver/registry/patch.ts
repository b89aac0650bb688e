import { badRequest, invalid, notFound } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Entry } from '../../store/store.ts';
import type { Patch } from '../../client/client.ts';
import { copyJson, isRecord } from '../json.ts';
import type { Core, WriteRequest } from './core.ts';
import { intake, type IntakeRules } from './intake.ts';
import { update, type Change } from './update.ts';
import { inVersion } from './versions.ts';

export interface PatchIntent {
  readonly name: string;
  readonly subresource: string;
  readonly patch: Patch;
  readonly force: boolean;
  readonly rules: IntakeRules;
  readonly keep?: Change['keep'];
}

/** Changes an object by a patch, in the version that the request names. Lost races are tried again, unless the patch itself names a resourceVersion. */
export async function patch(core: Core, request: WriteRequest, intent: PatchIntent): Promise<{ entry: Entry; created: boolean }> {
  const { resource } = request;
  if (intent.patch.type === 'apply' && !request.fieldManager) {
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [{ type: 'FieldValueRequired', field: 'fieldManager', detail: 'Required value: is required for apply patch' }]);
  }
  const pinned = 'body' in intent.patch && typeof (intent.patch.body as { metadata?: { resourceVersion?: unknown } }).metadata?.resourceVersion === 'string';
  return update(core, request, {
    name: intent.name,
    subresource: intent.subresource,
    ...(intent.keep && { keep: intent.keep }),
    retry: !pinned,
    patch: true,
    next(current) {
      if (!current) throw notFound(resource, intent.name);
      const before = copyJson(inVersion(resource, current.object));
      const after = apply(intent.patch, before);
      if (!isRecord(after)) throw badRequest('the patched object is not an object');
      const object = after as unknown as KubeObject;
      if (object.apiVersion !== resource.apiVersion || object.kind !== resource.kind.kind) throw badRequest('the patch may not change apiVersion or kind');
      if (!isRecord(object.metadata)) object.metadata = {};
      return intake(resource, object, intent.rules);
    },
  });
}

function apply(patch: Patch, before: KubeObject): unknown {
  if (patch.type === 'merge' || patch.type === 'strategic' || patch.type === 'apply') return merge(before, patch.body);
  throw badRequest('JSON patch is not served yet');
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue;
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}
