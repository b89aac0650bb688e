// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as coreV1 from './core.v1.ts';
import type * as metaV1 from './meta.v1.ts';

/** Names a priority. */
export interface PriorityClass {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  /** The priority; higher is more important. */
  value: number;
  globalDefault?: boolean;
  description?: string;
  preemptionPolicy?: coreV1.PreemptionPolicy;
}
