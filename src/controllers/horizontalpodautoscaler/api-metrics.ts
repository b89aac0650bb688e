import { isReason } from '../../api/errors.ts';
import { PodMetrics as PodMetricsType } from '../../api/kinds/metrics/pod-metrics.ts';
import type { MetricValue } from '../../api/types/custommetrics.v1beta2.ts';
import type { ExternalMetricValue } from '../../api/types/externalmetrics.v1beta1.ts';
import type { LabelSelector } from '../../api/types/meta.v1.ts';
import type { PodMetrics } from '../../api/types/metrics.v1beta1.ts';
import { formatLabelSelector } from '../../api/selectors.ts';
import { parseDuration } from '../../base/duration.ts';
import type { Client } from '../../client/client.ts';
import type { MetricsClient } from './metrics-client.ts';
import { milliOf } from './numbers.ts';
import { getJson, type RestMapper } from './rest-mapping.ts';
import type { Sample } from './samples.ts';

/** The window of a custom metric that names none (metrics/client.go metricServerDefaultMetricWindow). */
const DEFAULT_WINDOW_MS = 60_000;

/** Metrics from the cluster's own metrics APIs, whoever serves them (pkg/controller/podautoscaler/metrics/client.go). */
export function apiMetrics(client: Client, mapper: RestMapper): MetricsClient {
  const fetch = async <T>(api: string, path: string, what: string): Promise<readonly T[]> => {
    let items: readonly T[] | undefined;
    try {
      items = (await getJson<{ items?: readonly T[] }>(client, path, what)).items;
    } catch (error) {
      throw new Error(`unable to fetch metrics from ${api} metrics API: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    if (!items || items.length === 0) throw new Error(`no metrics returned from ${api} metrics API`);
    return items;
  };
  const resourceOf = async (apiVersion: string | undefined, kind: string): Promise<string> => {
    const [mapping] = await mapper.mappings(apiVersion, kind);
    return mapping!.group === '' ? mapping!.plural : `${mapping!.plural}.${mapping!.group}`;
  };

  return {
    async resource(resource, namespace, selector, container) {
      const pods = await listPods(client, namespace, selector);
      return new Map(pods.flatMap((pod): [string, Sample][] => {
        const value = usageOf(pod, resource, container);
        return value === undefined ? [] : [[pod.metadata.name ?? '', { value, timestamp: Date.parse(pod.timestamp ?? ''), windowMs: parseDuration(pod.window ?? '0s') }]];
      }));
    },
    async pods(metric, namespace, selector, metricSelector) {
      const values = await fetch<MetricValue>('custom', `/apis/custom.metrics.k8s.io/v1beta2/namespaces/${path(namespace)}/pods/*/${path(metric)}${query({ labelSelector: selector, metricLabelSelector: textOf(metricSelector) })}`, `pods.custom.metrics.k8s.io * ${metric}`);
      return new Map(values.map((value) => [value.describedObject?.name ?? '', {
        value: milliOf(value.value ?? '0'), timestamp: Date.parse(value.timestamp ?? ''), windowMs: value.windowSeconds === undefined ? DEFAULT_WINDOW_MS : value.windowSeconds * 1000,
      }]));
    },
    async object(metric, namespace, { apiVersion, kind, name }, metricSelector) {
      const plural = await resourceOf(apiVersion, kind);
      // A Namespace stands at the root, and it is always the HPA's own.
      const subject = plural === 'namespaces' ? `namespaces/${path(namespace)}/metrics` : `namespaces/${path(namespace)}/${plural}/${path(name)}`;
      const [value] = await fetch<MetricValue>('custom', `/apis/custom.metrics.k8s.io/v1beta2/${subject}/${path(metric)}${query({ metricLabelSelector: textOf(metricSelector) })}`, `${plural}.custom.metrics.k8s.io ${name}`);
      return milliOf(value?.value ?? '0');
    },
    async external(metric, namespace, metricSelector) {
      const values = await fetch<ExternalMetricValue>('external', `/apis/external.metrics.k8s.io/v1beta1/namespaces/${path(namespace)}/${path(metric)}${query({ labelSelector: textOf(metricSelector) })}`, `${metric}.external.metrics.k8s.io`);
      return values.map((value) => milliOf(value.value ?? '0'));
    },
  };
}

/** What metrics.k8s.io says of the pods that a selector picks; a list, since in process that moves no bytes. */
async function listPods(client: Client, namespace: string, labelSelector: string): Promise<readonly PodMetrics[]> {
  let items: readonly PodMetrics[];
  try {
    ({ items } = await client.list(PodMetricsType, { namespace, labelSelector }));
  } catch (error) {
    const missing = isReason(error, 'NotFound') ? 'the server could not find the requested resource (get pods.metrics.k8s.io)' : undefined;
    throw new Error(`unable to fetch metrics from resource metrics API: ${missing ?? (error instanceof Error ? error.message : String(error))}`, { cause: error });
  }
  if (items.length === 0) throw new Error('no metrics returned from resource metrics API');
  return items;
}

/** A pod's use of a resource, in thousandths; undefined when any of its containers (or the named one) has no figure. */
function usageOf({ containers = [] }: PodMetrics, resource: string, container: string): number | undefined {
  const counted = container === '' ? containers : containers.filter((candidate) => candidate.name === container).slice(0, 1);
  if (counted.length === 0) return undefined;
  let total = 0;
  for (const { usage } of counted) {
    if (usage?.[resource] === undefined) return undefined;
    total += milliOf(usage[resource]);
  }
  return total;
}

const path = encodeURIComponent;
const textOf = (selector: LabelSelector | undefined) => (selector ? formatLabelSelector(selector) : '');

function query(parameters: Readonly<Record<string, string>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}
