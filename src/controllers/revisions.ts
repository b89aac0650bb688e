import { isReason } from '../api/errors.ts';
import { ControllerRevisions } from '../api/kinds/apps/controller-revision.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../api/object.ts';
import type { ControllerRevision } from '../api/types/apps.v1.ts';
import type { PodTemplateSpec } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import { canonical } from './canonical.ts';
import { byCreation } from './names.ts';
import { controllerReference } from './ownership.ts';
import { hashText } from './template.ts';

/** On pods: the revision they are made of. DaemonSets put it on their ControllerRevisions too. */
export const REVISION_LABEL = 'controller-revision-hash';
/** On the ControllerRevisions of StatefulSets. */
export const HASH_LABEL = 'controller.kubernetes.io/hash';

/** Lowest revision first. */
export function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision || byCreation(a, b);
}

/** What a ControllerRevision of a StatefulSet or DaemonSet holds: the template, as a strategic merge patch. Byte for byte what upstream's controllers write: clients compare it with the template they have. */
export function revisionData(template: PodTemplateSpec): { readonly spec: { readonly template: object } } {
  return { spec: { template: sorted({ ...template, $patch: 'replace' }) as object } };
}

/** The same with its keys in order, as Go writes maps. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}

/** The template that a revision holds. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = (revision.data as { spec: { template: PodTemplateSpec & { $patch?: string } } }).spec.template;
  return template;
}

const texts = new WeakMap<object, string>();

/** The canonical text of what a revision holds, kept per object. */
function textOf(data: object): string {
  let text = texts.get(data);
  if (text === undefined) texts.set(data, text = canonical(data));
  return text;
}

/** Whose template is kept, and the label that carries the hash of it. */
export interface RevisionOwner<O extends KubeObject> {
  readonly owner: O;
  readonly ownerType: ResourceType<O>;
  readonly template: PodTemplateSpec;
  readonly hashLabel: string;
}

export interface UpdateRevision {
  readonly revision: ControllerRevision;
  readonly collisionCount: number;
}

/**
 * The revision that holds the owner's present template: an existing one (made the newest, when it is an older one that is rolled back to), else a new one. Its name is a
 * hash of what it holds (pkg/controller/history, stateful_set_control.go getStatefulSetRevisions). `revisions` are the owner's, lowest first.
 */
export async function updateRevision<O extends KubeObject>(client: Client, { owner, ownerType, template, hashLabel }: RevisionOwner<O>, revisions: readonly ControllerRevision[], collisions: number): Promise<UpdateRevision> {
  const data = revisionData(template);
  const text = canonical(data);
  const newest = revisions.at(-1);
  const equal = revisions.filter((revision) => textOf(revision.data as object) === text).at(-1);
  const next = (newest?.revision ?? 0) + 1;
  if (equal && equal === newest) return { revision: newest, collisionCount: collisions };
  if (equal) return { revision: await client.update(ControllerRevisions, { ...equal, revision: next }), collisionCount: collisions };
  for (let collisionCount = collisions; ; collisionCount++) {
    const hash = hashText(`${text}${collisionCount}`);
    const wanted: ControllerRevision = {
      apiVersion: apiVersionOf(ControllerRevisions),
      kind: ControllerRevisions.kind,
      metadata: {
        name: `${(owner.metadata.name ?? '').slice(0, 223)}-${hash}`,
        namespace: owner.metadata.namespace,
        labels: { ...template.metadata?.labels, [hashLabel]: hash },
        ...(owner.metadata.annotations && { annotations: { ...owner.metadata.annotations } }),
        ownerReferences: [controllerReference(owner, ownerType)],
      },
      data,
      revision: next,
    };
    try {
      return { revision: await client.create(ControllerRevisions, wanted), collisionCount };
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error;
      const existing = await client.get(ControllerRevisions, wanted.metadata.name ?? '', { namespace: owner.metadata.namespace });
      if (canonical(existing.data) === text) return { revision: existing, collisionCount };
    }
  }
}

/** Deletes the lowest of the revisions that nothing uses, beyond `limit`. */
export async function truncateRevisions(client: Client, revisions: readonly ControllerRevision[], inUse: (revision: ControllerRevision) => boolean, limit: number): Promise<void> {
  const unused = revisions.filter((revision) => !inUse(revision));
  for (const revision of unused.slice(0, Math.max(0, unused.length - limit))) {
    await client.delete(ControllerRevisions, revision.metadata.name ?? '', { namespace: revision.metadata.namespace });
  }
}
