import { apiVersionOf, type KubeObject, type ResourceType } from '../api/object.ts';
import type { OwnerReference } from '../api/types/meta.v1.ts';
import type { SharedInformer } from '../client/index.ts';

/** The owner that controls an object, if one does. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The reference a controller puts on what it makes. */
export function controllerReference(owner: KubeObject, type: ResourceType): OwnerReference {
  return { apiVersion: apiVersionOf(type), kind: type.kind, name: owner.metadata.name ?? '', uid: owner.metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

/** Objects by the UID of their controller, and those without one by namespace; so that no reconcile looks at what is not its own. */
export interface OwnershipIndex<T extends KubeObject> {
  ownedBy(uid: string): readonly T[];
  orphans(namespace: string): readonly T[];
}

const CONTROLLER = 'controller';

function controllerKey(object: KubeObject): readonly string[] {
  const owner = controllerOf(object);
  return [owner ? `uid:${owner.uid}` : `orphan:${object.metadata.namespace ?? ''}`];
}

/** The ownership index of an informer's objects; one an informer, however many controllers ask. */
export function ownershipIndex<T extends KubeObject>(informer: SharedInformer<T>): OwnershipIndex<T> {
  informer.addIndex(CONTROLLER, controllerKey);
  return {
    ownedBy: (uid) => informer.byIndex(CONTROLLER, `uid:${uid}`),
    orphans: (namespace) => informer.byIndex(CONTROLLER, `orphan:${namespace}`),
  };
}
