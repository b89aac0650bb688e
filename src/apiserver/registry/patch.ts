import { badRequest, conflict, invalid, notFound, unsupportedMediaType } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Entry } from '../../store/store.ts';
import type { Patch } from '../../client/client.ts';
import { copyJson, isObject } from '../../api/json.ts';
import { PatchError } from '../../api/patch/directives.ts';
import { jsonPatch } from '../../api/patch/json.ts';
import { mergePatch } from '../../api/patch/merge.ts';
import { strategicMerge } from '../../api/patch/strategic.ts';
import { findMessage } from '../../api/schema/registry.ts';
import type { Resource } from '../scheme.ts';
import { patchRefusal } from './patch-refusal.ts';
import { timestamp, type Core, type WriteRequest } from './core.ts';
import { intake, warn, type IntakeRules } from './intake.ts';
import { applied } from './managed-fields.ts';
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
    ...(intent.patch.type === 'apply' && { applied: true, createMissing: intent.subresource === '' }),
    next(current) {
      if (intent.patch.type === 'apply') return applyTo(core, request, intent, intent.patch.body, current);
      if (!current) throw notFound(resource, intent.name);
      const after = patched(resource, inVersion(resource, current.object), intent.patch);
      if (!isObject(after)) throw badRequest('the patched object is not an object');
      const object = after as unknown as KubeObject;
      const refuse = patchRefusal(intent.patch, after);
      // A strategic merge is a change of the typed object, whose type stays what it is.
      if (intent.patch.type === 'strategic') Object.assign(object, { apiVersion: resource.apiVersion, kind: resource.kind.kind });
      if (object.apiVersion !== resource.apiVersion || object.kind !== resource.kind.kind) throw refuse('the patch may not change apiVersion or kind');
      if (!isObject(object.metadata)) object.metadata = {};
      return intake(resource, object, { ...intent.rules, refuse });
    },
  });
}

/** The object that server-side apply makes. A field that its type does not have is refused, whatever `fieldValidation` says. */
function applyTo(core: Core, request: WriteRequest, intent: PatchIntent, configuration: object, current: Entry | undefined): KubeObject {
  const { resource } = request;
  const body = checkConfiguration(request, intent, copyJson(configuration) as KubeObject);
  const { uid } = body.metadata ?? {};
  if (!current && uid) throw conflict(resource, intent.name, `uid mismatch: the provided object specified uid ${told(uid)}, and no existing object was found`);
  const object = applied(request, current?.object, body, intent.force, timestamp(core.clock.now()), intent.subresource);
  object.metadata = { ...object.metadata, name: intent.name };
  const { fieldValidation, duplicates, warnings } = intent.rules;
  if (duplicates.length > 0 && fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${duplicates.join(', ')}`);
  if (fieldValidation === 'Warn') warn(duplicates, warnings);
  return intake(resource, object, { ...intent.rules, fieldValidation: 'Ignore' });
}

function checkConfiguration({ resource }: WriteRequest, intent: PatchIntent, body: KubeObject): KubeObject {
  const { kind } = resource.kind;
  const apiVersion = told(body.apiVersion ?? '');
  if (apiVersion !== resource.apiVersion || body.kind !== kind) throw badRequest(`invalid object type: ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${told(body.kind ?? '')}`);
  if (body.metadata !== undefined && !isObject(body.metadata)) throw badRequest('metadata must be an object');
  const name = body.metadata?.name;
  if (name !== undefined && name !== intent.name) throw badRequest(`the name of the object (${told(name)}) does not match the name on the URL (${intent.name})`);
  return body;
}

/** A value that ought to be a string, for an error's text: what a client sends may be anything, and an array of broken objects has no text of its own. */
const told = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Applies a patch to an object of a resource; neither is changed. Throws BadRequest for a patch that means nothing, Invalid for one that does not fit. */
export function patched(resource: Resource, before: KubeObject, patch: Exclude<Patch, { type: 'apply' }>): unknown {
  if (patch.type === 'json') return jsonPatch(before, patch.operations);
  if (patch.type === 'merge') return mergePatch(before, patch.body);
  if (!findMessage(resource.message)) {
    throw unsupportedMediaType('the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml');
  }
  try {
    return strategicMerge(resource.message, before, patch.body);
  } catch (error) {
    throw error instanceof PatchError ? badRequest(error.message) : error;
  }
}
