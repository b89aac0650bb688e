import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import type { Service } from '../../api/types/core.v1.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { expectations } from '../expectations.ts';
import { unlessGone } from '../gone.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { textOf } from '../podcontrol.ts';
import { enqueueServicesOf, isRefusal, selects } from '../service-index.ts';
import { triggerTimes, withTriggerTime } from '../trigger-time.ts';
import { belongs, type Hint, MANAGED_BY, MANAGER, planSlices, SERVICE_NAME } from './decide.ts';
import { hintZones, sharesMayDiffer, wantsZoneShares, zoneShares } from './topology.ts';

const BY_SERVICE = 'service';

/** Keeps the EndpointSlices of every Service with a selector. */
export function endpointSliceController(context: ControllerContext): Component {
  const { client, clock, informers, events } = context;
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
  /** The Services whose endpoints are shared out among the zones. */
  const spread = new Set<string>();

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    const service = services.get(namespace, name);
    // A deleted Service takes its slices with it through their owner references.
    if (!service) {
      times.forget(key);
      spread.delete(key);
      return expected.forget(key);
    }
    if (Object.keys(service.spec.selector ?? {}).length === 0 || service.spec.type === 'ExternalName') return;
    // Whoever cannot see its own new slices yet would make them again.
    if (!expected.satisfied(key)) return;
    const selected = pods.list(namespace).filter((pod) => selects(service, pod.metadata.labels));
    const time = times.next(service, selected);
    // A pod of a node that is gone cannot be reached; the pod garbage collector takes it away soon.
    const belonging = selected.filter(belongs);
    const lost = service.spec.publishNotReadyAddresses ? [] : belonging.filter((pod) => !nodes.get('', pod.spec.nodeName ?? ''));
    const present = belonging.filter((pod) => !lost.includes(pod));
    const plan = planSlices(service, present, (node) => nodes.get('', node), slices.byIndex(BY_SERVICE, key), hintOf(key, service));
    const timed = (slice: EndpointSlice) => ({ ...slice, metadata: { ...slice.metadata, annotations: withTriggerTime(slice.metadata.annotations, time) } });
    try {
      await Promise.all([
        ...plan.create.map((slice) => create(key, timed(slice))),
        ...plan.update.map((slice) => client.update(EndpointSlices, timed(slice))),
        ...plan.remove.map((slice) => client.delete(EndpointSlices, slice.metadata.name ?? '', { namespace }).catch(unlessGone)),
      ]);
      // It is tried again until the node is there, or the pod is not.
      if (lost.length > 0) throw new Error(lost.map((pod) => `skipping Pod ${pod.metadata.name} for Service ${key}: Node ${pod.spec.nodeName} Not Found`).join(', '));
    } catch (error) {
      if (isRefusal(error)) recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', `Error updating Endpoint Slices for Service ${key}: ${textOf(error)}`);
      throw error;
    }
  };

  /** How a Service that asks for it has its endpoints shared out, with the events that say so (reconcileByAddressType). */
  function hintOf(key: string, service: Service): Hint | undefined {
    const disabled = (why: string) => {
      spread.delete(key);
      recorder.event(service, 'Warning', 'TopologyAwareHintsDisabled', `${why}, addressType: IPv4`);
    };
    if (!wantsZoneShares(service)) {
      if (spread.has(key)) disabled('Topology Aware Hints has been disabled');
      return undefined;
    }
    return (unchanged, changing) => {
      const zones = hintZones(unchanged, changing, zoneShares(nodes.list()));
      if (typeof zones === 'string') {
        disabled(zones);
        return new Map();
      }
      if (!spread.has(key)) recorder.event(service, 'Normal', 'TopologyAwareHintsEnabled', 'Topology Aware Hints has been enabled, addressType: IPv4');
      spread.add(key);
      return zones;
    };
  }

  async function create(key: string, slice: EndpointSlice): Promise<void> {
    const { metadata: { namespace = '', name = '', uid = '' } } = await client.create(EndpointSlices, slice);
    expected.created(key, uid, slices.get(namespace, name)?.metadata.uid === uid);
  }

  return controllerIn(context, {
    name: 'endpointslice-controller',
    workers: { default: 5 },
    reconcile,
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
      const enqueueSpread = () => {
        for (const service of services.list()) if (wantsZoneShares(service)) queue.add(keyOf(service));
      };
      nodes.onChange({ added: enqueueSpread, updated: (old, node) => { if (sharesMayDiffer(old, node)) enqueueSpread(); }, deleted: enqueueSpread });
      return [services, pods, nodes, slices];
    },
  });
}
