import type { Duplex } from 'node:stream';
import { badRequest, notFound } from '../../../api/errors.ts';
import { EndpointsList } from '../../../api/kinds/core/endpoints.ts';
import { Nodes } from '../../../api/kinds/core/node.ts';
import { Pods } from '../../../api/kinds/core/pod.ts';
import { Services } from '../../../api/kinds/core/service.ts';
import type { Random } from '../../../base/random.ts';
import type { Client } from '../../../client/client.ts';
import type { Kubelet } from '../../types.ts';
import { forwardHttp, type Answered } from './forward.ts';
import { forwardUpgrade } from './forward-upgrade.ts';
import { kubeletPage } from './kubelet-pages.ts';
import { candidates, checkAddress, noEndpoints, podPort, portNumber, servicePortName, splitTarget, type TargetName } from './target.ts';

/** What the apiserver passes on for `/proxy`. */
export interface ProxyRequest {
  readonly kind: 'pods' | 'services' | 'nodes';
  readonly namespace: string;
  /** `NAME`, `NAME:PORT` or `https:NAME:PORT`. */
  readonly name: string;
  readonly method: string;
  /** Path and query behind `/proxy`, beginning with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface ProxyOptions {
  readonly client: () => Client;
  readonly random: Random;
  /** This process' kubelets, whose own pages are answered without a port. */
  readonly kubelet: (nodeName: string) => Pick<Kubelet, 'nodeName' | 'stats'> | undefined;
  /** Pods have addresses in 127/8, as without root. */
  readonly loopbackPods: boolean;
}

/** Passes requests on to pods, services and nodes; `request` fits the apiserver's `proxy`, `upgrade` its `proxyUpgrade`. Both reject with StatusError of upstream's texts. */
export function proxyHandler(options: ProxyOptions): { request(request: ProxyRequest): Promise<Answered>; upgrade(request: ProxyRequest, socket: Duplex, head: Buffer): Promise<void> } {
  return {
    async request(request) {
      const place = await find(options, request);
      if (place !== 'kubelet') return forwardHttp({ ...request, ...place, prefix: prefix(request), linked: request.kind !== 'nodes' && request.method !== 'HEAD' });
      const { name } = splitTarget('node', request.name);
      const kubelet = options.kubelet(name);
      if (!kubelet) throw notFound({ group: '', plural: 'nodes' }, name);
      return kubeletPage(kubelet, request.path, async () => (await options.client().list(Pods, { fieldSelector: `spec.nodeName=${name}` })).items);
    },
    async upgrade(request, socket, head) {
      const place = await find(options, request);
      if (place === 'kubelet') throw badRequest("a kubelet's pages take no upgraded connection");
      await forwardUpgrade({ ...request, ...place, prefix: prefix(request) }, socket, head);
    },
  };
}

interface Place {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

/** Where a request goes: an address, or the pages of a node's kubelet. */
async function find(options: ProxyOptions, request: ProxyRequest): Promise<Place | 'kubelet'> {
  const place = request.kind === 'pods' ? await podPlace(options.client(), request) : request.kind === 'services' ? await servicePlace(options, request) : await nodePlace(options.client(), request);
  if (place !== 'kubelet') checkAddress(place.host, options.loopbackPods);
  return place;
}

async function podPlace(client: Client, { name, namespace }: ProxyRequest): Promise<Place> {
  const target = splitTarget('pod', name);
  const pod = await client.get(Pods, target.name, { namespace });
  return { scheme: target.scheme, host: pod.status?.podIP ?? '', port: podPort(pod, target) };
}

async function servicePlace({ client, random }: ProxyOptions, { name, namespace }: ProxyRequest): Promise<Place> {
  const target = splitTarget('service', name);
  const { ip, port } = await chooseEndpoint(client(), random, namespace, name, target);
  return { scheme: target.scheme, host: ip, port };
}

/** Its kubelet, or any other port of its address. */
async function nodePlace(client: Client, { name }: ProxyRequest): Promise<Place | 'kubelet'> {
  const target = splitTarget('node', name);
  const node = await client.get(Nodes, target.name);
  if (target.port === '' || target.port === '10250') return 'kubelet';
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  if (address === undefined) throw badRequest('no addresses for hostname');
  return { scheme: target.scheme, host: address, port: portNumber(target.port) };
}

async function chooseEndpoint(client: Client, random: Random, namespace: string, text: string, target: TargetName) {
  const portName = servicePortName(/^\d+$/.test(target.port) ? await client.get(Services, target.name, { namespace }) : undefined, target);
  const endpoints = await client.get(EndpointsList, target.name, { namespace });
  if ((endpoints.subsets ?? []).length === 0) throw noEndpoints(target.name);
  const all = candidates(endpoints, portName, text);
  const start = random.int(all.length);
  for (const candidate of [...all.slice(start), ...all.slice(0, start)]) {
    // Anybody may write Endpoints: only addresses of pods are reached through us.
    const pod = await client.get(Pods, candidate.pod, { namespace }).catch(() => undefined);
    if (pod?.status?.podIPs?.some(({ ip }) => ip === candidate.ip)) return candidate;
  }
  throw noEndpoints(text);
}

function prefix({ kind, namespace, name }: ProxyRequest): string {
  return `/api/v1/${kind === 'nodes' ? '' : `namespaces/${namespace}/`}${kind}/${name}/proxy`;
}
