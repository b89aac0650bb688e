import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from '../../api/types/autoscaling.v2.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { formatQuantity } from '../../base/quantity.ts';
import { forAverage, forUtilization, forValue, forValuePerPod, type Calculation, type Tolerances } from './calculator.ts';
import type { MetricsClient } from './metrics-client.ts';
import { averageQuantity, milliOf, saturatingSum } from './numbers.ts';
import type { Samples } from './samples.ts';
import { goSelector } from './selector-text.ts';
import type { AutoscalerSettings } from './settings.ts';

/** What a metric source answered: samples of pods, one value, or why there is none. */
export type Reading = { readonly samples: Samples } | { readonly values: readonly number[] } | { readonly error: string };

/** What one metric of an HPA asks for. */
export type Proposal = Proposed | Failed;

export interface Proposed {
  readonly replicas: number;
  /** `cpu resource utilization (percentage of request)` */
  readonly name: string;
  readonly status: MetricStatus;
  readonly calculation: Calculation;
}

export interface Failed {
  /** The condition's and event's reason: `FailedGetResourceMetric`. */
  readonly reason: string;
  /** What the source said; the event's and condition's text. */
  readonly cause: string;
  /** The same as the reconcile reports it. */
  readonly error: string;
  /** Whether the HPA's own spec is at fault. */
  readonly spec?: boolean;
}

/** Asks the source of one metric. Resolves with the error where there is one. */
export async function read(metric: MetricSpec, namespace: string, selector: string, client: MetricsClient): Promise<Reading> {
  const prefixed = async (prefix: string, ask: () => Promise<Reading>): Promise<Reading> => {
    try {
      return await ask();
    } catch (error) {
      return { error: `${prefix}${error instanceof Error ? error.message : String(error)}` };
    }
  };
  const { resource, containerResource, pods, object, external } = metric;
  if (metric.type === 'Resource' && resource) return prefixed(`unable to get metrics for resource ${resource.name}: `, async () => ({ samples: await client.resource(resource.name, namespace, selector, '') }));
  if (metric.type === 'ContainerResource' && containerResource) {
    return prefixed(`unable to get metrics for resource ${containerResource.name}: `, async () => ({ samples: await client.resource(containerResource.name, namespace, selector, containerResource.container) }));
  }
  if (metric.type === 'Pods' && pods) return prefixed(`unable to get metric ${pods.metric.name}: `, async () => ({ samples: await client.pods(pods.metric.name, namespace, selector, pods.metric.selector) }));
  if (metric.type === 'Object' && object) {
    // Upstream passes these in the wrong order (replica_calculator.go GetObjectMetricReplicas); whoever greps for the text finds it here too.
    const { kind, name } = object.describedObject;
    return prefixed(`unable to get metric ${object.metric.name}: ${kind} on ${namespace} ${name}/`, async () => ({ values: [await client.object(object.metric.name, namespace, object.describedObject, object.metric.selector)] }));
  }
  if (metric.type === 'External' && external) {
    return prefixed(`unable to get external metric ${namespace}/${external.metric.name}/${goSelector(external.metric.selector)}: `, async () => ({ values: await client.external(external.metric.name, namespace, external.metric.selector) }));
  }
  return { error: `unknown metric source type ${JSON.stringify(metric.type)}` };
}

export interface MetricContext {
  readonly hpa: HorizontalPodAutoscaler;
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly pods: readonly Pod[];
  readonly tolerances: Tolerances;
  readonly settings: AutoscalerSettings;
  readonly now: number;
}

/** The proposal that a reading means (horizontal.go computeReplicasForMetric and the computeStatusFor… functions). */
export function propose(metric: MetricSpec, reading: Reading, context: MetricContext): Proposal {
  switch (metric.type) {
    case 'Resource': {
      const { name, target } = metric.resource!;
      return attempt('FailedGetResourceMetric', `failed to get ${name} resource metric value: `, () => {
        const { calculation, text } = ofResource(name, '', target, reading, context, `${name} resource utilization (percentage of request)`);
        return { replicas: calculation.replicas, name: text, calculation, status: { type: metric.type, resource: { name, current: currentOf(name, calculation) } } };
      });
    }
    case 'ContainerResource': {
      const { name, container, target } = metric.containerResource!;
      return attempt('FailedGetContainerResourceMetric', `failed to get ${container} container metric value: `, () => {
        const { calculation, text } = ofResource(name, container, target, reading, context, `${name} container resource utilization (percentage of request)`);
        return { replicas: calculation.replicas, name: text, calculation, status: { type: metric.type, containerResource: { name, container, current: currentOf(name, calculation) } } };
      });
    }
    case 'Pods': {
      const { metric: id, target } = metric.pods!;
      return attempt('FailedGetPodsMetric', 'failed to get pods metric value: ', () => {
        const calculation = forAverage({ ...podsInput(reading, context, ''), target: milliOf(target.averageValue ?? '0') });
        return { replicas: calculation.replicas, name: `pods metric ${id.name}`, calculation, status: { type: metric.type, pods: { metric: id, current: { averageValue: text('', calculation.usage) } } } };
      });
    }
    case 'Object': {
      const { metric: id, target, describedObject } = metric.object!;
      return attempt('FailedGetObjectMetric', 'failed to get object metric value: ', () => {
        const status = (current: object): MetricStatus => ({ type: 'Object', object: { metric: id, describedObject, current } });
        if (target.type === 'Value' && target.value !== undefined) {
          const calculation = forValue({ ...valueInput(reading, context), target: milliOf(target.value) });
          return { replicas: calculation.replicas, name: `${describedObject.kind} metric ${id.name}`, calculation, status: status({ value: text('', calculation.usage) }) };
        }
        if (target.type === 'AverageValue' && target.averageValue !== undefined) {
          const calculation = reportedAs(`failed to get ${id.name} object metric: `, () => forValuePerPod({ ...valueInput(reading, context), target: milliOf(target.averageValue!) }));
          // Also an upstream quirk: this one is called external.
          return { replicas: calculation.replicas, name: `external metric ${id.name}(${goSelector(id.selector)})`, calculation, status: status({ averageValue: text('', calculation.usage) }) };
        }
        throw new Error('invalid object metric source: neither a value target nor an average value target was set');
      });
    }
    case 'External': {
      const { metric: id, target } = metric.external!;
      return attempt('FailedGetExternalMetric', `failed to get ${id.name} external metric value: `, () => {
        const name = `external metric ${id.name}(${goSelector(id.selector)})`;
        const status = (current: object): MetricStatus => ({ type: 'External', external: { metric: id, current } });
        if (target.averageValue !== undefined) {
          const calculation = reportedAs(`failed to get ${id.name} external metric: `, () => forValuePerPod({ ...valueInput(reading, context), target: milliOf(target.averageValue!) }));
          return { replicas: calculation.replicas, name, calculation, status: status({ averageValue: text('', calculation.usage) }) };
        }
        if (target.value !== undefined) {
          const calculation = reportedAs(`failed to get external metric ${id.name}: `, () => forValue({ ...valueInput(reading, context), target: milliOf(target.value!) }));
          return { replicas: calculation.replicas, name, calculation, status: status({ value: text('', calculation.usage) }) };
        }
        throw new Error('invalid external metric source: neither a value target nor an average value target was set');
      });
    }
    default: {
      const cause = `unknown metric source type ${JSON.stringify(metric.type)}`;
      return { reason: 'InvalidMetricSourceType', cause, error: cause, spec: true };
    }
  }
}

function ofResource(resource: string, container: string, target: MetricTarget, reading: Reading, context: MetricContext, utilizationText: string) {
  if (target.averageValue !== undefined) {
    const calculation = within(`failed to get ${resource} usage: `, () => forAverage({ ...podsInput(reading, context, resource), target: milliOf(target.averageValue!) }));
    return { calculation, text: `${resource} resource` };
  }
  if (target.averageUtilization === undefined) throw new Error('invalid resource metric source: neither an average utilization target nor an average value (usage) target was set');
  const { podLevelResources } = context.settings;
  const calculation = within(`failed to get ${resource} utilization: `, () =>
    forUtilization({ ...podsInput(reading, context, resource), target: target.averageUtilization!, container, podLevelResources }));
  return { calculation, text: utilizationText };
}

function podsInput(reading: Reading, { specReplicas, pods, tolerances, settings, now }: MetricContext, resource: string) {
  if ('error' in reading) throw new Error(reading.error);
  if (!('samples' in reading)) throw new Error('no samples');
  return { current: specReplicas, pods, samples: reading.samples, resource, tolerances, readiness: settings, now };
}

function valueInput(reading: Reading, { specReplicas, statusReplicas, pods, tolerances }: MetricContext) {
  if ('error' in reading) throw new Error(reading.error);
  if (!('values' in reading)) throw new Error('no values');
  return { current: specReplicas, statusReplicas, usage: saturatingSum(reading.values), pods, tolerances };
}

function currentOf(resource: string, { utilization, usage }: Calculation) {
  return { ...(utilization !== undefined && { averageUtilization: utilization }), averageValue: text(resource, usage) };
}

const text = (resource: string, milli: number) => formatQuantity(averageQuantity(resource, milli));

function within<T>(prefix: string, calculate: () => T): T {
  try {
    return calculate();
  } catch (error) {
    throw new Error(`${prefix}${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** An error that the reconcile reports at more length than the condition and event do. */
class Reported extends Error {
  readonly short: string;

  constructor(message: string, short: string) {
    super(message);
    this.short = short;
  }
}

function reportedAs<T>(prefix: string, calculate: () => T): T {
  try {
    return calculate();
  } catch (error) {
    const short = error instanceof Error ? error.message : String(error);
    throw new Reported(`${prefix}${short}`, short);
  }
}

function attempt(reason: string, prefix: string, calculate: () => Proposed): Proposal {
  try {
    return calculate();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { reason, cause: error instanceof Reported ? error.short : message, error: `${prefix}${message}` };
  }
}
