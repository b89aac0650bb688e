import { AutoscalerDecisions } from '../../api/kinds/coracle/autoscaler-decisions.ts';
import { apiVersionOf } from '../../api/object.ts';
import type { AutoscalerDecisions as AutoscalerDecisionsObject } from '../../api/types/coracle.v1.ts';
import { compare } from '../names.ts';
import type { DecisionRecord } from './record.ts';

/** What of an autoscaler is served as coracle.dev/v1 AutoscalerDecisions. */
export interface DecisionSource {
  /** Every autoscaler's records. */
  allRecords(): readonly { readonly namespace: string; readonly name: string; readonly uid: string; readonly records: readonly DecisionRecord[] }[];
}

/** Where the API finds decisions, as a live source of the store: the objects are made when they are asked for. */
export function decisionObjects(source: () => DecisionSource | undefined): { readonly prefix: string; readonly list: () => readonly AutoscalerDecisionsObject[] } {
  return {
    prefix: 'autoscalerdecisions.coracle.dev/',
    list: () => [...(source()?.allRecords() ?? [])]
      .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name))
      .map(({ namespace, name, uid, records }) => ({
        apiVersion: apiVersionOf(AutoscalerDecisions),
        kind: AutoscalerDecisions.kind,
        metadata: { name, namespace, uid, ...(records[0] && { creationTimestamp: records[0].at }) },
        decisions: [...records],
      })),
  };
}
