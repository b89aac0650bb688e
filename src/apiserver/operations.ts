import { StatusError, methodNotSupported, notFound } from '../api/errors.ts';
import { copyJson } from '../api/json.ts';
import { parseApiVersion, type KubeObject } from '../api/object.ts';
import type { Binding } from '../api/types/core.v1.ts';
import type { Status } from '../api/types/meta.v1.ts';
import type { Patch } from '../client/client.ts';
import type { Entry } from '../store/store.ts';
import type { Core, WriteRequest } from './registry/core.ts';
import { create } from './registry/create.ts';
import { alreadyGone, deletedStatus, remove, returnsDeleted, type DeleteParams } from './registry/delete.ts';
import { intake, readFields, type FieldValidation } from './registry/intake.ts';
import { patch } from './registry/patch.ts';
import { get, list } from './registry/read.ts';
import type { ListParams } from './registry/revision.ts';
import type { Selection } from './registry/selection.ts';
import { update } from './registry/update.ts';
import type { Resource } from './scheme.ts';
import { loopback, type UserInfo } from './user.ts';
import { reviews } from './reviews.ts';
import { bind } from './subresources/binding.ts';
import { subresourceOf, type Subresource } from './subresources/index.ts';

/** What a request is about. */
export interface Target {
  readonly resource: Resource;
  /** '' for cluster-scoped resources, and for all namespaces in lists. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** Who makes a write, and how. */
export interface WriteCall {
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean;
  /** Keys that stood twice in the body. */
  readonly duplicates: readonly string[];
  /** Puts complaints about fields in the order of the body. */
  readonly inOrder?: (problems: readonly string[]) => readonly string[];
  /** Texts for the `Warning` header; added to. */
  readonly warnings: string[];
}

/** What comes of a request: a stored entry, or an object that is not stored. */
export type Outcome =
  | { readonly entry: Entry; readonly created?: boolean }
  | { readonly object: KubeObject | Status; readonly status?: number };

/** The verbs, for every way in: HTTP and the in-process client. All reject with StatusError. */
export async function readObject(core: Core, target: Target): Promise<Outcome> {
  if (target.subresource === '' ) return { entry: get(core, target.resource, target.namespace, target.name) };
  const subresource = subresourceOf(target);
  if (!subresource.get) throw methodNotAllowed();
  return subresource.get(core, target);
}

export async function createObject(core: Core, target: Target, object: KubeObject, call: WriteCall): Promise<Outcome> {
  if (target.subresource !== '') {
    const subresource = subresourceOf(target);
    if (!subresource.create) throw methodNotAllowed();
    readBodyFields(subresource, object, call);
    return subresource.create(core, target, object, call);
  }
  const review = reviews.get(`${target.resource.group}/${target.resource.plural}`);
  if (review) {
    readFields(target.resource.message, target.resource.kind.kind, target.resource.version, object, call);
    return { object: review(core.access, object, call.user, target.namespace), status: 201 };
  }
  if (target.resource.plural === 'bindings' && target.resource.group === '') return bindByName(core, target, object, call);
  const entry = await create(core, writeRequest(target, call), intake(target.resource, object, call));
  await core.settled?.(target.resource);
  return { entry, created: true };
}

/** `POST bindings`: the old form of `pods/binding`. */
function bindByName(core: Core, target: Target, object: KubeObject, call: WriteCall): Promise<Outcome> {
  const pods = core.scheme.find('', 'v1', 'pods');
  if (!pods) throw noSuchResource();
  return bind(core, { resource: pods, namespace: target.namespace, name: object.metadata.name ?? '', subresource: 'binding' }, object as Binding, call);
}

function readBodyFields(subresource: Subresource, object: KubeObject, call: WriteCall): void {
  const body = subresource.body?.find(({ apiVersion }) => apiVersion === object.apiVersion);
  if (body) readFields(body.message, body.kind, parseApiVersion(body.apiVersion).version, object, call);
}

export async function updateObject(core: Core, target: Target, object: KubeObject, call: WriteCall): Promise<Outcome> {
  const subresource = target.subresource === '' ? undefined : subresourceOf(target);
  if (subresource?.update) {
    readBodyFields(subresource, object, call);
    return subresource.update(core, target, object, call);
  }
  if (subresource && !subresource.own) throw methodNotAllowed();
  const next = intake(target.resource, object, call);
  const version = next.metadata.resourceVersion;
  return update(core, writeRequest(target, call), {
    name: target.name,
    subresource: target.subresource,
    ...(subresource?.own?.keep && { keep: subresource.own.keep }),
    retry: !version || version === '0',
    createMissing: target.resource.kind.createOnUpdate === true && target.subresource === '',
    // A retry must begin from what the client sent, which the attempt before may have changed.
    next: () => copyJson(next),
  });
}

export async function patchObject(core: Core, target: Target, body: Patch, call: WriteCall): Promise<Outcome> {
  const subresource = target.subresource === '' ? undefined : subresourceOf(target);
  if (subresource?.patch) return subresource.patch(core, target, body, call);
  if (subresource && !subresource.own) throw methodNotAllowed();
  return patch(core, writeRequest(target, call), {
    name: target.name,
    subresource: target.subresource,
    patch: body,
    force: call.force,
    rules: call,
    ...(subresource?.own?.keep && { keep: subresource.own.keep }),
  });
}

/** Resolves with the object when it only is marked, or is of a kind whose deletes show it; else with a Success Status. */
export async function deleteObject(core: Core, target: Target, params: DeleteParams, call: WriteCall): Promise<Outcome> {
  if (target.subresource !== '') throw methodNotAllowed();
  const { entry, gone } = await remove(core, writeRequest(target, call), target.name, params);
  return gone && !returnsDeleted(target.resource) ? { object: deletedStatus(target.resource, entry) } : { entry };
}

/** Deletes what matches; what somebody else deleted meanwhile is no error. Resolves with the page that was deleted. */
export async function deleteCollection(core: Core, target: Target, selected: Selection, listParams: ListParams, params: DeleteParams, call: WriteCall) {
  const page = await list(core, target.resource, target.namespace, selected, listParams);
  for (const entry of page.entries) {
    const request = writeRequest({ ...target, namespace: entry.object.metadata.namespace ?? '' }, call);
    try {
      await remove(core, request, entry.object.metadata.name!, params);
    } catch (error) {
      if (!alreadyGone(error)) throw error;
    }
  }
  return page;
}

/** Deletes every object of a resource, in all namespaces, as the server itself. */
export async function deleteAll(core: Core, resource: Resource): Promise<void> {
  const call: WriteCall = { user: loopback, dryRun: false, fieldManager: loopback.name, fieldValidation: 'Ignore', force: false, duplicates: [], warnings: [] };
  await deleteCollection(core, { resource, namespace: '', name: '', subresource: '' }, {}, {}, {}, call);
}

export function writeRequest(target: Target, call: WriteCall): WriteRequest {
  return { resource: target.resource, namespace: target.namespace, user: call.user, dryRun: call.dryRun, fieldManager: call.fieldManager, warnings: call.warnings };
}

/** 405 as the API's own routes say it. */
export function methodNotAllowed(): StatusError {
  return new StatusError({ ...methodNotSupported({ group: '', plural: '' }, '').status, message: 'the server does not allow this method on the requested resource', details: {} });
}

/** 404 for a path that means nothing inside a known group-version. */
export function noSuchResource(): StatusError {
  return new StatusError({ ...notFound({ group: '', plural: '' }, '').status, message: 'the server could not find the requested resource', details: {} });
}
