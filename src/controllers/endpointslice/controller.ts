import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import type { Service } from '../../api/types/core.v1.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controller } from '../../client/index.ts';
import type { ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { splitKey } from '../names.ts';
import { enqueueServicesOf, selects } from '../service-index.ts';
import { belongs, MANAGED_BY, MANAGER, planSlices, SERVICE_NAME } from './decide.ts';

const BY_SERVICE = 'service';

/** Keeps the EndpointSlices of every Service with a selector. */
export function endpointSliceController(context: ControllerContext): Component {
  const { client, clock, informers, options } = context;
  const services = informers.informer(Services);
  const pods = informers.informer(Pods);
  const nodes = informers.informer(Nodes);
  const slices = informers.informer(EndpointSlices);
  slices.addIndex(BY_SERVICE, (slice) => {
    const service = slice.metadata.labels?.[SERVICE_NAME];
    return service !== undefined && slice.metadata.labels?.[MANAGED_BY] === MANAGER ? [`${slice.metadata.namespace ?? ''}/${service}`] : [];
  });

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    const service = services.get(namespace, name);
    // A deleted Service takes its slices with it through their owner references.
    if (!service || service.metadata.deletionTimestamp || Object.keys(service.spec.selector ?? {}).length === 0 || service.spec.type === 'ExternalName') return;
    const mine = pods.list(namespace).filter((pod) => selects(service, pod.metadata.labels) && belongs(pod));
    const plan = planSlices(service, mine, (node) => nodes.get('', node), slices.byIndex(BY_SERVICE, key));
    await Promise.all([
      ...plan.create.map((slice) => client.create(EndpointSlices, newSlice(service, slice))),
      ...plan.update.map((slice) => client.update(EndpointSlices, slice)),
      ...plan.remove.map((slice) => client.delete(EndpointSlices, slice.metadata.name ?? '', { namespace }).catch(unlessGone)),
    ]);
  };

  return controller({
    name: 'endpointslice-controller',
    clock,
    workers: options.workers ?? 5,
    reconcile,
    ...(options.onError && { onError: (key: string, error: unknown) => options.onError?.('endpointslice-controller', key, error) }),
    setup: (queue) => {
      services.onChange({ added: (s) => queue.add(keyOfService(s)), updated: (_, s) => queue.add(keyOfService(s)) });
      slices.onChange({
        updated: (_, slice) => enqueueOwner(slice),
        deleted: (slice) => enqueueOwner(slice),
      });
      const enqueueOwner = (slice: EndpointSlice) => {
        const service = slice.metadata.labels?.[SERVICE_NAME];
        if (service !== undefined) queue.add(`${slice.metadata.namespace ?? ''}/${service}`);
      };
      enqueueServicesOf(pods, services, queue);
      return [services, pods, nodes, slices];
    },
  });
}

const keyOfService = (service: Service) => `${service.metadata.namespace ?? ''}/${service.metadata.name ?? ''}`;

function newSlice(service: Service, { ports, endpoints }: Pick<EndpointSlice, 'ports' | 'endpoints'>): EndpointSlice {
  const { name = '', namespace, uid = '', labels } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, ...(service.spec.clusterIP === 'None' && { 'service.kubernetes.io/headless': '' }), [MANAGED_BY]: MANAGER, [SERVICE_NAME]: name },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType: 'IPv4',
    ports,
    endpoints,
  };
}
