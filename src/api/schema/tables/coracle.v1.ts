import { table } from '../table.ts';

/** Coracle's own messages: what has no place in Kubernetes' API. They have no protobuf form. */
export default table('coracle/v1', `
AutoscalerDecisions kind # What the HorizontalPodAutoscaler of the same name decided lately, and everything that went into it. Made when asked for, never stored.
  0 metadata meta/v1.ObjectMeta
  0 decisions []JSON = atomic # Oldest first; amounts in thousandths.
`);
