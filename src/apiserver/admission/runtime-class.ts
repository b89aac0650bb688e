import { forbidden } from '../../api/errors.ts';
import { equalJson } from '../../api/json.ts';
import type { Pod, Toleration } from '../../api/types/core.v1.ts';
import type { RuntimeClass } from '../../api/types/node.v1.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/** A pod of a RuntimeClass takes over its overhead, node selector and tolerations; one of a class that is not there is refused (plugin/pkg/admission/runtimeclass). */
export function runtimeClass(store: Store): AdmissionPlugin {
  const classOf = (request: AdmissionRequest) => {
    const { spec } = request.object as Pod;
    if (spec.runtimeClassName === undefined) return undefined;
    const found = store.get(`runtimeclasses.node.k8s.io//${spec.runtimeClassName}`)?.object as RuntimeClass | undefined;
    if (!found) throw refuse(request, `pod rejected: RuntimeClass ${JSON.stringify(spec.runtimeClassName)} not found`);
    return found;
  };
  return {
    name: 'RuntimeClass',
    mutate(request) {
      if (!concerns(request)) return;
      const { spec } = request.object as Pod;
      const { overhead, scheduling } = classOf(request) ?? {};
      if (overhead) {
        if (Object.keys(spec.overhead ?? {}).length > 0 && !equalJson(spec.overhead, overhead.podFixed)) throw refuse(request, MISMATCH);
        spec.overhead = { ...overhead.podFixed };
      }
      for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
        const own = spec.nodeSelector?.[key];
        if (own !== undefined && own !== value) throw refuse(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`);
        (spec.nodeSelector ??= {})[key] = value;
      }
      const more = (scheduling?.tolerations ?? []).filter((toleration: Toleration) => !spec.tolerations?.some((own) => equalJson(own, toleration)));
      if (more.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...more];
    },
    validate(request) {
      if (!concerns(request)) return;
      const { spec } = request.object as Pod;
      const fixed = classOf(request)?.overhead?.podFixed;
      if (fixed && !equalJson(fixed, spec.overhead)) throw refuse(request, MISMATCH);
      if (!fixed && spec.overhead !== undefined) throw refuse(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    },
  };
}

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

const concerns = ({ operation, kind, subresource, object }: AdmissionRequest) => operation === 'CREATE' && kind.plural === 'pods' && subresource === '' && object !== undefined;

const refuse = ({ resource, name, object }: AdmissionRequest, why: string) => forbidden(resource, object?.metadata.name ?? name, why);
