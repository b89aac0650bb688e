import { badRequest, StatusError } from '../api/errors.ts';
import { matchesLabels, parseLabelSelector, SelectorError, type LabelSelector } from '../api/selectors.ts';
import { asExternal, combined, customValues, ROUTE_RESOURCES, selected, type CustomSources, type ObjectValue } from './custom.ts';

/** A read-only API group that is computed when it is asked for. The API server takes it by shape. */
export interface MetricsExtension {
  readonly group: string;
  /** The preferred one first. */
  readonly versions: readonly string[];
  resources(version: string): readonly { readonly name: string; readonly singular: string; readonly kind: string; readonly namespaced: boolean; readonly verbs: readonly string[] }[];
  get(request: MetricsRequest): object;
}

export interface MetricsRequest {
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  parameter(name: string): string | undefined;
}

const KINDS: Readonly<Record<string, { readonly apiVersion: string; readonly kind: string }>> = {
  pods: { apiVersion: 'v1', kind: 'Pod' },
  services: { apiVersion: 'v1', kind: 'Service' },
  namespaces: { apiVersion: 'v1', kind: 'Namespace' },
  [ROUTE_RESOURCES['Ingress']!]: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  [ROUTE_RESOURCES['HTTPRoute']!]: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
  [ROUTE_RESOURCES['GRPCRoute']!]: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GRPCRoute' },
};

/** custom.metrics.k8s.io: metrics about objects (`/namespaces/NS/pods/NAME/http_requests`; `*` for all). */
export function customMetricsApi(sources: CustomSources): MetricsExtension {
  return {
    group: 'custom.metrics.k8s.io',
    versions: ['v1beta2', 'v1beta1'],
    resources: () => [...new Set([...customValues(sources)].map(({ resource, metric }) => `${resource}/${metric}`))].sort()
      .map((name) => ({ name, singular: '', kind: 'MetricValueList', namespaced: true, verbs: ['get'] })),
    get(request) {
      const { version, namespace, parameter } = request;
      // `/namespaces/NS/metrics/METRIC` is about the namespace itself: its pods together.
      const ofNamespace = request.resource === 'metrics';
      const [resource, name, metric] = ofNamespace ? ['namespaces', namespace, request.name] : [request.resource, request.name, request.subresource];
      const pods = new Map(sources.pods().filter(({ metadata }) => metadata.namespace === namespace).map((pod) => [pod.metadata.name, pod.metadata.labels]));
      const wanted = selectorOf(parameter('labelSelector'));
      const all = [...customValues(sources)].filter((value) => value.namespace === namespace && value.metric === metric && value.resource === (ofNamespace ? 'pods' : resource));
      const subject = (value: ObjectValue): ObjectValue => (ofNamespace ? { ...value, resource, name } : value);
      const values = combined(selected(all, selectorOf(parameter('metricLabelSelector'))).map(subject))
        .filter((value) => (name === '*' ? resource !== 'pods' || matchesLabels(wanted, pods.get(value.name)) : value.name === name));
      if (values.length === 0) throw notFound(`the server could not find the metric ${metric} for ${resource}${name === '*' ? '' : ` ${name}`}`);
      return { kind: 'MetricValueList', apiVersion: `custom.metrics.k8s.io/${version}`, metadata: {}, items: values.map((value) => metricValue(value, version)) };
    },
  };
}

/** external.metrics.k8s.io: the same figures as sets of labelled values, the object among the labels (`pod`, `service`, `ingress`, `httproute`). */
export function externalMetricsApi(sources: CustomSources): MetricsExtension {
  return {
    group: 'external.metrics.k8s.io',
    versions: ['v1beta1'],
    resources: () => [...new Set([...customValues(sources)].map(({ metric }) => metric))].sort()
      .map((name) => ({ name, singular: '', kind: 'ExternalMetricValueList', namespaced: true, verbs: ['get'] })),
    get({ version, namespace, resource, parameter }) {
      const all = [...customValues(sources)].filter((value) => value.namespace === namespace && value.metric === resource).map(asExternal);
      return {
        kind: 'ExternalMetricValueList', apiVersion: `external.metrics.k8s.io/${version}`, metadata: {},
        items: selected(all, selectorOf(parameter('labelSelector'))).map(({ labels, at, windowMs, value }) => ({
          metricName: resource, metricLabels: labels, timestamp: rfc3339(at), ...(windowMs !== undefined && { window: Math.round(windowMs / 1000) }), value: quantity(value),
        })),
      };
    },
  };
}

function metricValue({ resource, namespace, name, metric, at, windowMs, value }: ObjectValue, version: string): object {
  const describedObject = { ...KINDS[resource], ...(resource !== 'namespaces' && { namespace }), name };
  const window = windowMs === undefined ? undefined : Math.round(windowMs / 1000);
  if (version === 'v1beta1') return { describedObject, metricName: metric, timestamp: rfc3339(at), ...(window !== undefined && { window }), value: quantity(value), selector: null };
  return { describedObject, metric: { name: metric, selector: null }, timestamp: rfc3339(at), ...(window !== undefined && { windowSeconds: window }), value: quantity(value) };
}

/** A number as a quantity, to the thousandth. */
export function quantity(value: number): string {
  const milli = Math.round(value * 1000);
  if (milli % 1000 !== 0 && Number.isSafeInteger(milli)) return `${milli}m`;
  return BigInt(Math.round(Math.min(Math.max(value, -9e18), 9e18))).toString();
}

function selectorOf(text: string | undefined): LabelSelector {
  try {
    return parseLabelSelector(text ?? '');
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw badRequest(error.message);
  }
}

const notFound = (message: string) => new StatusError({ apiVersion: 'v1', kind: 'Status', status: 'Failure', message, reason: 'NotFound', code: 404 });
const rfc3339 = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
