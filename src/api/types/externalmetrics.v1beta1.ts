// Generated from src/api/schema/tables by `npm run generate`. Do not edit.

export interface ExternalMetricValue {
  apiVersion: string;
  kind: string;
  metricName?: string;
  metricLabels?: Record<string, string>;
  timestamp?: string | null;
  window?: number;
  value?: string;
}
