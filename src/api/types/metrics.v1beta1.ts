// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as metaV1 from './meta.v1.ts';

export interface NodeMetrics {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  timestamp?: string | null;
  window?: string;
  usage?: Record<string, string>;
}

export interface PodMetrics {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  timestamp?: string | null;
  window?: string;
  containers?: ContainerMetrics[];
}

export interface ContainerMetrics {
  name?: string;
  usage?: Record<string, string>;
}
