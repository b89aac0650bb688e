import { loadAll } from 'js-yaml';
import { builtinKinds } from '../../api/kinds/index.ts';
import type { AnyObject, KubeObject, ResourceType } from '../../api/object.ts';
import type { Client } from '../../client/client.ts';

/** The objects of a YAML text of one or many documents. Throws an Error that names `source` and the document. */
export function readManifest(text: string, source: string): KubeObject[] {
  return (loadAll(text) as unknown[]).filter((document) => document !== null && document !== undefined).map((document, i) => {
    const object = document as Partial<AnyObject>;
    if (typeof document !== 'object' || typeof object.apiVersion !== 'string' || typeof object.kind !== 'string' || !object.metadata) {
      throw new Error(`${source}: document ${i + 1} is no Kubernetes object: it needs apiVersion, kind and metadata`);
    }
    return document as KubeObject;
  });
}

/** Server-side apply of built-in kinds, one after the other, so that a namespace is there before what is in it. */
export async function applyObjects(client: Client, objects: readonly KubeObject[], fieldManager: string): Promise<void> {
  for (const object of objects) {
    await client.patch(resourceTypeOf(object), object.metadata.name ?? '', { type: 'apply', body: object }, { namespace: object.metadata.namespace, fieldManager, force: true });
  }
}

function resourceTypeOf(object: KubeObject): ResourceType {
  const kind = builtinKinds.find(({ kind: name, storage }) => name === object.kind && (storage.group === '' ? storage.version : `${storage.group}/${storage.version}`) === object.apiVersion);
  if (!kind) throw new Error(`no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
  return { group: kind.storage.group, version: kind.storage.version, kind: kind.kind, plural: kind.plural, namespaced: kind.namespaced };
}
