// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as metaV1 from './meta.v1.ts';

/** What the HorizontalPodAutoscaler of the same name decided lately, and everything that went into it. Made when asked for, never stored. */
export interface AutoscalerDecisions {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  /** Oldest first; amounts in thousandths. */
  decisions?: unknown[];
}
