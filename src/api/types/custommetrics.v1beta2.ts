// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as coreV1 from './core.v1.ts';
import type * as metaV1 from './meta.v1.ts';

export interface MetricValue {
  apiVersion: string;
  kind: string;
  describedObject?: coreV1.ObjectReference;
  metric?: MetricIdentifier;
  timestamp?: string | null;
  windowSeconds?: number;
  value?: string;
}

export interface MetricIdentifier {
  name?: string;
  selector?: metaV1.LabelSelector;
}
