import { equalJson } from '../../api/json.ts';
import { EndpointsList } from '../../api/kinds/core/endpoints.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { Services } from '../../api/kinds/core/service.ts';
import type { Endpoints, Service } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { keyOf, splitKey } from '../names.ts';
import { textOf } from '../podcontrol.ts';
import { enqueueServicesOf, isRefusal, selects } from '../service-index.ts';
import { TRIGGER_TIME, triggerTimes, withTriggerTime } from '../trigger-time.ts';
import { subsetsOf, truncated } from './decide.ts';

const MANAGED = 'endpoints.kubernetes.io/managed-by';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

/** Keeps the old Endpoints object of every Service with a selector, for clients that still read it (pkg/controller/endpoint). */
export function endpointsController(context: ControllerContext): Component {
  const { client, informers, events } = context;
  const recorder = events('endpoint-controller');
  const services = informers.informer(Services);
  const pods = informers.informer(Pods);
  const endpoints = informers.informer(EndpointsList);
  const times = triggerTimes();

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key);
    const service = services.get(namespace, name);
    const current = endpoints.get(namespace, name);
    if (!service) {
      times.forget(key);
      if (current) await client.delete(EndpointsList, name, { namespace }).catch(unlessGone);
      return;
    }
    if (Object.keys(service.spec.selector ?? {}).length === 0 || service.spec.type === 'ExternalName') return;
    const selected = pods.list(namespace).filter((pod) => selects(service, pod.metadata.labels));
    const time = times.next(service, selected);
    const next = endpointsOf(service, subsetsOf(service, selected), current);
    if (current && unchanged(current, next)) return;
    const timed = { ...next, metadata: { ...next.metadata, annotations: withTriggerTime(next.metadata.annotations, time) } };
    try {
      await (current ? client.update(EndpointsList, timed) : client.create(EndpointsList, timed));
    } catch (error) {
      if (isRefusal(error) && current) recorder.event(next, 'Warning', 'FailedToUpdateEndpoint', `Failed to update endpoint ${key}: ${textOf(error)}`);
      else if (isRefusal(error)) recorder.event(next, 'Warning', 'FailedToCreateEndpoint', `Failed to create endpoint for service ${key}: ${textOf(error)}`);
      throw error;
    }
  };

  return controllerIn(context, {
    name: 'endpoints-controller',
    workers: { default: 5 },
    reconcile,
    setup: (queue) => {
      services.onChange({ added: (s) => queue.add(keyOf(s)), updated: (_, s) => queue.add(keyOf(s)), deleted: (s) => queue.add(keyOf(s)) });
      endpoints.onChange({ deleted: (e) => queue.add(keyOf(e)) });
      enqueueServicesOf(pods, services, queue);
      // What was left behind by a Service that went while nobody looked.
      const leftovers = async () => {
        await Promise.all([services.start(), endpoints.start()]);
        for (const e of endpoints.list()) queue.add(keyOf(e));
      };
      return [services, pods, endpoints, { start: leftovers }];
    },
  });
}

/** The object as it should be, all but the time of its last change. */
function endpointsOf(service: Service, all: NonNullable<Endpoints['subsets']>, current: Endpoints | undefined): Endpoints {
  const { name, namespace, labels } = service.metadata;
  const { clusterIP } = service.spec;
  const { [OVER_CAPACITY]: _, ...annotations } = current?.metadata.annotations ?? {};
  const cut = truncated(all);
  const { [HEADLESS]: __, ...own } = labels ?? {};
  return {
    ...(current ?? { apiVersion: 'v1', kind: 'Endpoints' }),
    metadata: {
      ...(current?.metadata ?? { name, namespace }),
      labels: { ...own, [MANAGED]: 'endpoint-controller', ...((clusterIP === undefined || clusterIP === '' || clusterIP === 'None') && { [HEADLESS]: '' }) },
      annotations: { ...annotations, ...(cut && { [OVER_CAPACITY]: 'truncated' }) },
    },
    subsets: cut ?? all,
  };
}

const HEADLESS = 'service.kubernetes.io/headless';

function unchanged(current: Endpoints, next: Endpoints): boolean {
  const { [TRIGGER_TIME]: _, ...before } = current.metadata.annotations ?? {};
  const { [TRIGGER_TIME]: __, ...after } = next.metadata.annotations ?? {};
  return equalJson(current.subsets ?? [], next.subsets ?? []) && equalJson(current.metadata.labels ?? {}, next.metadata.labels ?? {}) && equalJson(before, after);
}
