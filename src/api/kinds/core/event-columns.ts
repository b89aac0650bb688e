import type { Column } from '../../kind.ts';
import type { Event } from '../../types/core.v1.ts';
import { nameColumn, since, text, wide } from '../columns.ts';

/** printEvent of printers.go. */
export const eventColumns: readonly Column<Event>[] = [
  text('Last Seen', (event, now) => since(event.series?.lastObservedTime ?? event.lastTimestamp ?? firstSeen(event), now)),
  text('Type', (event) => event.type ?? ''),
  text('Reason', (event) => event.reason ?? ''),
  text('Object', ({ involvedObject: { kind = '', name } }) => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase())),
  wide('Subobject', (event) => event.involvedObject.fieldPath ?? ''),
  wide('Source', sourceText),
  text('Message', (event) => (event.message ?? '').trim()),
  wide('First Seen', (event, now) => since(firstSeen(event), now)),
  wide('Count', (event) => event.series?.count ?? (event.count || 1)),
  { ...nameColumn, priority: 1 },
];

const firstSeen = (event: Event) => event.firstTimestamp ?? event.eventTime;

function sourceText(event: Event): string {
  const component = event.source?.component || event.reportingComponent || '';
  const instance = event.source?.host || event.reportingInstance || '';
  return instance === '' ? component : `${component}, ${instance}`;
}
