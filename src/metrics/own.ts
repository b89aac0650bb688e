import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Pod } from '../api/types/core.v1.ts';

/** One reconcile of an autoscaler, as it is counted; the autoscaler's fits by shape. */
export interface AutoscalerObservation {
  readonly namespace: string;
  readonly name: string;
  readonly action: string;
  readonly error: string;
  readonly seconds: number;
  /** undefined when nothing was decided. */
  readonly desired: number | undefined;
  readonly metrics: readonly { readonly type: string; readonly action: string; readonly error: string }[];
}

/** Coracle's own figures beside the API server's, in Prometheus' text format. */
export interface OwnMetrics {
  observe(observation: AutoscalerObservation): void;
  /** An autoscaler is gone. */
  forget(namespace: string, name: string): void;
  text(): Promise<string>;
}

export interface OwnMetricsOptions {
  readonly pods: () => readonly Pod[];
  readonly requests: () => { readonly pods: readonly (Counts & { readonly port: number })[]; readonly routes: readonly (Counts & { readonly kind: string; readonly host: string; readonly path: string })[] };
}

interface Counts {
  readonly namespace: string;
  readonly name: string;
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  readonly inFlight: number;
  readonly latency: { readonly p99Ms: number };
}

const HPA = 'horizontal_pod_autoscaler_controller_';

export function ownMetrics({ pods, requests }: OwnMetricsOptions): OwnMetrics {
  const registry = new Registry();
  const registers = [registry];
  const reconciles = new Counter({ name: `${HPA}reconciliations_total`, help: 'Number of reconciliations of HPA controller.', labelNames: ['action', 'error'], registers });
  const durations = new Histogram({ name: `${HPA}reconciliation_duration_seconds`, help: 'The time(seconds) that the HPA controller takes to reconcile once.', labelNames: ['action', 'error'], buckets: [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384], registers });
  const computed = new Counter({ name: `${HPA}metric_computation_total`, help: 'Number of metric computations.', labelNames: ['action', 'error', 'metric_type'], registers });
  const desired = new Gauge({ name: `${HPA}desired_replicas`, help: 'Current desired replica count for HPA objects.', labelNames: ['namespace', 'hpa_name'], registers });
  const known = new Set<string>();
  const autoscalers = new Gauge({ name: `${HPA}num_horizontal_pod_autoscalers`, help: 'Current number of controlled HPA objects.', registers });
  const podCounts = new Gauge({ name: 'coracle_pods', help: 'Pods by namespace and phase.', labelNames: ['namespace', 'phase'], registers });
  const subjects = {
    requests: new Counter({ name: 'coracle_http_requests_total', help: 'Requests that the proxies have finished, by what answered them.', labelNames: ['kind', 'namespace', 'name', 'part'], registers }),
    failures: new Counter({ name: 'coracle_http_request_failures_total', help: 'Requests that got a 5xx or no whole answer.', labelNames: ['kind', 'namespace', 'name', 'part'], registers }),
    inFlight: new Gauge({ name: 'coracle_http_requests_in_flight', help: 'Requests being answered now.', labelNames: ['kind', 'namespace', 'name', 'part'], registers }),
    perSecond: new Gauge({ name: 'coracle_http_requests_per_second', help: 'Finished requests a second over the last ten.', labelNames: ['kind', 'namespace', 'name', 'part'], registers }),
    p99: new Gauge({ name: 'coracle_http_request_duration_p99_ms', help: '99th percentile of the time to answer over the last ten to twenty seconds.', labelNames: ['kind', 'namespace', 'name', 'part'], registers }),
  };
  const show = (kind: string, part: string, { namespace, name, perSecond, inFlight, latency, ...counts }: Counts) => {
    const labels = { kind, namespace, name, part };
    subjects.requests.inc(labels, counts.requests);
    subjects.failures.inc(labels, counts.failures);
    subjects.inFlight.set(labels, inFlight);
    subjects.perSecond.set(labels, perSecond);
    subjects.p99.set(labels, latency.p99Ms);
  };

  return {
    observe({ namespace, name, action, error, seconds, desired: replicas, metrics }) {
      reconciles.inc({ action, error });
      durations.observe({ action, error }, seconds);
      for (const metric of metrics) computed.inc({ action: metric.action, error: metric.error, metric_type: metric.type });
      if (replicas !== undefined) desired.set({ namespace, hpa_name: name }, replicas);
      known.add(`${namespace}/${name}`);
    },
    forget(namespace, name) {
      desired.remove({ namespace, hpa_name: name });
      known.delete(`${namespace}/${name}`);
    },
    text() {
      autoscalers.set(known.size);
      podCounts.reset();
      for (const { metadata, status } of pods()) podCounts.inc({ namespace: metadata.namespace ?? '', phase: status?.phase ?? 'Unknown' });
      // The proxies keep the counts: here they are only shown, each time from nothing.
      for (const metric of Object.values(subjects)) metric.reset();
      const figures = requests();
      for (const pod of figures.pods) show('Pod', String(pod.port), pod);
      for (const route of figures.routes) show(route.kind, `${route.host}${route.path}`, route);
      return registry.metrics();
    },
  };
}
