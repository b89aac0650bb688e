import { Deployments } from '../../api/kinds/apps/deployment.ts';
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts';
import { StatefulSets } from '../../api/kinds/apps/stateful-set.ts';
import { ReplicationControllers } from '../../api/kinds/core/replication-controller.ts';
import { parseApiVersion, type KubeObject } from '../../api/object.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { ControllerContext } from '../context.ts';
import { restMapper } from '../horizontalpodautoscaler/rest-mapping.ts';
import { scaleClient } from '../horizontalpodautoscaler/scale-client.ts';
import { controllerOf } from '../ownership.ts';
import type { Scales } from './decide.ts';

type Scaled = KubeObject & { spec: { replicas?: number } };

/** How many pods the owners of pods want (disruption.go finders): those of the built-in kinds from the informers, any other's from its scale subresource. */
export function podScales({ client, clock, informers }: ControllerContext): { readonly informers: readonly SharedInformer<Scaled>[]; of(pods: readonly Pod[]): Promise<Scales> } {
  const deployments = informers.informer(Deployments);
  const replicaSets = informers.informer(ReplicaSets);
  const statefulSets = informers.informer(StatefulSets);
  const replicationControllers = informers.informer(ReplicationControllers);
  const scale = scaleClient(client, restMapper(client), clock);

  const builtIn = (reference: OwnerReference): SharedInformer<Scaled> | undefined => {
    const { group } = parseApiVersion(reference.apiVersion);
    if (group === '') return reference.kind === 'ReplicationController' ? (replicationControllers as SharedInformer<Scaled>) : undefined;
    if (group !== 'apps' && group !== 'extensions') return undefined;
    return { ReplicaSet: replicaSets, StatefulSet: statefulSets, Deployment: deployments }[reference.kind] as SharedInformer<Scaled> | undefined;
  };
  /** The object that a reference means, if it is of these kinds and there. */
  const find = (reference: OwnerReference, namespace: string): Scaled | undefined => {
    const found = builtIn(reference)?.get(namespace, reference.name);
    return found?.metadata.uid === reference.uid ? found : undefined;
  };
  const ofBuiltIn = (reference: OwnerReference, namespace: string) => {
    const set = find(reference, namespace);
    if (!set) return undefined;
    const above = controllerOf(set);
    // A ReplicaSet of a Deployment wants what the Deployment wants, however the two are changing places.
    const decides = (above?.kind === 'Deployment' ? find(above, namespace) : undefined) ?? set;
    return { owner: decides.metadata.uid ?? '', replicas: decides.spec.replicas ?? 1 };
  };
  const ofOther = async (reference: OwnerReference, namespace: string) => {
    try {
      const { specReplicas } = await scale.get({ apiVersion: reference.apiVersion, kind: reference.kind, name: reference.name }, namespace);
      return { owner: reference.uid, replicas: specReplicas };
    } catch {
      // Has no scale, or is gone: it does not say.
      return undefined;
    }
  };

  return {
    informers: [deployments, replicaSets, statefulSets, replicationControllers] as SharedInformer<Scaled>[],
    async of(pods) {
      const known = new Map<string, { owner: string; replicas: number } | undefined>();
      for (const pod of pods) {
        const reference = controllerOf(pod);
        if (!reference || known.has(reference.uid)) continue;
        const namespace = pod.metadata.namespace ?? '';
        known.set(reference.uid, builtIn(reference) ? ofBuiltIn(reference, namespace) : await ofOther(reference, namespace));
      }
      return (pod) => {
        const reference = controllerOf(pod);
        return reference ? known.get(reference.uid) : 'unmanaged';
      };
    },
  };
}
