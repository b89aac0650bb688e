import type { APIService } from '../../api/types/apiregistration.v1.ts';
import type { Condition } from '../aggregation/index.ts';

/** What stands in the Available condition of an APIService, without its time. `served`: this server itself serves the group-version; `checked`: what came of asking the server it names. */
export function availability({ spec }: APIService, served: boolean, checked: Condition | undefined): Condition | undefined {
  const { service, group, version } = spec;
  if (!service) return { type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' };
  if (!served) return checked;
  return { type: 'Available', status: 'True', reason: 'Local', message: `${group}/${version} is served by this API server itself; service/${service.name ?? ''} in ${JSON.stringify(service.namespace ?? '')} is not asked` };
}

/** kube-apiserver's priorities of its groups (cmd/kube-apiserver/app/aggregator.go, pkg/controlplane/apiserver/aggregator.go). */
const GROUPS: Readonly<Record<string, number>> = {
  '': 18_000, extensions: 17_900, apps: 17_800, 'events.k8s.io': 17_750, 'authentication.k8s.io': 17_700, 'authorization.k8s.io': 17_600, autoscaling: 17_500, batch: 17_400,
  'certificates.k8s.io': 17_300, 'networking.k8s.io': 17_200, policy: 17_100, 'rbac.authorization.k8s.io': 17_000, 'storage.k8s.io': 16_800, 'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700, 'scheduling.k8s.io': 16_600, 'coordination.k8s.io': 16_500, 'node.k8s.io': 16_300, 'discovery.k8s.io': 16_200, 'flowcontrol.apiserver.k8s.io': 16_100,
};

/** Where a served group-version stands among the others; custom ones stand behind all that are built in (crdregistration_controller.go). */
export function priorities(group: string, version: string, custom: boolean): { groupPriorityMinimum: number; versionPriority: number } {
  if (custom) return { groupPriorityMinimum: 1000, versionPriority: 100 };
  const versionPriority = group === '' ? 1 : version === 'v2' ? 30 : version.includes('beta') ? 9 : version.includes('alpha') ? 1 : 15;
  return { groupPriorityMinimum: GROUPS[group] ?? 2000, versionPriority };
}
