import { createHash } from 'node:crypto';
import type { Kind } from '../../api/kind.ts';
import type { Resource, Scheme } from '../scheme.ts';

/** One line of discovery: a resource or one of its subresources. */
export interface DiscoveredResource {
  /** `pods` or `pods/log`. */
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  /** Set when the kind is of another group-version than the list. */
  readonly group?: string;
  readonly version?: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Of what is stored: tells which version it is stored in. */
  readonly storageVersionHash?: string;
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const OWN_VERBS = ['get', 'patch', 'update'];

/** Everything that a group-version serves, as both forms of discovery list it: by name, each followed by its subresources. */
export function discoveredResources(scheme: Scheme, group: string, version: string): readonly DiscoveredResource[] {
  return [...scheme.resources(group, version)].sort((a, b) => (a.plural < b.plural ? -1 : 1)).flatMap(linesOf);
}

function linesOf(resource: Resource): DiscoveredResource[] {
  const { kind, plural } = resource;
  // A kind that moved (extensions to apps) goes by its short name only where it lives now: kubectl warns of a short name that two groups claim. Events have theirs in both.
  const atHome = resource.group === kind.storage.group || resource.group === 'events.k8s.io';
  const lines: DiscoveredResource[] = [{
    name: plural,
    singular: kind.singular,
    kind: kind.kind,
    namespaced: kind.namespaced,
    verbs: [...(kind.verbs ?? VERBS)].sort(),
    ...(atHome && kind.shortNames && { shortNames: kind.shortNames }),
    ...(atHome && kind.categories && { categories: kind.categories }),
    ...((!kind.verbs || kind.verbs.includes('watch')) && { storageVersionHash: storageVersionHash(kind) }),
  }];
  for (const sub of subresourcesOf(kind)) {
    const elsewhere = sub.group !== undefined && !(sub.group === resource.group && (sub.version ?? resource.version) === resource.version);
    lines.push({
      name: `${plural}/${sub.name}`, singular: '', kind: sub.kind, namespaced: kind.namespaced, verbs: [...sub.verbs].sort(),
      ...(elsewhere && { group: sub.group!, version: sub.version ?? 'v1' }),
    });
  }
  return lines;
}

/** Changes when objects come to be stored in another version (apiserver/pkg/endpoints/discovery/storageversionhash.go). */
function storageVersionHash({ kind, storage: { group, version } }: Kind): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');
}

/** All subresources of a kind by name, the declared ones and those that `status` and `scale` stand for. */
function subresourcesOf(kind: Kind): NonNullable<Kind['subresources']> {
  return [
    ...(kind.subresources ?? []),
    ...(kind.scale ? [{ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: OWN_VERBS }] : []),
    ...(kind.status ? [{ name: 'status', kind: kind.kind, verbs: OWN_VERBS }] : []),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}
