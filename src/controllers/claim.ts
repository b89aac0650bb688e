import { isReason } from '../api/errors.ts';
import type { KubeObject, ResourceType } from '../api/object.ts';
import type { Client } from '../client/client.ts';
import { unlessGone } from './gone.ts';
import { controllerOf, controllerReference } from './ownership.ts';

/** Who claims, and how what it claims is found. */
export interface Claim<O extends KubeObject, T extends KubeObject> {
  readonly client: Client;
  readonly owner: O;
  readonly ownerType: ResourceType<O>;
  readonly type: ResourceType<T>;
  readonly matches: (object: T) => boolean;
  /** Finalizers that adopting adds and releasing removes. */
  readonly finalizer?: string;
}

/**
 * The objects of `candidates` that the owner controls from now on: those it controls and its selector matches, and matching orphans, which it adopts; what no longer
 * matches is released (controller_ref_manager.go ClaimObject). An owner that is being deleted neither adopts nor releases. Rejects when an adoption or release failed for another
 * reason than that the object is gone.
 */
export async function claim<O extends KubeObject, T extends KubeObject>(by: Claim<O, T>, candidates: Iterable<T>): Promise<T[]> {
  const { owner, matches } = by;
  const claimed: T[] = [];
  const adopt: T[] = [];
  for (const object of candidates) {
    const controller = controllerOf(object);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches(object)) claimed.push(object);
      else if (owner.metadata.deletionTimestamp === undefined) await release(by, object).catch(unlessAnother);
    } else if (owner.metadata.deletionTimestamp === undefined && object.metadata.deletionTimestamp === undefined && matches(object)) adopt.push(object);
  }
  if (adopt.length === 0) return claimed;
  await recheck(by);
  for (const object of adopt) {
    const adopted = await adoptOne(by, object).catch(unlessAnother);
    if (adopted) claimed.push(adopted);
  }
  return claimed;
}

/** Before the first adoption the owner is read again: a cache may not know yet that it is going (RecheckDeletionTimestamp). */
async function recheck<O extends KubeObject, T extends KubeObject>({ client, owner, ownerType }: Claim<O, T>): Promise<void> {
  const { namespace, name = '', uid } = owner.metadata;
  const fresh = await client.get(ownerType, name, { namespace });
  if (fresh.metadata.uid !== uid) throw new Error(`original ${ownerType.kind} ${namespace}/${name} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`);
  if (fresh.metadata.deletionTimestamp !== undefined) throw new Error(`${namespace}/${name} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
}

function adoptOne<O extends KubeObject, T extends KubeObject>({ client, owner, ownerType, type, finalizer }: Claim<O, T>, object: T): Promise<T> {
  const { namespace, name = '', uid } = object.metadata;
  const body = { metadata: { uid, ownerReferences: [controllerReference(owner, ownerType)], ...(finalizer && { finalizers: [finalizer] }) } };
  return client.patch(type, name, { type: 'strategic', body }, { namespace });
}

function release<O extends KubeObject, T extends KubeObject>({ client, owner, type, finalizer }: Claim<O, T>, object: T): Promise<T> {
  const { namespace, name = '', uid } = object.metadata;
  const body = { metadata: { uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }], ...(finalizer && { '$deleteFromPrimitiveList/finalizers': [finalizer] }) } };
  return client.patch(type, name, { type: 'strategic', body }, { namespace });
}

/** Invalid: the UID in the patch is not the object's any more, so another object has its name. */
function unlessAnother(error: unknown): undefined {
  if (!isReason(error, 'Invalid')) unlessGone(error);
}
