import { apiVersionOf } from '../../api/object.ts';
import type { Scheme } from '../scheme.ts';
import { discoveredResources } from './resources.ts';

/** `/api`. */
export function apiVersions(address: string): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }] };
}

/** `/apis`; `more`: groups that are not in the scheme. */
export function apiGroupList(scheme: Scheme, more: readonly object[] = []): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: scheme.groups().filter((group) => group.name !== '').map((group): object => groupObject(group)).concat(more) };
}

/** `/apis/GROUP`; undefined when it is not served. */
export function apiGroup(scheme: Scheme, name: string): object | undefined {
  const group = scheme.groups().find((candidate) => candidate.name === name);
  return group && name !== '' ? { kind: 'APIGroup', apiVersion: 'v1', ...groupObject(group) } : undefined;
}

function groupObject(group: { name: string; versions: readonly string[] }): object {
  const versions = group.versions.map((version) => ({ groupVersion: `${group.name}/${version}`, version }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

/** `/api/v1` and `/apis/GROUP/VERSION`; undefined when it is not served. */
export function apiResourceList(scheme: Scheme, group: string, version: string): object | undefined {
  if (scheme.resources(group, version).length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    // Upstream leaves it out for the core group alone.
    ...(group !== '' && { apiVersion: 'v1' }),
    groupVersion: apiVersionOf({ group, version }),
    resources: discoveredResources(scheme, group, version).map(({ name, singular, ...line }) => ({ name, singularName: singular, ...line })),
  };
}
