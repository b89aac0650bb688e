import { methodNotSupported } from '../../api/errors.ts';
import { apiVersionOf } from '../../api/object.ts';
import type { ExtraGroup } from '../discovery/aggregated.ts';
import type { RequestInfo } from './path.ts';
import type { Query } from './query.ts';
import { objectReply, type Reply } from './reply.ts';

/** An API group that is read-only and computed when it is asked for, beside those of the scheme: custom.metrics.k8s.io, external.metrics.k8s.io. */
export interface ApiExtension extends ExtraGroup {
  /** The answer, as JSON. Throws StatusError. */
  get(request: ExtensionRequest): object;
}

export interface ExtensionRequest {
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  /** '' when none is given; `*` for all. */
  readonly name: string;
  readonly subresource: string;
  /** A query parameter. */
  parameter(name: string): string | undefined;
}

/** Answers what is an extension's; undefined when it is none's. */
export function handleExtension(extensions: readonly ApiExtension[], info: RequestInfo, query: Query): Reply | undefined {
  const extension = extensions.find(({ group, versions }) => group === info.group && versions.includes(info.version));
  if (!extension) return undefined;
  const { version, namespace, resource, name, subresource } = info;
  if (info.verb !== 'get' && info.verb !== 'list') throw methodNotSupported({ group: info.group, plural: resource }, info.verb);
  return objectReply(200, extension.get({ version, namespace, resource, name, subresource, parameter: (parameter) => query.get(parameter) }));
}

/** `/apis/GROUP` and `/apis/GROUP/VERSION` of extensions. */
export function extensionDiscovery(extensions: readonly ExtraGroup[], group: string, version: string | undefined): object | undefined {
  const extension = extensions.find((candidate) => candidate.group === group);
  if (!extension) return undefined;
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...extensionGroup(extension) };
  if (!extension.versions.includes(version)) return undefined;
  return {
    kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }),
    resources: extension.resources(version).map(({ name, singular, ...line }) => ({ name, singularName: singular, ...line })),
  };
}

/** An extension as one of the groups in `/apis`. */
export function extensionGroup({ group, versions }: ExtraGroup): object {
  const named = versions.map((version) => ({ groupVersion: apiVersionOf({ group, version }), version }));
  return { name: group, versions: named, preferredVersion: named[0] };
}
