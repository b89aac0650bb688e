import type { KubeObject } from '../../object.ts';
import { renamed } from '../conversion.ts';

/** events.k8s.io/v1 and core/v1 events are one object with some fields named otherwise (pkg/apis/events/v1/conversion.go). Pairs: events.k8s.io, core. */
const NAMES = [
  ['note', 'message'],
  ['regarding', 'involvedObject'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
] as const;

const toCore = new Map<string, string>(NAMES);
const toEvents = new Map<string, string>(NAMES.map(([events, core]) => [core, events]));

export const fromEventsV1 = (event: KubeObject): KubeObject => ({ ...renamed(event, toCore), apiVersion: 'v1' });
export const toEventsV1 = (event: KubeObject): KubeObject => ({ ...renamed(event, toEvents), apiVersion: 'events.k8s.io/v1' });
