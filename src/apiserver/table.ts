import { humanDuration } from '../base/duration.ts';
import type { Column } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import type { Resource } from './scheme.ts';
import { inVersion } from './registry/versions.ts';

/** What stands beside the cells of a row. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

const NAME: Column = {
  name: 'Name', type: 'string', format: 'name', priority: 0,
  description: 'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  cell: (object) => object.metadata.name ?? '',
};
const AGE: Column = {
  name: 'Age', type: 'string', priority: 0,
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  cell: (object, nowMs) => (object.metadata.creationTimestamp ? humanDuration(nowMs - Date.parse(object.metadata.creationTimestamp)) : '<unknown>'),
};
const DEFAULT_COLUMNS: readonly Column[] = [NAME, AGE];

function columnsOf(resource: Resource): readonly Column[] {
  return resource.kind.columns ?? DEFAULT_COLUMNS;
}

/** The columnDefinitions of a Table as JSON. */
export function columnDefinitions(resource: Resource): string {
  return JSON.stringify(
    columnsOf(resource).map(({ name, type, format = '', description = '', priority = 0 }) => ({ name, type, format, description, priority })),
  );
}

const partials = new WeakMap<KubeObject, string>();

/** An object's metadata alone, as JSON; kept beside the object. */
export function partialObjectMetadata(object: KubeObject): string {
  let text = partials.get(object);
  if (text === undefined) partials.set(object, text = `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(object.metadata)}}`);
  return text;
}

/** One row as JSON. */
export function row(resource: Resource, stored: KubeObject, include: IncludeObject, version: string, nowMs: number): string {
  // Custom resources' columns show their defaults as well.
  const shown = resource.custom ? inVersion(resource, stored) : stored;
  const cells = JSON.stringify(columnsOf(resource).map((column) => column.cell(shown, nowMs)));
  return include === 'None' ? `{"cells":${cells}}` : `{"cells":${cells},"object":${rowObject(resource, stored, include, version)}}`;
}

function rowObject(resource: Resource, stored: KubeObject, include: IncludeObject, version: string): string {
  if (include === 'Object') return JSON.stringify(inVersion(resource, stored));
  const partial = partialObjectMetadata(stored);
  return version === 'v1' ? partial : partial.replace('"meta.k8s.io/v1"', '"meta.k8s.io/v1beta1"');
}

/** A whole Table as JSON. */
export function table(resource: Resource, objects: readonly KubeObject[], include: IncludeObject, version: string, metadata: object, nowMs: number, withColumns = true): string {
  const rows = objects.map((object) => row(resource, object, include, version, nowMs)).join(',');
  const columns = withColumns ? columnDefinitions(resource) : 'null';
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${JSON.stringify(metadata)},"columnDefinitions":${columns},"rows":[${rows}]}`;
}
