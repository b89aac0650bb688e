import type { ConvertedVersion, Kind, ServedVersion } from '../api/kind.ts';
import { apiVersionOf } from '../api/object.ts';

/** One served version of a kind: what a URL's group, version and plural name. */
export interface Resource {
  readonly kind: Kind;
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly plural: string;
  /** Schema message of this version. */
  readonly message: string;
  /** Set when this is not the stored version. */
  readonly converted?: ConvertedVersion;
  /** Where its objects are in the store: `deployments.apps/`. */
  readonly prefix: string;
  readonly warning?: string;
  /** Set for custom resources. */
  readonly custom?: ServedVersion['custom'];
}

/** Everything that is served, by name. Changes when custom resources come and go. */
export interface Scheme {
  /** Grows with each change; caches of anything derived from the scheme are keyed by it. */
  readonly generation: number;
  find(group: string, version: string, plural: string): Resource | undefined;
  findKind(group: string, version: string, kind: string): Resource | undefined;
  /** The storage version's resource of a group and plural, whatever the version asked for. */
  stored(group: string, plural: string): Resource | undefined;
  /** Groups in order of preference, each with its versions, the preferred one first. */
  groups(): readonly Group[];
  resources(group: string, version: string): readonly Resource[];
  kinds(): readonly Kind[];
  /** Takes `old` out and puts `next` in, as one change. */
  replace(old: Kind | undefined, next: Kind | undefined): void;
}

export interface Group {
  readonly name: string;
  readonly versions: readonly string[];
}

// Upstream's groupPriorityMinimum order (kube-apiserver aggregator priorities): where kubectl finds one short name in two groups, the first group wins.
const ORDER = [
  '', 'apiregistration.k8s.io', 'apps', 'events.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io', 'autoscaling', 'batch', 'certificates.k8s.io',
  'networking.k8s.io', 'policy', 'rbac.authorization.k8s.io', 'storage.k8s.io', 'admissionregistration.k8s.io', 'apiextensions.k8s.io', 'scheduling.k8s.io',
  'coordination.k8s.io', 'node.k8s.io', 'discovery.k8s.io', 'flowcontrol.apiserver.k8s.io',
];

/** What a list of a resource calls itself. */
export function listKindOf({ kind }: Resource): string {
  return kind.listKind ?? `${kind.kind}List`;
}

export function createScheme(kinds: readonly Kind[]): Scheme {
  const installed = new Set<Kind>();
  let byPath = new Map<string, Resource>();
  let byKind = new Map<string, Resource>();
  let byStored = new Map<string, Resource>();
  let byVersion = new Map<string, Resource[]>();
  let groups: Group[] = [];
  let generation = 0;

  const rebuild = () => {
    byPath = new Map();
    byKind = new Map();
    byStored = new Map();
    byVersion = new Map();
    const versions = new Map<string, Set<string>>();
    for (const kind of installed) {
      for (const resource of resourcesOf(kind)) {
        if (!resource.converted) byStored.set(`${resource.group}/${resource.plural}`, resource);
        if (!resource.converted && kind.storage.unserved) continue;
        byPath.set(`${resource.apiVersion}/${resource.plural}`, resource);
        byKind.set(`${resource.apiVersion}/${kind.kind}`, resource);
        const list = byVersion.get(resource.apiVersion) ?? [];
        list.push(resource);
        byVersion.set(resource.apiVersion, list);
        versions.set(resource.group, (versions.get(resource.group) ?? new Set()).add(resource.version));
      }
    }
    groups = [...versions]
      .map(([name, set]) => ({ name, versions: [...set].sort(byVersionPriority) }))
      .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
    generation++;
  };
  for (const kind of kinds) installed.add(kind);
  rebuild();

  return {
    get generation() {
      return generation;
    },
    find: (group, version, plural) => byPath.get(group === '' ? `${version}/${plural}` : `${group}/${version}/${plural}`),
    findKind: (group, version, kind) => byKind.get(group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`),
    stored: (group, plural) => byStored.get(`${group}/${plural}`),
    groups: () => groups,
    resources: (group, version) => byVersion.get(apiVersionOf({ group, version })) ?? [],
    kinds: () => [...installed],
    replace: (old, next) => {
      if (old) installed.delete(old);
      if (next) installed.add(next);
      rebuild();
    },
  };
}

const resources = new WeakMap<Kind, readonly Resource[]>();

/** A kind's resources stay the same objects while others come and go: what is remembered of them stays true. */
function resourcesOf(kind: Kind): readonly Resource[] {
  let known = resources.get(kind);
  if (!known) resources.set(kind, known = buildResources(kind));
  return known;
}

function buildResources(kind: Kind): Resource[] {
  const prefix = `${kind.storage.group === '' ? kind.plural : `${kind.plural}.${kind.storage.group}`}/`;
  return [kind.storage, ...(kind.served ?? [])].map((served) => ({
    kind: served.as ?? kind,
    group: served.group,
    version: served.version,
    apiVersion: apiVersionOf(served),
    plural: kind.plural,
    message: served.message,
    prefix,
    ...(served.warning !== undefined && { warning: served.warning }),
    ...(served.custom && { custom: served.custom }),
    ...('toStorage' in served && { converted: served as ConvertedVersion }),
  }));
}

function rank(group: string): number {
  const at = ORDER.indexOf(group);
  // extensions served kinds that have since moved; the group they moved to must win.
  return at >= 0 ? at : group === 'extensions' ? ORDER.length + 1 : ORDER.length;
}

/** apimachinery pkg/version CompareKubeAwareVersionStrings, descending: v2, v1, v2beta2, v1beta1, v1alpha1. */
export function byVersionPriority(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0;
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor;
}

function parse(version: string): { stage: number; major: number; minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return undefined;
  return { stage: match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0, major: Number(match[1]), minor: Number(match[3] ?? 0) };
}
