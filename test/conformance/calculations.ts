import type { HPAScalingRules } from '../../src/api/types/autoscaling.v2.ts';
import { forAverage, forUtilization, forValue, forValuePerPod, usageRatio, utilizationRatio, type Calculation } from '../../src/controllers/horizontalpodautoscaler/calculator.ts';
import { changedWithin, withScaleEvent, type Recommendation, type ScaleEvent } from '../../src/controllers/horizontalpodautoscaler/history.ts';
import { scaleDownLimit, scaleUpLimit, stabilise, stabiliseWithBehavior, withinRate, withinRules } from '../../src/controllers/horizontalpodautoscaler/normalise.ts';
import { averageQuantity, ceilToInt32, perPodUsage, saturatingSum } from '../../src/controllers/horizontalpodautoscaler/numbers.ts';
import { groupPods, podRequests, type Sample } from '../../src/controllers/horizontalpodautoscaler/samples.ts';
import { quantityMilliValue } from '../../src/base/quantity.ts';
import { fields, list, NOW, number, numbers, text, time, type Fields, type Json } from './format.ts';
import { customSamples, podOf, resourceSamples } from './pods.ts';

const readinessOf = (config: Fields) => ({ cpuInitializationMs: number(config['cpuInitializationPeriodSeconds']) * 1000, initialReadinessMs: number(config['initialReadinessDelaySeconds']) * 1000 });
const recommendationsOf = (given: Json | undefined): Recommendation[] => list(given).map((item) => ({ replicas: number(item['replicas']), at: time(item['at']) }));
const eventsOf = (given: Json | undefined): ScaleEvent[] => list(given).map((item) => ({ change: number(item['replicaChange']), at: time(item['at']), outdated: item['outdated'] === true }));
const rulesOf = (given: Json | undefined) => fields(given) as unknown as HPAScalingRules;
const tryTo = (calculate: () => Fields): Fields => {
  try {
    return calculate();
  } catch (error) {
    return { error: (error as Error).message };
  }
};

/** Runs the cases of single calculations. Each returns what the case's `expect` names. */
export const calculations: Readonly<Record<string, (given: Fields) => Fields>> = {
  replicaCalc,
  convertDesiredReplicasWithRules: (given) => {
    const growth = { factor: number(given['scaleUpLimitFactor']), minimum: number(given['scaleUpLimitMinimum']) };
    const { replicas, reason } = withinRules(number(given['currentReplicas']), number(given['desiredReplicas']), boundsOf(given), growth);
    return { replicas, reason };
  },
  stabilizeRecommendation: (given) => {
    const { replicas, recommendations } = stabilise(recommendationsOf(given['recommendations']), number(given['desiredReplicas']), number(given['downscaleStabilizationSeconds']) * 1000, NOW);
    return { stabilized: replicas, recommendationLogLength: recommendations.length };
  },
  stabilizeRecommendationWithBehaviors: (given) => {
    const windows = { upMs: number(given['scaleUpStabilizationWindowSeconds']) * 1000, downMs: number(given['scaleDownStabilizationWindowSeconds']) * 1000 };
    const { replicas, recommendations } = stabiliseWithBehavior(recommendationsOf(given['recommendations']), number(given['currentReplicas']), number(given['desiredReplicas']), windows, NOW);
    return { stabilized: replicas, recommendations: recommendations.map((item) => item.replicas) };
  },
  convertDesiredReplicasWithBehaviorRate: (given) => {
    const events = { ups: eventsOf(given['scaleUpEvents']), downs: eventsOf(given['scaleDownEvents']) };
    const { replicas, reason } = withinRate(number(given['currentReplicas']), number(given['desiredReplicas']), boundsOf(given), { up: rulesOf(given['scaleUp']), down: rulesOf(given['scaleDown']) }, events, NOW);
    return { replicas, reason };
  },
  storeScaleEvent: (given) => {
    const before = eventsOf(given['events']);
    const rules = given['rules'] === null ? undefined : rulesOf(given['rules']);
    const change = Math.abs(number(given['newReplicas']) - number(given['prevReplicas']));
    const events = rules ? withScaleEvent(before, rules, change, NOW) : before;
    return { replicasChangeInPeriodBefore: changedWithin(before, number(given['changePeriodSeconds']), NOW), events: events.map((event) => ({ replicaChange: event.change, outdated: event.outdated })) };
  },
  groupPods: (given) => {
    const samples = new Map<string, Sample>(Object.entries(fields(given['metrics'])).map(([pod, value]) => {
      const sample = fields(value);
      return [pod, { value: number(sample['value']), timestamp: time(sample['timestamp']), windowMs: number(sample['windowSeconds']) * 1000 }];
    }));
    const groups = groupPods(list(given['pods']).map((pod) => podOf(pod)), samples, text(given['resource']), readinessOf(fields(given['config'])), NOW);
    return { readyPodCount: groups.ready.length, unready: groups.unready, missing: groups.missing, ignored: groups.ignored };
  },
  calculateRequests: (given) => tryTo(() => {
    const requests = podRequests(list(given['pods']).map((pod) => podOf(pod)), text(given['container']), text(given['resource']), fields(given['featureGates'])['PodLevelResources'] === true);
    return { requestsMilli: Object.fromEntries(requests) };
  }),
  scaleUpLimit: (given) => ({ limit: scaleUpLimit(number(given['currentReplicas']), rulesOf(given['rules']), { ups: eventsOf(given['scaleUpEvents']), downs: eventsOf(given['scaleDownEvents']) }, NOW) }),
  scaleDownLimit: (given) => ({ limit: scaleDownLimit(number(given['currentReplicas']), rulesOf(given['rules']), { ups: eventsOf(given['scaleUpEvents']), downs: eventsOf(given['scaleDownEvents']) }, NOW) }),
  resourceUtilizationRatio: (given) => tryTo(() => {
    const { ratio, utilization, usage } = utilizationRatio(new Map(numbers(given['metrics'])), new Map(numbers(given['requests'])), number(given['targetUtilization']));
    return { ratio, utilization, rawAverage: usage };
  }),
  metricUsageRatio: (given) => ({ ...usageRatio(new Map(numbers(given['metrics'])), number(given['targetUsage'])) }),
  perPodUsage: (given) => ({ usage: perPodUsage(number(given['usage']), number(given['statusReplicas'])) }),
  ceilToInt32: (given) => ({ value: ceilToInt32(number(given['input'])) }),
  buildQuantity: (given) => {
    const quantity = averageQuantity(text(given['resource']), number(given['rawMilli']));
    return { milli: quantityMilliValue(quantity), format: quantity.format };
  },
};

const boundsOf = (given: Fields) => ({ min: number(given['minReplicas']), max: number(given['maxReplicas']) });

function replicaCalc(given: Fields): Fields {
  const config = fields(given['config']);
  const metrics = fields(given['metrics']);
  const pods = list(given['pods']).map((pod) => podOf(pod));
  const current = number(given['currentReplicas']);
  const tolerances = { up: number(config['toleranceScaleUp']), down: number(config['toleranceScaleDown']) };
  const target = number(given['targetMilli']);
  const input = { current, pods, tolerances, readiness: readinessOf(config), now: NOW };
  const external = () => saturatingSum((metrics['externalMilli'] as readonly number[]).map(number));
  const calculate = (): Calculation => {
    switch (text(given['function'])) {
      case 'Resource': {
        const resource = text(given['resource']) || 'cpu';
        const samples = resourceSamples(metrics['resource'], resource, text(given['container']));
        if (list(metrics['resource']).length === 0) throw new Error(`unable to get metrics for resource ${resource}: no metrics returned from resource metrics API`);
        if (given['targetUtilization'] === undefined) return forAverage({ ...input, samples, resource, target });
        return forUtilization({ ...input, samples, resource, target: number(given['targetUtilization']), container: text(given['container']), podLevelResources: true });
      }
      case 'Pods': return forAverage({ ...input, samples: customSamples(metrics['customPodsMilli']), resource: '', target });
      case 'Object': return forValue({ ...input, usage: number(metrics['customObjectMilli']), target });
      case 'External': return forValue({ ...input, usage: external(), target });
      case 'ObjectPerPod': return forValuePerPod({ ...input, statusReplicas: current, usage: number(metrics['customObjectMilli']), target });
      case 'ExternalPerPod': return forValuePerPod({ ...input, statusReplicas: current, usage: external(), target });
      default: throw new Error(`unknown function ${text(given['function'])}`);
    }
  };
  return tryTo((): Fields => {
    const { replicas, utilization, usage } = calculate();
    return utilization === undefined ? { replicas, usageMilli: usage } : { replicas, utilization, rawAverageValueMilli: usage };
  });
}
