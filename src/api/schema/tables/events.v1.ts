import { table } from '../table.ts';

/** Messages of events/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('events/v1', `
Event kind # Something that happened to an object.
  1 metadata meta/v1.ObjectMeta =
  2 eventTime MicroTime !
  3 series ?EventSeries
  4 reportingController string
  5 reportingInstance string
  6 action string
  7 reason string
  8 regarding core/v1.ObjectReference
  9 related ?core/v1.ObjectReference
  10 note string
  11 type string
  12 deprecatedSource core/v1.EventSource
  13 deprecatedFirstTimestamp Time
  14 deprecatedLastTimestamp Time
  15 deprecatedCount int32

EventSeries
  1 count int32 !
  2 lastObservedTime MicroTime !
`);
