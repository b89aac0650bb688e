// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as coreV1 from './core.v1.ts';
import type * as metaV1 from './meta.v1.ts';

export interface MetricValue {
  apiVersion: string;
  kind: string;
  describedObject?: coreV1.ObjectReference;
  metricName?: string;
  timestamp?: string | null;
  window?: number;
  value?: string;
  selector?: metaV1.LabelSelector;
}
