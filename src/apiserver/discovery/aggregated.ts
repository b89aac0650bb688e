import { createHash } from 'node:crypto';
import type { Scheme } from '../scheme.ts';
import { discoveredResources } from './resources.ts';

export type DiscoveryVersion = 'v2' | 'v2beta1';

/** Aggregated discovery: all groups (or the core group) with all resources in one answer, and its ETag. */
export interface AggregatedDiscovery {
  readonly body: Buffer;
  readonly etag: string;
}

const cache = new WeakMap<Scheme, { generation: number; documents: Map<string, AggregatedDiscovery> }>();

/** The document for `/api` (core) or `/apis`; made once for each state of the scheme. */
export function aggregatedDiscovery(scheme: Scheme, core: boolean, version: DiscoveryVersion): AggregatedDiscovery {
  let known = cache.get(scheme);
  if (known?.generation !== scheme.generation) cache.set(scheme, known = { generation: scheme.generation, documents: new Map() });
  const key = `${core}/${version}`;
  let document = known.documents.get(key);
  if (!document) known.documents.set(key, document = build(scheme, core, version));
  return document;
}

function build(scheme: Scheme, core: boolean, version: DiscoveryVersion): AggregatedDiscovery {
  const items = scheme.groups().filter((group) => (group.name === '') === core).map((group) => ({
    metadata: { ...(group.name !== '' && { name: group.name }), creationTimestamp: null },
    versions: group.versions.map((groupVersion) => ({ version: groupVersion, resources: resources(scheme, group.name, groupVersion), freshness: 'Current' })),
  }));
  const body = Buffer.from(JSON.stringify({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }));
  return { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
}

function resources(scheme: Scheme, group: string, version: string): object[] {
  const found: { [field: string]: unknown; subresources?: object[] }[] = [];
  for (const line of discoveredResources(scheme, group, version)) {
    const responseKind = { group: line.group ?? group, version: line.version ?? version, kind: line.kind };
    const slash = line.name.indexOf('/');
    if (slash >= 0) {
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
