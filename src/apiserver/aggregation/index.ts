import type { IncomingMessage } from 'node:http';
import { StatusError, notFound } from '../../api/errors.ts';
import { isObject } from '../../api/json.ts';
import type { APIService, APIServiceCondition } from '../../api/types/apiregistration.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Store, StoreEvent } from '../../store/store.ts';
import type { ExtraGroup } from '../discovery/aggregated.ts';
import type { DiscoveredResource } from '../discovery/resources.ts';
import { pipe, textReply, type ApiRequest, type Reply } from '../http/reply.ts';
import type { Scheme } from '../scheme.ts';
import { MASTERS, type UserInfo } from '../user.ts';
import { ask, createAgent } from './ask.ts';
import type { FrontProxy } from './front-proxy.ts';
import { locate, type Address, type Unavailable } from './locate.ts';

const PREFIX = 'apiservices.apiregistration.k8s.io/';
const AGAIN_MS = 30_000;
/** After a failure it is asked sooner. */
const SOON_MS = 1_000;
const PATIENCE_MS = 5_000;
const AGGREGATOR: UserInfo = { name: 'system:kube-aggregator', groups: [MASTERS] };

export interface RemoteApisOptions {
  readonly store: Store;
  readonly scheme: Scheme;
  readonly clock: Clock;
  readonly random: Random;
  readonly frontProxy: () => Promise<FrontProxy>;
  /** Told that what is known of an APIService is another thing now: its condition is to be written. */
  readonly changed: () => void;
}

/** API servers behind this one, by the APIServices that name them (kube-aggregator). */
export interface RemoteApis {
  /** Answers a request for a group-version that another API server serves, or for its OpenAPI; undefined when none does. */
  forward(path: string, request: ApiRequest, user: UserInfo): Promise<Reply> | undefined;
  /** What they serve, for discovery. */
  groups(): readonly ExtraGroup[];
  /** The group-versions that can be asked for: `wardle.example.com/v1alpha1`. */
  available(): readonly string[];
  /** What is known of one, for its condition; undefined before it was looked at. */
  condition(name: string): Condition | undefined;
  stop(): void;
}

export type Condition = Omit<APIServiceCondition, 'lastTransitionTime'>;

interface Remote {
  readonly service: APIService;
  condition?: Condition;
  /** What it serves, as it last said. */
  resources: readonly DiscoveredResource[];
  checking: boolean;
  timer: { cancel(): void };
}

export function createRemoteApis({ store, scheme, clock, random, frontProxy, changed }: RemoteApisOptions): RemoteApis {
  const remotes = new Map<string, Remote>();
  const agent = createAgent();
  const never = { cancel: () => {} };

  const take = ({ type, entry }: Pick<StoreEvent, 'type' | 'entry'>) => {
    const service = entry.object as APIService;
    const name = service.metadata.name!;
    const { group = '', version = '' } = service.spec;
    const before = remotes.get(name);
    if (type === 'DELETED' || !service.spec.service || scheme.resources(group, version).length > 0) {
      before?.timer.cancel();
      remotes.delete(name);
      return;
    }
    const same = before && before.service.metadata.generation === service.metadata.generation && JSON.stringify(before.service.spec) === JSON.stringify(service.spec);
    if (same) return;
    before?.timer.cancel();
    const remote: Remote = { service, resources: [], checking: false, timer: never };
    remotes.set(name, remote);
    look(remote);
  };
  const look = (remote: Remote) => {
    remote.timer.cancel();
    if (remote.checking) return;
    remote.checking = true;
    void check(remote).catch((error: unknown) => failed(messageOf(error))).then((condition) => {
      remote.checking = false;
      if (remotes.get(remote.service.metadata.name!) !== remote) return;
      remote.timer = clock.after(condition.status === 'True' ? AGAIN_MS : SOON_MS, () => look(remote));
      if (JSON.stringify(remote.condition) === JSON.stringify(condition)) return;
      remote.condition = condition;
      changed();
    });
  };
  const address = (service: APIService): { readonly at: Address } | Unavailable => {
    const found = locate(service, store);
    return 'addresses' in found ? { at: found.addresses[random.int(found.addresses.length)]! } : found;
  };
  const check = async (remote: Remote): Promise<Condition> => {
    const { service } = remote;
    const found = address(service);
    if (!('at' in found)) return { type: 'Available', status: 'False', ...found };
    const path = `/apis/${service.spec.group}/${service.spec.version}`;
    const url = `https://${found.at.host}:${found.at.port}${path}`;
    const give = new AbortController();
    const patience = clock.after(PATIENCE_MS, () => give.abort(new Error('Client.Timeout exceeded while awaiting headers')));
    try {
      const answer = await ask(agent, await frontProxy(), service, found.at, { method: 'GET', url: path, headers: { accept: 'application/json' }, body: async () => Buffer.alloc(0) }, AGGREGATOR, give.signal);
      const body = await whole(answer.body);
      if (answer.status < 200 || answer.status > 299) return failed(`failing or missing response from ${url}: bad status from ${url}: ${answer.status}`);
      remote.resources = resourcesOf(body);
      return { type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed' };
    } catch (error) {
      return failed(`failing or missing response from ${url}: Get ${JSON.stringify(url)}: ${messageOf(error)}`);
    } finally {
      patience.cancel();
    }
  };
  const failed = (message: string): Condition => ({ type: 'Available', status: 'False', reason: 'FailedDiscoveryCheck', message });
  /** A service or its endpoints moved. */
  const moved = ({ entry }: StoreEvent) => {
    if (remotes.size === 0) return;
    const { name, namespace, labels } = entry.object.metadata;
    const about = entry.object.kind === 'EndpointSlice' ? labels?.['kubernetes.io/service-name'] : name;
    for (const remote of remotes.values()) if (remote.service.spec.service?.name === about && remote.service.spec.service?.namespace === namespace) look(remote);
  };

  const from = store.revision;
  for (const entry of store.list(PREFIX).entries) take({ type: 'ADDED', entry });
  const unwatch = [store.watch(PREFIX, from, take), store.watch('services/', from, moved), store.watch('endpointslices.discovery.k8s.io/', from, moved)];

  return {
    forward(path, request, user) {
      if (remotes.size === 0) return undefined;
      const [root, group, version] = path.replace(/^\/openapi\/v3(?=\/apis\/)/, '').split('/').filter(Boolean);
      const remote = root === 'apis' && version !== undefined ? remotes.get(`${version}.${group}`) : undefined;
      if (!remote) return undefined;
      return (async (): Promise<Reply> => {
        const found = address(remote.service);
        if (remote.condition?.status !== 'True' || !('at' in found)) return textReply(503, 'service unavailable\n');
        const answer = await ask(agent, await frontProxy(), remote.service, found.at, request, user).catch((error: unknown) => {
          look(remote);
          throw unreachable(messageOf(error));
        });
        return { status: answer.status, headers: answer.headers, body: (out) => pipe(answer.body, out) };
      })();
    },
    groups() {
      const groups = new Map<string, Remote[]>();
      for (const remote of remotes.values()) {
        const { group = '' } = remote.service.spec;
        // What this server serves versions of itself, it lists itself.
        if (!scheme.groups().some(({ name }) => name === group)) groups.set(group, [...(groups.get(group) ?? []), remote]);
      }
      return [...groups].map(([group, members]) => {
        const sorted = members.sort((a, b) => b.service.spec.versionPriority - a.service.spec.versionPriority);
        return {
          group, versions: sorted.map(({ service }) => service.spec.version ?? ''),
          resources(version: string) {
            const remote = sorted.find(({ service }) => service.spec.version === version);
            if (!remote) throw notFound({ group: '', plural: 'apiservices' }, `${version}.${group}`);
            return remote.resources;
          },
        };
      });
    },
    available: () => [...remotes.values()].filter(({ condition }) => condition?.status === 'True').map(({ service }) => `${service.spec.group}/${service.spec.version}`),
    condition: (name) => remotes.get(name)?.condition,
    stop() {
      for (const end of unwatch) end();
      for (const remote of remotes.values()) remote.timer.cancel();
      remotes.clear();
      agent.destroy();
    },
  };
}

const unreachable = (message: string) =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: `error trying to reach service: ${message}`, reason: 'ServiceUnavailable', code: 503 });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The resources of an APIResourceList. Throws when the answer is none. */
function resourcesOf(body: Buffer): DiscoveredResource[] {
  const list: unknown = JSON.parse(body.toString('utf8'));
  if (!isObject(list) || list['kind'] !== 'APIResourceList' || !Array.isArray(list['resources'])) throw new Error('the answer is no APIResourceList');
  return (list['resources'] as (DiscoveredResource & { singularName?: string })[]).map(({ singularName, ...line }) => ({ ...line, singular: singularName ?? '', verbs: line.verbs ?? [] }));
}

async function whole(body: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
