import type { Column } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';
import type { CustomResourceColumnDefinition } from '../../api/types/apiextensions.v1.ts';
import { humanDuration } from '../../base/duration.ts';
import { nameColumn } from '../../api/kinds/columns.ts';
import { compileJsonPath } from './jsonpath.ts';

const AGE: CustomResourceColumnDefinition = {
  name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp',
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
};

/** kubectl's columns of a custom resource: its name and what its definition asks for; without any, its age (apiextensions-apiserver registry/customresource/tableconvertor). */
export function printerColumns(definitions: readonly CustomResourceColumnDefinition[] | undefined): readonly Column[] {
  return [nameColumn, ...(definitions && definitions.length > 0 ? definitions : [AGE]).map(printerColumn)];
}

function printerColumn({ name, type, format, description, priority, jsonPath }: CustomResourceColumnDefinition): Column {
  const find = compileJsonPath(jsonPath);
  return {
    name,
    type: type as Column['type'],
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    ...(format && { format }),
    ...(priority && { priority }),
    cell: (object: KubeObject, nowMs) => cellOf(type, find(object)[0], nowMs),
  };
}

/** A found value as a cell of the column's type; null where it is of another type. */
export function cellOf(type: string, value: unknown, nowMs: number): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, nowMs) : null;
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}

function ageOf(text: string, nowMs: number): string {
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? '<invalid>' : humanDuration(nowMs - time);
}
