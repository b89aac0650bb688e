import { isDeepStrictEqual } from 'node:util';
import { forbidden } from '../../api/errors.ts';
import type { Pod, Toleration } from '../../api/types/core.v1.ts';
import type { RuntimeClass } from '../../api/types/node.v1.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/** A pod's runtimeClassName must name a class; the class adds its overhead and says which nodes will do (plugin/pkg/admission/runtimeclass). */
export function runtimeClass(store: Store): AdmissionPlugin {
  const isNewPod = ({ operation, kind, subresource, object }: AdmissionRequest) => operation === 'CREATE' && kind.plural === 'pods' && subresource === '' && object !== undefined;
  const classOf = (request: AdmissionRequest): RuntimeClass | undefined => {
    const { spec } = request.object as Pod;
    if (!spec.runtimeClassName) return undefined;
    const found = store.get(`runtimeclasses.node.k8s.io//${spec.runtimeClassName}`)?.object as RuntimeClass | undefined;
    if (!found) throw refusal(request, `pod rejected: RuntimeClass "${spec.runtimeClassName}" not found`);
    return found;
  };
  return {
    name: 'RuntimeClass',
    mutate(request) {
      if (!isNewPod(request)) return;
      const found = classOf(request);
      const { spec } = request.object as Pod;
      const podFixed = found?.overhead?.podFixed;
      if (podFixed) {
        if (spec.overhead && !isDeepStrictEqual(spec.overhead, podFixed)) throw refusal(request, OVERHEAD_DIFFERS);
        spec.overhead = { ...podFixed };
      }
      const { nodeSelector = {}, tolerations = [] } = found?.scheduling ?? {};
      for (const [key, value] of Object.entries(nodeSelector)) {
        const own = spec.nodeSelector?.[key];
        if (own !== undefined && own !== value) throw refusal(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`);
        spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
      }
      const known = (toleration: Toleration) => spec.tolerations?.some((own) => isDeepStrictEqual(own, toleration)) ?? false;
      const added = tolerations.filter((toleration) => !known(toleration));
      if (added.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...added];
    },
    validate(request) {
      if (!isNewPod(request)) return;
      const podFixed = classOf(request)?.overhead?.podFixed;
      const { overhead } = (request.object as Pod).spec;
      if (podFixed && !isDeepStrictEqual(overhead, podFixed)) throw refusal(request, OVERHEAD_DIFFERS);
      if (!podFixed && Object.keys(overhead ?? {}).length > 0) throw refusal(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    },
  };
}

const OVERHEAD_DIFFERS = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function refusal({ resource, name, object }: AdmissionRequest, why: string) {
  return forbidden(resource, object?.metadata.name ?? name, why);
}
