import type { HorizontalPodAutoscaler } from '../../src/api/types/autoscaling.v2.ts';
import { matchesLabels, parseLabelSelector } from '../../src/api/selectors.ts';
import { NO_HISTORY } from '../../src/controllers/horizontalpodautoscaler/history.ts';
import type { MetricsClient } from '../../src/controllers/horizontalpodautoscaler/metrics-client.ts';
import { read, propose } from '../../src/controllers/horizontalpodautoscaler/metrics.ts';
import { tolerancesOf } from '../../src/controllers/horizontalpodautoscaler/decide.ts';
import { reconcileAutoscaler, TargetError, type Ports } from '../../src/controllers/horizontalpodautoscaler/reconcile.ts';
import { STANDARD, type AutoscalerSettings } from '../../src/controllers/horizontalpodautoscaler/settings.ts';
import { fields, list, NOW, number, text, time, timeText, type Fields, type Json } from './format.ts';
import { customSamples, podOf, resourceSamples } from './pods.ts';

/** Runs one whole reconcile of the controller against the metrics, pods and faults that a case gives. */
export async function reconcile(given: Fields): Promise<Fields> {
  const hpa = hpaOf(fields(given['hpa']));
  const scale = fields(given['scale']);
  const metrics = fields(given['metrics']);
  const settings = settingsOf(fields(given['config']), fields(given['featureGates']));
  const pods = list(given['pods']).map((pod) => podOf(pod, hpa.metadata.namespace));
  const faults = list(given['faults']).map((fault) => ({ on: text(fault['on']), error: text(fault['error']), times: fault['times'] == null ? Infinity : number(fault['times']), conflict: fault['kind'] === 'conflict' || fault['kind'] === 'Conflict' }));
  const failing = (on: string) => {
    const fault = faults.find((candidate) => candidate.on === on && candidate.times > 0);
    if (!fault) return;
    fault.times--;
    throw Object.assign(new Error(fault.error), { conflict: fault.conflict });
  };
  let scaled: number | undefined;
  const client: MetricsClient = {
    resource: async (resource, _namespace, _selector, container) => {
      answering('resource', failing);
      const samples = resourceSamples(metrics['resource'], resource, container);
      if (list(metrics['resource']).length === 0) throw new Error('no metrics returned from resource metrics API');
      return samples;
    },
    pods: async () => {
      answering('custom', failing);
      const samples = customSamples(metrics['customPodsMilli']);
      if (samples.size === 0) throw new Error('no metrics returned from custom metrics API');
      return samples;
    },
    object: async () => {
      answering('custom', failing);
      return number(metrics['customObjectMilli']);
    },
    external: async () => {
      answering('external', failing);
      return (metrics['externalMilli'] as readonly Json[]).map(number);
    },
  };
  const ports: Ports = {
    getScale: async () => {
      failing('scale.get');
      if ((hpa.spec.scaleTargetRef.apiVersion ?? '').split('/').length > 2) throw new TargetError(`unexpected GroupVersion string: ${hpa.spec.scaleTargetRef.apiVersion}`);
      return { specReplicas: number(scale['specReplicas']), statusReplicas: number(scale['statusReplicas']), selector: text(scale['selector']) };
    },
    setScale: async (replicas) => {
      for (let tries = 0; ; tries++) {
        try {
          failing('scale.update');
          break;
        } catch (error) {
          if (!(error as { conflict?: boolean }).conflict || tries >= 5) throw error;
        }
      }
      scaled = replicas;
    },
    metrics: client,
    pods: (selector) => {
      const parsed = parseLabelSelector(selector);
      return pods.filter((pod) => matchesLabels(parsed, pod.metadata.labels));
    },
    selecting: (_selector, selected) => {
      const others = list(given['otherHPAs']).filter((other) => selected.some((pod) => Object.entries(fields(other['selector'])).every(([key, value]) => pod.metadata.labels?.[key] === value)));
      return [`{${hpa.metadata.name} ${hpa.metadata.namespace}}`, ...others.map((other) => `{${text(other['name'])} ${text(other['namespace'])}}`)];
    },
  };
  const recommendations = fields(given['controllerState'])['recommendations'];
  const history = { ...NO_HISTORY, recommendations: recommendations == null ? undefined : list(recommendations).map((item) => ({ replicas: number(item['replicas']), at: time(item['at']) })) };
  const computations = await metricComputations(hpa, ports, given, settings);
  const outcome = await reconcileAutoscaler(hpa, ports, history, settings, () => NOW);
  const cpu = outcome.status.currentMetrics?.find((metric) => metric.resource?.name === 'cpu')?.resource?.current.averageUtilization;
  return {
    desiredReplicas: outcome.status.desiredReplicas,
    scaleUpdated: scaled !== undefined,
    conditions: (outcome.status.conditions ?? []).map(({ type, status, reason }) => ({ type, status, reason: reason ?? '' })),
    events: outcome.events.map(({ reason, message }) => ({ reason, message })),
    currentCPUUtilization: cpu ?? null,
    reconcile: { action: outcome.action, error: outcome.error },
    metricComputation: outcome.decision && outcome.decision.proposals.length > 0 ? computations : {},
  };
}

/** An unavailable metrics API, in the words of upstream's clients. */
function answering(api: string, failing: (on: string) => void): void {
  try {
    failing(`metrics.${api}`);
  } catch (error) {
    throw new Error(`unable to fetch metrics from ${api} metrics API: ${(error as Error).message}`, { cause: error });
  }
}

/** The labels that the controller's own counters would carry, by type of metric; computed from the proposals before anything is decided. */
async function metricComputations(hpa: HorizontalPodAutoscaler, ports: Ports, given: Fields, settings: AutoscalerSettings): Promise<Fields> {
  const scale = fields(given['scale']);
  const faultless = !list(given['faults']).some((fault) => fault['times'] != null);
  const computations: Record<string, Json> = {};
  const pods = text(scale['selector']) === '' ? [] : safely(() => ports.pods(text(scale['selector']))) ?? [];
  for (const metric of faultless ? hpa.spec.metrics ?? [] : []) {
    const reading = await read(metric, hpa.metadata.namespace ?? '', text(scale['selector']), ports.metrics);
    const proposal = propose(metric, reading, { hpa, specReplicas: number(scale['specReplicas']), statusReplicas: number(scale['statusReplicas']), pods, tolerances: tolerancesOf(hpa, settings), settings, now: NOW });
    const from = hpa.status?.currentReplicas ?? 0;
    const action = 'error' in proposal || proposal.replicas === from ? 'none' : proposal.replicas > from ? 'scale_up' : 'scale_down';
    computations[metric.type] = { action, error: 'error' in proposal ? (proposal.spec ? 'spec' : 'internal') : 'none' };
  }
  return computations;
}

const safely = <T>(get: () => T): T | undefined => {
  try {
    return get();
  } catch {
    return undefined;
  }
};

function settingsOf(config: Fields, gates: Fields): AutoscalerSettings {
  return {
    ...STANDARD,
    tolerance: number(config['tolerance']),
    downscaleStabilizationMs: number(config['downscaleStabilizationSeconds']) * 1000,
    cpuInitializationMs: number(config['cpuInitializationPeriodSeconds']) * 1000,
    initialReadinessMs: number(config['initialReadinessDelaySeconds']) * 1000,
    growth: { factor: number(config['scaleUpLimitFactor']), minimum: number(config['scaleUpLimitMinimum']) },
    scaleToZero: gates['HPAScaleToZero'] === true,
    configurableTolerance: gates['HPAConfigurableTolerance'] === true,
  };
}

function hpaOf(given: Fields): HorizontalPodAutoscaler {
  const status = fields(given['status']);
  return {
    apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler',
    metadata: { name: text(given['name']), namespace: text(given['namespace']) },
    spec: withQuantities(fields(given['spec'])) as unknown as HorizontalPodAutoscaler['spec'],
    status: {
      currentReplicas: number(status['currentReplicas']),
      desiredReplicas: number(status['desiredReplicas']),
      ...(status['lastScaleTime'] != null && { lastScaleTime: timeText(status['lastScaleTime']) }),
      conditions: list(status['conditions']) as unknown as NonNullable<HorizontalPodAutoscaler['status']>['conditions'],
    },
  };
}

/** `valueMilli: 14400` stands for `value: "14400m"`, and so on for every name that ends so. */
function withQuantities(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => withQuantities(item as Json));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value as Fields).map(([name, item]) => (name.endsWith('Milli') && typeof item === 'number' ? [name.slice(0, -5), `${item}m`] : [name, withQuantities(item)])));
}
