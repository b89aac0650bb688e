import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controller } from '../../client/index.ts';
import type { ControllerContext } from '../context.ts';
import { expectations } from '../expectations.ts';
import { unlessGone } from '../gone.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { textOf } from '../podcontrol.ts';
import { enqueueServicesOf, isRefusal, selects } from '../service-index.ts';
import { triggerTimes, withTriggerTime } from '../trigger-time.ts';
import { belongs, MANAGED_BY, MANAGER, planSlices, SERVICE_NAME } from './decide.ts';

const BY_SERVICE = 'service';

/** Keeps the EndpointSlices of every Service with a selector. */
export function endpointSliceController(context: ControllerContext): Component {
  const { client, clock, informers, options, events } = context;
  const recorder = events('endpoint-slice-controller');
  const services = informers.informer(Services);
  const pods = informers.informer(Pods);
  const nodes = informers.informer(Nodes);
  const slices = informers.informer(EndpointSlices);
  slices.addIndex(BY_SERVICE, (slice) => {
    const service = slice.metadata.labels?.[SERVICE_NAME];
    return service !== undefined && slice.metadata.labels?.[MANAGED_BY] === MANAGER ? [keyFor(slice.metadata.namespace, service)] : [];
  });
  const times = triggerTimes();
  const expected = expectations(clock);

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    const service = services.get(namespace, name);
    // A deleted Service takes its slices with it through their owner references.
    if (!service) {
      times.forget(key);
      return expected.forget(key);
    }
    if (Object.keys(service.spec.selector ?? {}).length === 0 || service.spec.type === 'ExternalName') return;
    // Whoever cannot see its own new slices yet would make them again.
    if (!expected.satisfied(key)) return;
    const selected = pods.list(namespace).filter((pod) => selects(service, pod.metadata.labels));
    const time = times.next(service, selected);
    const plan = planSlices(service, selected.filter(belongs), (node) => nodes.get('', node), slices.byIndex(BY_SERVICE, key));
    const timed = (slice: EndpointSlice) => ({ ...slice, metadata: { ...slice.metadata, annotations: withTriggerTime(slice.metadata.annotations, time) } });
    try {
      await Promise.all([
        ...plan.create.map((slice) => create(key, timed(slice))),
        ...plan.update.map((slice) => client.update(EndpointSlices, timed(slice))),
        ...plan.remove.map((slice) => client.delete(EndpointSlices, slice.metadata.name ?? '', { namespace }).catch(unlessGone)),
      ]);
    } catch (error) {
      if (isRefusal(error)) recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', `Error updating Endpoint Slices for Service ${key}: ${textOf(error)}`);
      throw error;
    }
  };

  async function create(key: string, slice: EndpointSlice): Promise<void> {
    const { metadata: { namespace = '', name = '', uid = '' } } = await client.create(EndpointSlices, slice);
    expected.created(key, uid, slices.get(namespace, name)?.metadata.uid === uid);
  }

  return controller({
    name: 'endpointslice-controller',
    clock,
    workers: options.workers ?? 5,
    reconcile,
    ...(options.onError && { onError: (key: string, error: unknown) => options.onError?.('endpointslice-controller', key, error) }),
    setup: (queue) => {
      services.onChange({ added: (s) => queue.add(keyOf(s)), updated: (_, s) => queue.add(keyOf(s)), deleted: (s) => queue.add(keyOf(s)) });
      const enqueueOwner = (slice: EndpointSlice) => {
        const service = slice.metadata.labels?.[SERVICE_NAME];
        if (service !== undefined) queue.add(keyFor(slice.metadata.namespace, service));
      };
      const seen = (slice: EndpointSlice) => {
        expected.observeCreated(slice.metadata.uid ?? '');
        enqueueOwner(slice);
      };
      slices.onChange({ added: seen, updated: (old, slice) => { enqueueOwner(old); enqueueOwner(slice); }, deleted: seen });
      enqueueServicesOf(pods, services, queue);
      return [services, pods, nodes, slices];
    },
  });
}
