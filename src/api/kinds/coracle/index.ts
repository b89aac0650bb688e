import { erase } from '../../kind.ts';
import { autoscalerDecisions } from './autoscaler-decisions.ts';

/** Coracle's own kinds. */
export const coracleKinds = [
  erase(autoscalerDecisions),
];
