import { isReason } from '../../api/errors.ts';
import { APIServices } from '../../api/kinds/apiregistration/api-service.ts';
import type { APIService } from '../../api/types/apiregistration.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { Store } from '../../store/store.ts';
import { timestamp } from '../registry/core.ts';
import type { Condition } from '../aggregation/index.ts';
import type { Scheme } from '../scheme.ts';
import { availability, priorities } from './availability.ts';

const PREFIX = 'apiservices.apiregistration.k8s.io/';
/** kube-aggregator pkg/controllers/autoregister: `onstart` is made anew at each start, `true` whenever it is missing, and goes with what it stands for. */
const MANAGED = 'kube-aggregator.kubernetes.io/automanaged';

export interface ApiServicesOptions {
  readonly store: Store;
  readonly scheme: Scheme;
  readonly clock: Clock;
  readonly client: Client;
  /** What came of asking the API server that an APIService names. */
  readonly checked: (name: string) => Condition | undefined;
  /** Told what could not be written. */
  readonly failed: (error: unknown) => void;
}

/** One APIService for each group-version that is served, and the truth about those that others made. */
export interface ApiServiceRegistration {
  /** What is served has changed. */
  changed(): void;
  settle(): Promise<void>;
  stop(): void;
}

export function registerApiServices({ store, scheme, clock, client, checked, failed }: ApiServicesOptions): ApiServiceRegistration {
  let running: Promise<void> | undefined;
  let dirty = false;
  let started = false;

  const pass = async () => {
    const existing = new Map(store.list(PREFIX).entries.map(({ object }) => [object.metadata.name!, object as APIService]));
    const wanted = new Map(localServices(scheme).map((service) => [service.metadata.name!, service]));
    const writes: Promise<unknown>[] = [];
    for (const [name, service] of wanted) {
      const isCustom = service.metadata.labels?.[MANAGED] === 'true';
      if (!existing.has(name) && (isCustom || !started)) writes.push(client.create(APIServices, service));
    }
    for (const [name, service] of existing) {
      if (service.metadata.labels?.[MANAGED] === 'true' && !wanted.has(name)) writes.push(client.delete(APIServices, name));
      else if (service.spec.service) writes.push(tellTruth(service, wanted.has(name)));
    }
    started = true;
    await Promise.all(writes.map((write) => write.catch((error: unknown) => {
      if (isReason(error, 'Conflict')) dirty = true;
      else if (!isReason(error, 'AlreadyExists') && !isReason(error, 'NotFound')) failed(error);
    })));
  };
  const tellTruth = async (service: APIService, served: boolean) => {
    const said = availability(service, served, checked(service.metadata.name!));
    if (!said) return;
    const before = service.status?.conditions?.find((condition) => condition.type === 'Available');
    if (before?.status === said.status && before.reason === said.reason && before.message === said.message) return;
    const lastTransitionTime = before?.status === said.status ? before.lastTransitionTime : timestamp(clock.now());
    await client.update(APIServices, { ...service, status: { conditions: [{ ...said, lastTransitionTime }] } }, { subresource: 'status' });
  };
  const run = () => {
    dirty = true;
    running ??= (async () => {
      await Promise.resolve();
      while (dirty) {
        dirty = false;
        await pass();
      }
      running = undefined;
    })();
  };
  const unwatch = store.watch(PREFIX, store.revision, run);
  run();
  return { changed: run, settle: async () => void (await running), stop: unwatch };
}

/** The APIServices of all that this server serves, but for their own group. */
function localServices(scheme: Scheme): APIService[] {
  return scheme.groups().filter(({ name }) => name !== APIServices.group).flatMap(({ name: group, versions }) => versions.map((version): APIService => {
    const custom = scheme.resources(group, version).every((resource) => resource.custom !== undefined);
    return {
      apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `${version}.${group}`, labels: { [MANAGED]: custom ? 'true' : 'onstart' } },
      spec: { ...(group !== '' && { group }), version, ...priorities(group, version, custom) },
    };
  }));
}
