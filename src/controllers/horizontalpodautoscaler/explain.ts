import { formatQuantity } from '../../base/quantity.ts';
import { averageQuantity } from './numbers.ts';
import type { DecisionRecord, MetricRecord } from './record.ts';

/** A decision in plain words, one sentence a line; lines about a metric's pods are indented. */
export function explain(record: DecisionRecord): readonly string[] {
  const { bounds, current, desired, action, reason, target } = record;
  const heading = current === undefined
    ? `${record.at}  ${target.kind} ${target.name} could not be read: ${reason}`
    : action === 'none'
      ? `${record.at}  ${target.kind} ${target.name} stays at ${current} (between ${bounds.min} and ${bounds.max})`
      : `${record.at}  ${target.kind} ${target.name} goes from ${current} to ${desired} (between ${bounds.min} and ${bounds.max})${reason === '' ? '' : `: ${reason}`}`;
  const failed = record.conditions.filter(({ status, type }) => status === 'False' && type !== 'ScalingLimited' && type !== 'ScaledToZero').map(({ message = '' }) => `Not decided: ${withoutToldError(message, record.metrics)}.`);
  return [heading, ...record.metrics.flatMap((metric) => explainMetric(metric, record)), ...explainWindows(record), ...explainLimits(record), ...failed];
}

function explainMetric(metric: MetricRecord, { current, tolerance, target }: DecisionRecord): readonly string[] {
  const name = readableName(metric);
  if (metric.error !== undefined) return [`${name}: ${metric.error}`, ...wayOut(metric.error, target)];
  if (metric.proposal === undefined || metric.ratio === undefined) return [];
  const effective = metric.filledRatio ?? metric.ratio;
  const within = 1 - tolerance.down <= effective && effective <= 1 + tolerance.up;
  const value = metric.utilization !== undefined ? `${metric.utilization} % of the requests` : amount(metric, metric.usage ?? 0);
  const filled = metric.filledRatio === undefined ? '' : `, ${round(metric.filledRatio)} with the pods that gave no usable sample filled in`;
  const outcome = within ? `within the tolerance of ${round(1 - tolerance.down)} to ${round(1 + tolerance.up)}, so ${metric.proposal} stay` : `asks for ${metric.proposal}${metric.proposal === current ? ', which is what runs' : ''}`;
  // An average over no pods is no number.
  const ratio = Number.isFinite(metric.ratio) ? `${round(metric.ratio)} times the target of ${targetText(metric)}` : `where the target is ${targetText(metric)} and nothing runs`;
  return [`${name} is ${value}, ${ratio}${filled}: ${outcome}.`, ...explainPods(metric)];
}

/** A condition's message ends with the error of the metric that failed, which stands a line above already. */
function withoutToldError(message: string, metrics: readonly MetricRecord[]): string {
  const colon = message.indexOf(': ');
  return colon > 0 && metrics.some(({ error }) => error?.endsWith(message.slice(colon + 2))) ? message.slice(0, colon) : message;
}

function wayOut(error: string, { kind, name }: DecisionRecord['target']): readonly string[] {
  const [, resource, container] = /missing request for (\S+) in container (\S+) of Pod/.exec(error) ?? [];
  if (resource === undefined || container === undefined) return [];
  return [`  A share of the request needs one: kubectl set resources ${kind.toLowerCase()} ${name} -c ${container} --requests=${resource}=${resource === 'memory' ? '128Mi' : '100m'}`];
}

const COUNTED = { ready: 'counted', unready: 'not counted: not ready, or its sample shows its start', missing: 'no sample', ignored: 'ignored: finished or going', unknown: 'not one of the target\'s pods' } as const;

function explainPods(metric: MetricRecord): readonly string[] {
  return (metric.pods ?? []).map(({ name, counted, value }) => `  ${name}${value === undefined ? '' : ` ${amount(metric, value)}`} ${COUNTED[counted]}`);
}

function explainWindows({ proposed, stabilised, recommendations }: DecisionRecord): readonly string[] {
  if (proposed === undefined || stabilised === undefined || proposed === stabilised) return [];
  const which = stabilised > proposed ? 'highest' : 'lowest';
  return [`Stabilisation makes ${proposed} into ${stabilised}, the ${which} of the recommendations in its window (${recommendations.map(({ replicas }) => replicas).join(', ')}).`];
}

function explainLimits({ stabilised, limited, scaleEvents }: DecisionRecord): readonly string[] {
  if (!limited || limited.replicas === stabilised) return [];
  const recent = scaleEvents.length === 0 ? '' : ` Recent changes: ${scaleEvents.map(({ direction, change, at }) => `${direction} ${change} at ${at}`).join(', ')}.`;
  return [`Limited to ${limited.replicas}: ${limited.message}.${recent}`];
}

const round = (value: number) => (Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : 'infinitely many');
const resourceOf = ({ spec }: MetricRecord) => spec.resource?.name ?? spec.containerResource?.name ?? '';
const amount = (metric: MetricRecord, milli: number) => formatQuantity(averageQuantity(resourceOf(metric), milli));

function targetText({ spec }: MetricRecord): string {
  const target = (spec.resource ?? spec.containerResource ?? spec.pods ?? spec.object ?? spec.external)?.target;
  if (target?.averageUtilization !== undefined && target.averageValue === undefined) return `${target.averageUtilization} %`;
  return target?.averageValue === undefined ? (target?.value ?? 'none') : spec.object ?? spec.external ? `${target.averageValue} a pod` : target.averageValue;
}

/** The metric's name with its selector as kubectl takes one; the texts of conditions have it as Go prints it. */
function readableName(metric: MetricRecord): string {
  const { pods, object, external } = metric.spec;
  const labels = (pods ?? object ?? external)?.metric.selector?.matchLabels;
  const selector = labels ? `{${Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(',')}}` : '';
  return `${(metric.name ?? nameOf(metric)).replace(/\(&LabelSelector\{.*$/s, '').replace(/\(nil\)$/, '')}${selector}`;
}

function nameOf({ spec }: MetricRecord): string {
  return spec.resource?.name ?? spec.containerResource?.name ?? spec.pods?.metric.name ?? spec.object?.metric.name ?? spec.external?.metric.name ?? spec.type;
}
