import type { Kind } from '../kind.ts';
import type { JsonObject } from '../json.ts';
import { apiVersionOf } from '../object.ts';
import { customDefinition } from './openapi-custom.ts';
import { definitionName } from './openapi-definitions.ts';
import type { Definitions } from './openapi-definitions.ts';
import { findMessage } from './registry.ts';
import { messageOf } from './kinds.ts';

/** A custom resource's version, for OpenAPI. */
export interface CustomSchema {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** The CRD's openAPIV3Schema. */
  readonly schema: JsonObject | undefined;
  readonly status?: boolean;
  readonly scale?: boolean;
}

export interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** One endpoint: a resource or a subresource in one version. */
export interface Endpoint {
  readonly path: string;
  /** `apps_v1`: upstream's tag. */
  readonly tag: string;
  readonly namespaced: boolean;
  readonly named: boolean;
  /** HTTP method and x-kubernetes-action of each operation. */
  readonly operations: readonly (readonly ['get' | 'put' | 'post' | 'patch' | 'delete', string])[];
  readonly gvk: Gvk;
  /** Name of the schema sent and received; undefined: Status and free forms. */
  readonly body: string | undefined;
  readonly answer: string | undefined;
  /** Distinguishes operation ids. */
  readonly id: string;
  /** Content types of patches. */
  readonly patchTypes: readonly string[];
}

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The endpoints of built-in kinds; their schemas are collected. `only` limits them to one group-version. */
export function builtinEndpoints(kinds: readonly Kind[], into: Definitions, only?: { group: string; version: string }): Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (const kind of kinds) {
    for (const served of [kind.storage, ...(kind.served ?? [])]) {
      if (only && (served.group !== only.group || served.version !== only.version)) continue;
      if (!findMessage(served.message)) continue;
      const gvk = { group: served.group, version: served.version, kind: kind.kind };
      into.refer(served.message);
      const item = definitionName(served.message);
      mark(into, item, gvk);
      const subresources: Subresource[] = [];
      if (kind.status) subresources.push({ name: 'status', gvk, schema: item, verbs: ['get', 'patch', 'update'] });
      if (kind.scale) subresources.push({ name: 'scale', ...typed(into, 'autoscaling', 'v1', 'Scale'), verbs: ['get', 'patch', 'update'] });
      for (const sub of kind.subresources ?? []) subresources.push({ name: sub.name, ...typed(into, sub.group ?? served.group, sub.version ?? served.version, sub.kind), verbs: sub.verbs });
      endpoints.push(...resourceEndpoints({ gvk, plural: kind.plural, namespaced: kind.namespaced, verbs: kind.verbs ?? ALL_VERBS, item, subresources }, into));
    }
  }
  return endpoints;
}

function typed(into: Definitions, group: string, version: string, kind: string): { gvk: Gvk; schema: string | undefined } {
  const gvk = { group, version, kind };
  const found = messageOf(apiVersionOf(gvk), kind);
  if (!found) return { gvk, schema: undefined };
  into.refer(found.id);
  const schema = definitionName(found.id);
  mark(into, schema, gvk);
  return { gvk, schema };
}

/** The endpoints of custom resources; their schemas are collected under upstream's names (`com.example.v1.Foo`). */
export function customEndpoints(customs: readonly CustomSchema[], into: Definitions, only?: { group: string; version: string }): Endpoint[] {
  return customs.filter((c) => !only || (c.group === only.group && c.version === only.version)).flatMap((custom) => {
    const gvk = { group: custom.group, version: custom.version, kind: custom.kind };
    const item = `${custom.group.split('.').reverse().join('.')}.${custom.version}.${custom.kind}`;
    into.add(item, customDefinition(custom.schema, into));
    mark(into, item, gvk);
    const subresources: Subresource[] = [];
    if (custom.status) subresources.push({ name: 'status', gvk, schema: item, verbs: ['get', 'patch', 'update'] });
    if (custom.scale) subresources.push({ name: 'scale', ...typed(into, 'autoscaling', 'v1', 'Scale'), verbs: ['get', 'patch', 'update'] });
    // kubectl merges strategically wherever that is offered.
    return resourceEndpoints({ gvk, plural: custom.plural, namespaced: custom.namespaced, verbs: ALL_VERBS, item, subresources }, into).map((endpoint) => ({ ...endpoint, patchTypes: CUSTOM_PATCH_TYPES }));
  });
}

interface Subresource {
  readonly name: string;
  readonly gvk: Gvk;
  readonly schema: string | undefined;
  readonly verbs: readonly string[];
}

interface Resource {
  readonly gvk: Gvk;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly item: string;
  readonly subresources: readonly Subresource[];
}

const COLLECTION = [['list', 'get', 'list'], ['create', 'post', 'post'], ['deletecollection', 'delete', 'deletecollection']] as const;
const ITEM = [['get', 'get', 'get'], ['update', 'put', 'put'], ['patch', 'patch', 'patch'], ['delete', 'delete', 'delete']] as const;
const SUBRESOURCE = [['get', 'get', 'get'], ['create', 'post', 'post'], ['update', 'put', 'put'], ['patch', 'patch', 'patch'], ['delete', 'delete', 'delete']] as const;

function resourceEndpoints(resource: Resource, into: Definitions): Endpoint[] {
  const { gvk, plural, namespaced, verbs, item } = resource;
  const root = gvk.group === '' ? `/api/${gvk.version}` : `/apis/${gvk.group}/${gvk.version}`;
  const base = `${root}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`;
  const tag = `${gvk.group === '' ? 'core' : (gvk.group.split('.')[0] ?? '')}_${gvk.version}`;
  const list = verbs.includes('list') ? addList(item, gvk, into) : undefined;
  const pick = (table: typeof COLLECTION | typeof ITEM | typeof SUBRESOURCE, of: readonly string[]) => table.filter(([verb]) => of.includes(verb)).map(([, method, action]) => [method, action] as const);
  const common = { patchTypes: PATCH_TYPES, tag, gvk, namespaced };
  const endpoints: Endpoint[] = [
    { ...common, path: base, named: false, operations: pick(COLLECTION, verbs), body: item, answer: list ?? item, id: gvk.kind },
    { ...common, path: `${base}/{name}`, named: true, operations: pick(ITEM, verbs), body: item, answer: item, id: gvk.kind },
  ];
  if (namespaced && list) endpoints.push({ ...common, path: `${root}/${plural}`, namespaced: false, named: false, operations: [['get', 'list']], body: undefined, answer: list, id: `${gvk.kind}ForAllNamespaces` });
  for (const sub of resource.subresources) {
    endpoints.push({ ...common, gvk: sub.gvk, path: `${base}/{name}/${sub.name}`, named: true, operations: pick(SUBRESOURCE, sub.verbs), body: sub.schema, answer: sub.schema, id: `${gvk.kind}${sub.name[0]!.toUpperCase()}${sub.name.slice(1)}` });
  }
  return endpoints.filter((endpoint) => endpoint.operations.length > 0);
}

function addList(item: string, gvk: Gvk, into: Definitions): string {
  const name = `${item}List`;
  into.add(name, {
    description: `A list of ${gvk.kind} objects.`, type: 'object', required: ['items'],
    properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: into.refer('meta/v1.ListMeta'), items: { type: 'array', items: into.referTo(item), description: 'The objects.' } },
  });
  mark(into, name, { ...gvk, kind: `${gvk.kind}List` });
  return name;
}

function mark(into: Definitions, name: string, gvk: Gvk): void {
  const schema = into.schemas[name] as JsonObject;
  const known = (schema['x-kubernetes-group-version-kind'] ?? []) as Gvk[];
  if (!known.some((k) => k.group === gvk.group && k.version === gvk.version && k.kind === gvk.kind)) schema['x-kubernetes-group-version-kind'] = [...known, gvk];
}

/** The query parameters of an operation: name, type, description. */
export function queryParameters(action: string): readonly (readonly [string, string, string])[] {
  const dryRun = ['dryRun', 'string', 'All: everything but the write itself is done.'] as const;
  const manager = ['fieldManager', 'string', 'Who makes this change.'] as const;
  const validation = ['fieldValidation', 'string', 'What to do about unknown and duplicate fields: Ignore, Warn or Strict.'] as const;
  switch (action) {
    case 'post': case 'put': return [dryRun, manager, validation];
    case 'patch': return [dryRun, manager, validation, ['force', 'boolean', 'Take over fields that others apply.'] as const];
    case 'delete': return [dryRun, ['gracePeriodSeconds', 'integer', 'Seconds until the object goes.'], ['propagationPolicy', 'string', 'Orphan, Background or Foreground.']];
    case 'list': case 'deletecollection': return [
      ['labelSelector', 'string', 'Only objects with these labels.'], ['fieldSelector', 'string', 'Only objects with these fields.'], ['limit', 'integer', 'At most so many objects.'],
      ['continue', 'string', 'Where the last page ended.'], ['resourceVersion', 'string', 'As of which version.'], ['resourceVersionMatch', 'string', 'How to take resourceVersion.'],
      ['timeoutSeconds', 'integer', 'How long at most.'], ['watch', 'boolean', 'Changes, as they come.'], ['allowWatchBookmarks', 'boolean', 'Bookmarks in between.'], ['sendInitialEvents', 'boolean', 'A watch begins with what there is.'],
    ];
    default: return [];
  }
}

const CUSTOM_PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'];
export const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

const VERB_NAMES: Readonly<Record<string, string>> = { get: 'read', list: 'list', post: 'create', put: 'replace', patch: 'patch', delete: 'delete', deletecollection: 'deleteCollection' };

/** `readAppsV1NamespacedDeploymentStatus` */
export function operationId(endpoint: Endpoint, action: string): string {
  const tag = endpoint.tag.split('_').map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return `${VERB_NAMES[action]}${tag}${endpoint.namespaced ? 'Namespaced' : ''}${endpoint.id}`;
}
