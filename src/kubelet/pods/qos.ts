import { qosClass as qosOfSpec } from '../../api/kinds/core/pod-qos.ts';
import type { Pod, PodQOSClass } from '../../api/types/core.v1.ts';

/** The pod's class: what its status says, so that it stays what it was when the pod was made (apis/core/v1/helper/qos GetPodQOS). */
export function qosClass(pod: Pod): PodQOSClass {
  return pod.status?.qosClass ?? qosOfSpec(pod.spec);
}
