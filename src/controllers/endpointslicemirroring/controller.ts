import { EndpointsList } from '../../api/kinds/core/endpoints.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { MANAGED_BY, SERVICE_NAME } from '../endpointslice/decide.ts';
import { expectations } from '../expectations.ts';
import { unlessGone } from '../gone.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { isMirrored, MANAGER, MAX_PER_SUBSET, planMirror } from './decide.ts';

const MIRRORED = 'mirrored';

/** Makes EndpointSlices of Endpoints that people made for Services without a selector, since slices are what is read (pkg/controller/endpointslicemirroring). */
export function endpointSliceMirroringController(context: ControllerContext): Component {
  const { client, clock, informers, events } = context;
  const services = informers.informer(Services);
  const endpoints = informers.informer(EndpointsList);
  const slices = informers.informer(EndpointSlices);
  const recorder = events('endpoint-slice-mirroring-controller');
  const expected = expectations(clock);
  const name = 'endpointslicemirroring-controller';
  const serviceKey = (slice: EndpointSlice): string[] => {
    const { labels } = slice.metadata;
    return labels?.[MANAGED_BY] === MANAGER && labels[SERVICE_NAME] !== undefined ? [keyFor(slice.metadata.namespace, labels[SERVICE_NAME])] : [];
  };
  slices.addIndex(MIRRORED, serviceKey);

  const reconcile = async (key: string) => {
    const { namespace, name: service } = splitKey(key);
    const object = endpoints.get(namespace, service);
    const present = slices.byIndex(MIRRORED, key).filter((slice) => slice.metadata.deletionTimestamp === undefined);
    const remove = (slice: EndpointSlice) => client.delete(EndpointSlices, slice.metadata.name ?? '', { namespace }).catch(unlessGone);
    if (!isMirrored(object, services.get(namespace, service))) {
      expected.forget(key);
      await Promise.all(present.map(remove));
      return;
    }
    // Whoever cannot see its own new slices yet would make them again.
    if (!expected.satisfied(key) || object.metadata.deletionTimestamp !== undefined) return;
    const plan = planMirror(object, present);
    if (plan.invalid > 0) recorder.event(object, 'Warning', 'InvalidIPAddress', `Skipped ${plan.invalid} invalid IP addresses when mirroring to EndpointSlices`);
    if (plan.skipped > 0) recorder.event(object, 'Warning', 'TooManyAddressesToMirror', `A max of ${MAX_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${plan.skipped + plan.invalid} addresses were skipped`);
    await Promise.all([...plan.create.map((slice) => create(key, slice)), ...plan.update.map((slice) => client.update(EndpointSlices, slice)), ...plan.remove.map(remove)]);
  };

  async function create(key: string, slice: EndpointSlice): Promise<void> {
    const { metadata: { namespace = '', name: made = '', uid = '' } } = await client.create(EndpointSlices, slice);
    expected.created(key, uid, slices.get(namespace, made)?.metadata.uid === uid);
  }

  return controllerIn(context, {
    name,
    workers: { default: 5 },
    reconcile,
    setup: (queue) => {
      const look = (object: { metadata: EndpointSlice['metadata'] }) => queue.add(keyFor(object.metadata.namespace, object.metadata.name));
      services.onChange({ added: look, updated: look, deleted: look });
      endpoints.onChange({ added: look, updated: (_, next) => queue.add(keyOf(next)), deleted: look });
      const seen = (slice: EndpointSlice) => {
        expected.observeCreated(slice.metadata.uid ?? '');
        serviceKey(slice).forEach((key) => queue.add(key));
      };
      slices.onChange({ added: seen, updated: (old, slice) => { seen(old); seen(slice); }, deleted: seen });
      return [services, endpoints, slices];
    },
  });
}
