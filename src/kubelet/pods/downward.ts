/** The downward API: what a pod is told of itself (pkg/fieldpath, resource/helpers.go). */
import type { Container, ObjectFieldSelector, Pod, ResourceFieldSelector } from '../../api/types/core.v1.ts';
import { milli, whole } from '../quantity.ts';

export interface PodAddresses {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
}

/** The value of a fieldRef. Throws for a field that is not offered. */
export function fieldValue(selector: ObjectFieldSelector, pod: Pod, addresses: PodAddresses): string {
  const path = selector.fieldPath;
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  const podIPs = pod.spec.hostNetwork ? addresses.hostIPs : addresses.podIPs;
  switch (path) {
    case 'metadata.name': return pod.metadata.name ?? '';
    case 'metadata.namespace': return pod.metadata.namespace ?? '';
    case 'metadata.uid': return pod.metadata.uid ?? '';
    case 'metadata.labels': return formatMap(pod.metadata.labels);
    case 'metadata.annotations': return formatMap(pod.metadata.annotations);
    case 'spec.nodeName': return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName': return pod.spec.serviceAccountName ?? '';
    case 'status.hostIP': return addresses.hostIPs[0] ?? '';
    case 'status.hostIPs': return addresses.hostIPs.join(',');
    case 'status.podIP': return podIPs[0] ?? '';
    case 'status.podIPs': return podIPs.join(',');
    default: throw new Error(`unsupported fieldPath: ${path}`);
  }
}

/** `key="value"` lines, sorted by key; values quoted as Go's %q does. */
function formatMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map).sort().map((key) => `${key}=${JSON.stringify(map[key])}`).join('\n');
}

/** The value of a resourceFieldRef: a limit that is not set is the node's allocatable. */
export function resourceValue(selector: ResourceFieldSelector, container: Container, allocatable: Readonly<Record<string, string>>): string {
  const [list, ...rest] = selector.resource.split('.');
  const name = rest.join('.');
  const divisor = selector.divisor && milli(selector.divisor) !== 0 ? selector.divisor : '1';
  const given = list === 'limits' ? container.resources?.limits?.[name] ?? allocatable[name] : list === 'requests' ? container.resources?.requests?.[name] : undefined;
  if (list !== 'limits' && list !== 'requests') throw new Error(`unsupported container resource : ${selector.resource}`);
  if (given === undefined) return '0';
  return String(Math.ceil(name === 'cpu' ? milli(given) / milli(divisor) : whole(given) / whole(divisor)));
}
