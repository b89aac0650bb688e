import type { KubeObject, ResourceType } from '../api/object.ts';
import type { DeleteOptions, ListOptions, Patch, PatchOptions, WatchOptions, WriteOptions } from './client.ts';

/** The URL path of a resource, an object in it, or a subresource of that. Throws TypeError where the resource is namespaced and one object has no namespace. */
export function pathOf(type: ResourceType<KubeObject>, target: { readonly namespace?: string; readonly name?: string; readonly subresource?: string }): string {
  const { namespace, name, subresource } = target;
  if (name === '') throw new TypeError(`a name is needed to address one of ${type.plural}`);
  if (type.namespaced && name !== undefined && !namespace) throw new TypeError(`${type.plural} "${name}": a namespace is needed`);
  const parts = [
    ...(type.group === '' ? ['api'] : ['apis', type.group]),
    type.version,
    ...(type.namespaced && namespace ? ['namespaces', namespace] : []),
    type.plural,
    ...(name === undefined ? [] : [name]),
    // A subresource may have a path of its own (`proxy/healthz`).
    ...(subresource === undefined ? [] : subresource.split('/')),
  ];
  return `/${parts.map(segment).join('/')}`;
}

/** What no path segment can be on the wire: it would climb to another path before the server sees it. */
function segment(text: string): string {
  if (text === '.' || text === '..') throw new TypeError(`"${text}" is no name`);
  return encodeURIComponent(text);
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `?a=1&b=2`, or '' where nothing is set. */
export function queryOf(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '' && value !== false) search.set(name, String(value));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export const listQuery = ({ labelSelector, fieldSelector, limit, continue: token, resourceVersion, resourceVersionMatch }: ListOptions): Query => ({ labelSelector, fieldSelector, limit, continue: token, resourceVersion, resourceVersionMatch });

export const watchQuery = ({ labelSelector, fieldSelector, resourceVersion, resourceVersionMatch, allowWatchBookmarks, sendInitialEvents, timeoutSeconds }: WatchOptions): Query => ({
  labelSelector,
  fieldSelector,
  resourceVersion,
  resourceVersionMatch,
  allowWatchBookmarks,
  sendInitialEvents,
  timeoutSeconds,
  watch: true,
});

export const writeQuery = ({ fieldManager, dryRun, fieldValidation, force }: WriteOptions & PatchOptions): Query => ({ fieldManager, dryRun: dryRun ? 'All' : undefined, fieldValidation, force });

/** The body of a delete: DeleteOptions, or nothing where nothing is asked for. */
export function deleteBody({ gracePeriodSeconds, propagationPolicy, preconditions, dryRun }: DeleteOptions): object | undefined {
  const options = { ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }), ...(propagationPolicy && { propagationPolicy }), ...(preconditions && { preconditions }), ...(dryRun && { dryRun: ['All'] }) };
  return Object.keys(options).length === 0 ? undefined : { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
}

export function patchBody(patch: Patch): { readonly contentType: string; readonly body: unknown } {
  switch (patch.type) {
    case 'json':
      return { contentType: 'application/json-patch+json', body: patch.operations };
    case 'merge':
      return { contentType: 'application/merge-patch+json', body: patch.body };
    case 'strategic':
      return { contentType: 'application/strategic-merge-patch+json', body: patch.body };
    case 'apply':
      // JSON is YAML.
      return { contentType: 'application/apply-patch+yaml', body: patch.body };
  }
}
