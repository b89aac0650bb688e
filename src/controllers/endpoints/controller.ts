import { EndpointsList } from '../../api/kinds/core/endpoints.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { Services } from '../../api/kinds/core/service.ts';
import type { EndpointAddress, Endpoints, EndpointSubset, Pod, Service } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controller } from '../../client/index.ts';
import type { ControllerContext } from '../context.ts';
import { belongs, portsOf } from '../endpointslice/decide.ts';
import { unlessGone } from '../gone.ts';
import { keyOf, splitKey } from '../names.ts';
import { isReady } from '../pods.ts';
import { enqueueServicesOf, selects } from '../service-index.ts';

/** Keeps the old Endpoints object of every Service with a selector, for clients that still read it. */
export function endpointsController(context: ControllerContext): Component {
  const { client, clock, informers, options } = context;
  const services = informers.informer(Services);
  const pods = informers.informer(Pods);
  const endpoints = informers.informer(EndpointsList);

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    const service = services.get(namespace, name);
    const current = endpoints.get(namespace, name);
    if (!service) {
      if (current && current.metadata.labels?.[MANAGED] === 'endpoint-controller') await client.delete(EndpointsList, name, { namespace }).catch(unlessGone);
      return;
    }
    if (Object.keys(service.spec.selector ?? {}).length === 0 || service.spec.type === 'ExternalName') return;
    const subsets = subsetsOf(service, pods.list(namespace).filter((pod) => selects(service, pod.metadata.labels) && belongs(pod)));
    const labels = { ...service.metadata.labels, [MANAGED]: 'endpoint-controller', ...(service.spec.clusterIP === 'None' && { 'service.kubernetes.io/headless': '' }) };
    if (!current) {
      const object: Endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace, labels }, ...(subsets.length > 0 && { subsets }) };
      await client.create(EndpointsList, object);
    } else if (JSON.stringify(current.subsets ?? []) !== JSON.stringify(subsets) || JSON.stringify(sorted(current.metadata.labels)) !== JSON.stringify(sorted(labels))) {
      await client.update(EndpointsList, { ...current, metadata: { ...current.metadata, labels }, subsets });
    }
  };

  return controller({
    name: 'endpoints-controller',
    clock,
    workers: options.workers ?? 5,
    reconcile,
    ...(options.onError && { onError: (key: string, error: unknown) => options.onError?.('endpoints-controller', key, error) }),
    setup: (queue) => {
      services.onChange({ added: (s) => queue.add(keyOf(s)), updated: (_, s) => queue.add(keyOf(s)), deleted: (s) => queue.add(keyOf(s)) });
      endpoints.onChange({ deleted: (e) => queue.add(keyOf(e)) });
      enqueueServicesOf(pods, services, queue);
      return [services, pods, endpoints];
    },
  });
}

const MANAGED = 'endpoints.kubernetes.io/managed-by';

/** Pods by the ports they serve; within a subset ordered by address, so that the same pods give the same bytes (endpoints/util RepackSubsets). */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const groups = new Map<string, { ready: EndpointAddress[]; notReady: EndpointAddress[]; ports: EndpointSubset['ports'] }>();
  for (const pod of pods) {
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    if (terminating && !service.spec.publishNotReadyAddresses) continue;
    const ports = portsOf(service, pod).map(({ name, ...port }) => ({ ...(name ? { name } : {}), port: port.port ?? 0, protocol: port.protocol, ...(port.appProtocol !== undefined && { appProtocol: port.appProtocol }) }));
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const key = JSON.stringify(ports);
    let group = groups.get(key);
    if (!group) groups.set(key, group = { ready: [], notReady: [], ports });
    const address: EndpointAddress = {
      ip: pod.status?.podIP ?? '',
      ...(pod.spec.hostname && pod.spec.subdomain === service.metadata.name && { hostname: pod.spec.hostname }),
      nodeName: pod.spec.nodeName,
      targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    };
    (isReady(pod) || service.spec.publishNotReadyAddresses ? group.ready : group.notReady).push(address);
  }
  return [...groups.values()].map(({ ready, notReady, ports }) => ({
    ...(ready.length > 0 && { addresses: ready.sort(byIp) }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady.sort(byIp) }),
    ...(ports && ports.length > 0 && { ports }),
  }));
}

const numeric = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const byIp = (a: EndpointAddress, b: EndpointAddress) => numeric(a.ip) - numeric(b.ip);

function sorted(labels: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
