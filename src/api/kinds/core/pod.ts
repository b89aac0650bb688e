import type { Pod } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { podColumns } from './pod-columns.ts';
import { qosClass } from './pod-qos.ts';
import { applyLabelKeys } from './pod-affinity.ts';
import { defaultOwnPodSpec, defaultPodSpec } from './pod-spec-defaults.ts';
import { validateNewPod, validatePod, validatePodStatus, validatePodUpdate } from './pod-validation.ts';
import { podWarnings } from './pod-warnings.ts';
import { validateEphemeralUpdate, validateResize } from './pod-subresource-validation.ts';

export const pod = defineKind<Pod>({
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Pod' },
  status: true,
  generation: true,
  subresources: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
    { name: 'proxy', kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
    { name: 'resize', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
  ],
  defaults(pod) {
    pod.spec ??= { containers: [] };
    defaultOwnPodSpec(pod.spec);
    defaultPodSpec(pod.spec);
    // Of pods, not of templates (pkg/apis/core/v1/conversion.go Convert_v1_Pod_To_core_Pod).
    if ((pod.spec.terminationGracePeriodSeconds ?? 0) < 0) pod.spec.terminationGracePeriodSeconds = 1;
    const ips = pod.status;
    if (ips?.podIP && ips.podIPs?.[0]?.ip !== ips.podIP) ips.podIPs = [{ ip: ips.podIP }];
    else if (ips?.podIPs?.[0]) ips.podIP = ips.podIPs[0].ip;
  },
  validate: validatePod,
  validateCreate: validateNewPod,
  validateUpdate: validatePodUpdate,
  validateStatus: validatePodStatus,
  validateSubresource: { ephemeralcontainers: validateEphemeralUpdate, resize: validateResize },
  prepareCreate(pod) {
    pod.status = { phase: 'Pending', qosClass: qosClass(pod.spec) };
    applyLabelKeys(pod);
    if ((pod.spec.schedulingGates ?? []).length > 0) {
      pod.status.conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' }];
    }
  },
  prepareStatus(next, old) {
    next.metadata.ownerReferences = old.metadata.ownerReferences;
    next.status ??= {};
    next.status.qosClass ??= old.status?.qosClass;
    next.status.observedGeneration ||= old.status?.observedGeneration;
  },
  warnings: podWarnings,
  graceSeconds(pod, requested) {
    const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (!pod.spec.nodeName || finished) return 0;
    const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },
  fieldSelectors: {
    'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec.hostNetwork ?? false),
    'status.phase': (pod) => pod.status?.phase ?? '',
    'status.podIP': (pod) => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '',
    'status.podIPs': (pod) => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
  },
  columns: podColumns,
});

export const Pods = resourceOf(pod);
