import type { KubeObject } from '../../api/object.ts';
import type { Node, PersistentVolumeClaim, Pod, Toleration } from '../../api/types/core.v1.ts';
import type { IngressClass, Ingress } from '../../api/types/networking.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './plugin.ts';

const TOLERATION_SECONDS = 300;

/**
 * Pods outlast an unready or unreachable node for five minutes, unless they say otherwise (plugin/pkg/admission/defaulttolerationseconds). Updates too: who replaces the list of
 * tolerations has not asked for these to go.
 */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate({ operation, kind, object, subresource }) {
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || subresource !== '' || kind.plural !== 'pods' || !object) return;
    const { spec } = object as Pod;
    for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
      const covers = (t: Toleration) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect);
      if (!spec.tolerations?.some(covers)) (spec.tolerations ??= []).push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SECONDS });
    }
  },
};

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const;

/** A new node takes no pods until the node lifecycle controller has seen that it is well (plugin/pkg/admission/nodetaint). */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate({ operation, kind, object, subresource }) {
    if (operation !== 'CREATE' || subresource !== '' || kind.plural !== 'nodes' || kind.storage.group !== '' || !object) return;
    const node = object as Node;
    node.spec ??= {};
    if (!node.spec.taints?.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) (node.spec.taints ??= []).push({ ...NOT_READY });
  },
};

/** A claim that names no class gets the default one; of several the newest (plugin/pkg/admission/storage/storageclass/setdefault). */
export function defaultStorageClass(store: Store): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    mutate({ operation, kind, object, subresource }) {
      if (operation !== 'CREATE' || subresource !== '' || kind.plural !== 'persistentvolumeclaims' || !object) return;
      const { spec, metadata } = object as PersistentVolumeClaim;
      if (spec.storageClassName !== undefined || metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return;
      const fallback = store.list('storageclasses.storage.k8s.io//').entries.map((e) => e.object as StorageClass)
        .filter((c) => isMarked(c, 'storageclass.kubernetes.io/is-default-class') || isMarked(c, 'storageclass.beta.kubernetes.io/is-default-class')).sort(newestFirst)[0];
      if (fallback) spec.storageClassName = fallback.metadata.name;
    },
  };
}

/** An Ingress that names no class, by field or annotation, gets the default one; of several the newest (plugin/pkg/admission/network/defaultingressclass). */
export function defaultIngressClass(store: Store): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    mutate({ operation, kind, object, subresource }) {
      if (operation !== 'CREATE' || subresource !== '' || kind.plural !== 'ingresses' || !object) return;
      const { spec, metadata } = object as Ingress;
      if (spec.ingressClassName !== undefined || metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return;
      const fallback = store.list('ingressclasses.networking.k8s.io//').entries.map((e) => e.object as IngressClass)
        .filter((c) => isMarked(c, 'ingressclass.kubernetes.io/is-default-class')).sort(newestFirst)[0];
      if (fallback) spec.ingressClassName = fallback.metadata.name;
    },
  };
}

const isMarked = (object: KubeObject, annotation: string) => object.metadata.annotations?.[annotation] === 'true';

/** By time, then by name. */
function newestFirst({ metadata: a }: KubeObject, { metadata: b }: KubeObject): number {
  const [atA, atB] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  if (atA !== atB) return atA > atB ? -1 : 1;
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
}
