import { createHash } from 'node:crypto';
import type { Scheme } from '../scheme.ts';
import { discoveredResources, type DiscoveredResource } from './resources.ts';

export type DiscoveryVersion = 'v2' | 'v2beta1';

/** Aggregated discovery: all groups (or the core group) with all resources in one answer, and its ETag. */
export interface AggregatedDiscovery {
  readonly body: Buffer;
  readonly etag: string;
}

const cache = new WeakMap<Scheme, { generation: number; documents: Map<string, AggregatedDiscovery & { readonly state: string }> }>();

/** Groups beside those of the scheme, whose resources come and go. */
export interface ExtraGroup {
  readonly group: string;
  /** The preferred one first. */
  readonly versions: readonly string[];
  resources(version: string): readonly DiscoveredResource[];
}

/** The document for `/api` (core) or `/apis`; made once for each state of the scheme and of the extra groups. */
export function aggregatedDiscovery(scheme: Scheme, core: boolean, version: DiscoveryVersion, extra: readonly ExtraGroup[] = []): AggregatedDiscovery {
  let known = cache.get(scheme);
  if (known?.generation !== scheme.generation) cache.set(scheme, known = { generation: scheme.generation, documents: new Map() });
  const key = `${core}/${version}`;
  const extraItems = extra.map((group) => itemOf(group.group, group.versions, group.resources));
  const state = JSON.stringify(extraItems);
  let document = known.documents.get(key);
  if (document?.state !== state) known.documents.set(key, document = { ...build(scheme, core, version, extraItems), state });
  return document;
}

function build(scheme: Scheme, core: boolean, version: DiscoveryVersion, extra: readonly object[]): AggregatedDiscovery {
  const own = scheme.groups().filter((group) => (group.name === '') === core)
    .map((group) => itemOf(group.name, group.versions, (groupVersion) => discoveredResources(scheme, group.name, groupVersion)));
  const items = [...own, ...extra];
  const body = Buffer.from(JSON.stringify({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }));
  return { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
}

function itemOf(group: string, versions: readonly string[], resourcesOf: (version: string) => readonly DiscoveredResource[]): object {
  return {
    metadata: { ...(group !== '' && { name: group }), creationTimestamp: null },
    versions: versions.map((version) => ({ version, resources: nested(group, version, resourcesOf(version)), freshness: 'Current' })),
  };
}

/** Lines with their subresources below them. A subresource of a resource that is not listed itself (`pods/http_requests` in custom.metrics.k8s.io) gets a parent without verbs. */
function nested(group: string, version: string, lines: readonly DiscoveredResource[]): object[] {
  const found: { [field: string]: unknown; resource: string; subresources?: object[] }[] = [];
  for (const line of lines) {
    const responseKind = { group: line.group ?? group, version: line.version ?? version, kind: line.kind };
    const slash = line.name.indexOf('/');
    if (slash >= 0) {
      const parent = line.name.slice(0, slash);
      if (found.at(-1)?.resource !== parent) found.push({ resource: parent, responseKind: { group: '', version: '', kind: '' }, scope: line.namespaced ? 'Namespaced' : 'Cluster', singularResource: '', verbs: [] });
      (found.at(-1)!.subresources ??= []).push({ subresource: line.name.slice(slash + 1), responseKind, verbs: line.verbs });
      continue;
    }
    found.push({
      resource: line.name, responseKind, scope: line.namespaced ? 'Namespaced' : 'Cluster', singularResource: line.singular, verbs: line.verbs,
      ...(line.shortNames && { shortNames: line.shortNames }), ...(line.categories && { categories: line.categories }),
    });
  }
  return found;
}
