import { humanDuration } from '../../base/duration.ts';
import { formatLabelSelector } from '../selectors.ts';
import type { Column } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import type { Container, LoadBalancerStatus } from '../types/core.v1.ts';
import type { LabelSelector } from '../types/meta.v1.ts';

/** Building blocks of the printer columns. Texts follow pkg/printers/internalversion/printers.go. */

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  cell: (object) => object.metadata.name ?? '',
};

export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
  cell: (object, now) => since(object.metadata.creationTimestamp, now),
};

/** What upstream prints of kinds that it has no columns for. */
export const createdAtColumn: Column = { name: 'Created At', type: 'date', cell: (object) => object.metadata.creationTimestamp ?? '' };

type Cell<T extends KubeObject> = Column<T>['cell'];

export const text = <T extends KubeObject>(name: string, cell: Cell<T>): Column<T> => ({ name, type: 'string', cell });
export const integer = <T extends KubeObject>(name: string, cell: Cell<T>): Column<T> => ({ name, type: 'integer', cell });
export const boolean = <T extends KubeObject>(name: string, cell: Cell<T>): Column<T> => ({ name, type: 'boolean', cell });
/** Shown with -o wide only. */
export const wide = <T extends KubeObject>(name: string, cell: Cell<T>): Column<T> => ({ name, type: 'string', priority: 1, cell });

/** How long ago an RFC 3339 time was. */
export function since(time: string | null | undefined, now: number): string {
  return time ? humanDuration(now - Date.parse(time)) : '<unknown>';
}

/** `a=1,b=2`, sorted; `<none>` when empty. */
export function labelsText(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`).sort();
  return pairs.length === 0 ? '<none>' : pairs.join(',');
}

/** A LabelSelector as `-l` would take it; empty for one that selects all. */
export function selectorText(selector: LabelSelector | undefined): string {
  try {
    return selector ? formatLabelSelector(selector) : '';
  } catch {
    return '<invalid>';
  }
}

/** As `selectorText`, with `<none>` for empty. */
export function selectorOrNone(selector: LabelSelector | undefined): string {
  return selectorText(selector) || '<none>';
}

export const containerNames = (containers: readonly Container[] | undefined) => (containers ?? []).map((c) => c.name).join(',');
export const containerImages = (containers: readonly Container[] | undefined) => (containers ?? []).map((c) => c.image ?? '').join(',');

/** The wide columns of everything that has a pod template. */
export function templateColumns<T extends KubeObject>(containersOf: (object: T) => readonly Container[] | undefined): Column<T>[] {
  return [wide('Containers', (object: T) => containerNames(containersOf(object))), wide('Images', (object: T) => containerImages(containersOf(object)))];
}

/** `a,b,c + 2 more...` when there are more than `most`. */
export function listWithMore(items: readonly string[], most: number, empty: string, separator = ','): string {
  if (items.length === 0) return empty;
  return items.length <= most ? items.join(separator) : `${items.slice(0, most).join(separator)} + ${items.length - most} more...`;
}

export const boolText = (value: boolean | undefined) => (value === undefined ? '<unset>' : value ? 'True' : 'False');

const SHORT_MODES: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

/** `RWO,RWX`, in the order of the known modes. */
export function accessModesText(modes: readonly string[] | undefined): string {
  return Object.entries(SHORT_MODES).filter(([mode]) => modes?.includes(mode)).map(([, short]) => short).join(',');
}

/** The addresses of a load balancer, sorted. */
export function loadBalancerAddresses(status: LoadBalancerStatus | undefined): string[] {
  const addresses = (status?.ingress ?? []).map((ingress) => ingress.ip || ingress.hostname || '').filter((address) => address !== '');
  return [...new Set(addresses)].sort();
}
