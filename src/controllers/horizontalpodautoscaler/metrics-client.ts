import type { CrossVersionObjectReference } from '../../api/types/autoscaling.v2.ts';
import type { LabelSelector } from '../../api/types/meta.v1.ts';
import type { Samples } from './samples.ts';

/** Where the autoscaler gets its figures. Each rejects with an Error whose message says what upstream's client says. Values are thousandths. */
export interface MetricsClient {
  /** metrics.k8s.io: a resource of the pods that a selector's text picks; of one container, or ('') of all together. */
  resource(resource: string, namespace: string, selector: string, container: string): Promise<Samples>;
  /** custom.metrics.k8s.io: a metric of each of those pods. */
  pods(metric: string, namespace: string, selector: string, metricSelector: LabelSelector | undefined): Promise<Samples>;
  /** custom.metrics.k8s.io: a metric of one object. */
  object(metric: string, namespace: string, object: CrossVersionObjectReference, metricSelector: LabelSelector | undefined): Promise<number>;
  /** external.metrics.k8s.io: every value of a metric that the selector picks. */
  external(metric: string, namespace: string, metricSelector: LabelSelector | undefined): Promise<readonly number[]>;
}
