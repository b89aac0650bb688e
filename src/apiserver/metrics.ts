import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Page } from './http/router.ts';
import { textReply } from './http/reply.ts';

/** What the server counts of itself, under upstream's names. */
export interface ServerMetrics {
  /** One answered request; `seconds` is absent for watches, which have no duration worth a histogram. */
  answered(verb: string, resource: string, code: number, seconds: number | undefined): void;
  watching(resource: string, change: 1 | -1): void;
  readonly page: Page;
}

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** `inflight` is read when the metrics are. */
export function serverMetrics(options: { readonly inflight: () => number; readonly waiting: () => number; readonly revision: () => number; readonly more?: (() => Promise<string>) | undefined }): ServerMetrics {
  const registry = new Registry();
  // Watching the process costs something all the time, so it begins with the first reader.
  let ofProcess = false;
  const requests = new Counter({ name: 'apiserver_request_total', help: 'Counter of apiserver requests broken out for each verb, resource and HTTP response code.', labelNames: ['verb', 'resource', 'code'], registers: [registry] });
  const durations = new Histogram({ name: 'apiserver_request_duration_seconds', help: 'Response latency distribution in seconds for each verb and resource.', labelNames: ['verb', 'resource'], buckets: BUCKETS, registers: [registry] });
  const watches = new Gauge({ name: 'apiserver_longrunning_requests', help: 'Gauge of all active long-running apiserver requests broken out by verb and resource.', labelNames: ['verb', 'resource'], registers: [registry] });
  const gauge = (name: string, help: string, read: () => number) => new Gauge({ name, help, registers: [registry], collect() {
    this.set(read());
  } });
  gauge('apiserver_current_inflight_requests', 'Number of requests being served now.', options.inflight);
  gauge('apiserver_current_inqueue_requests', 'Number of requests waiting for their turn.', options.waiting);
  gauge('apiserver_storage_revision', 'The newest revision of the store.', options.revision);
  return {
    answered(verb, resource, code, seconds) {
      requests.inc({ verb, resource, code: String(code) });
      if (seconds !== undefined) durations.observe({ verb, resource }, seconds);
    },
    watching: (resource, change) => watches.inc({ verb: 'WATCH', resource }, change),
    page(path) {
      if (path !== '/metrics') return undefined;
      if (!ofProcess) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
      ofProcess = true;
      return Promise.all([registry.metrics(), options.more?.() ?? '']).then((texts) => {
        const reply = textReply(200, texts.join('\n'));
        reply.headers['content-type'] = registry.contentType;
        return reply;
      });
    },
  };
}
