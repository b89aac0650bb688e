import { badRequest, notFound } from '../../../api/errors.ts';
import { EndpointsList } from '../../../api/kinds/core/endpoints.ts';
import { Nodes } from '../../../api/kinds/core/node.ts';
import { Pods } from '../../../api/kinds/core/pod.ts';
import { Services } from '../../../api/kinds/core/service.ts';
import type { Random } from '../../../base/random.ts';
import type { Client } from '../../../client/client.ts';
import type { Kubelet } from '../../types.ts';
import { forwardHttp, type Answered } from './forward.ts';
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

/** Passes requests on to pods, services and nodes; fits the apiserver's `proxy`. Rejects with StatusError of upstream's texts. */
export function proxyHandler(options: ProxyOptions): (request: ProxyRequest) => Promise<Answered> {
  return async (request) => {
    if (request.kind === 'nodes') return toNode(options, request);
    const { client, random, loopbackPods } = options;
    const { namespace, name: text } = request;
    if (request.kind === 'pods') {
      const target = splitTarget('pod', text);
      const pod = await client().get(Pods, target.name, { namespace });
      const ip = pod.status?.podIP ?? '';
      checkAddress(ip, loopbackPods);
      return forwardHttp({ ...request, scheme: target.scheme, host: ip, port: podPort(pod, target), prefix: prefix(request) });
    }
    const target = splitTarget('service', text);
    const { ip, port } = await chooseEndpoint(client(), random, namespace, text, target);
    checkAddress(ip, loopbackPods);
    return forwardHttp({ ...request, scheme: target.scheme, host: ip, port, prefix: prefix(request) });
  };
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

/** Its kubelet's pages, or any other port of its address. */
async function toNode(options: ProxyOptions, request: ProxyRequest): Promise<Answered> {
  const target = splitTarget('node', request.name);
  const client = options.client();
  const node = await client.get(Nodes, target.name);
  if (target.port === '' || target.port === '10250') {
    const kubelet = options.kubelet(target.name);
    if (!kubelet) throw notFound({ group: '', plural: 'nodes' }, target.name);
    return kubeletPage(kubelet, request.path, async () => (await client.list(Pods, { fieldSelector: `spec.nodeName=${target.name}` })).items);
  }
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  if (address === undefined) throw badRequest('no addresses for hostname');
  checkAddress(address, options.loopbackPods);
  return forwardHttp({ ...request, scheme: target.scheme, host: address, port: portNumber(target.port), prefix: prefix(request) });
}

function prefix({ kind, namespace, name }: ProxyRequest): string {
  return `/api/v1/${kind === 'nodes' ? '' : `namespaces/${namespace}/`}${kind}/${name}/proxy`;
}
