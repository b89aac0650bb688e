import type { HorizontalPodAutoscaler, MetricSpec } from '../../api/types/autoscaling.v2.ts';
import { rfc3339 } from '../../base/time.ts';
import { minReplicasOf, tolerancesOf } from './decide.ts';
import type { History } from './history.ts';
import type { Reading } from './metrics.ts';
import type { Reconciled } from './reconcile.ts';
import type { PodGroups } from './samples.ts';
import type { AutoscalerSettings } from './settings.ts';

/** Why an autoscaler did what it did once: everything that went into the decision. Plain JSON; amounts in thousandths, times RFC 3339. */
export interface DecisionRecord {
  readonly at: string;
  readonly target: { readonly kind: string; readonly name: string };
  readonly bounds: { readonly min: number; readonly max: number };
  readonly current?: number;
  readonly desired?: number;
  readonly action: string;
  /** The reason in the event; what failed, where something did. */
  readonly reason: string;
  readonly tolerance: { readonly up: number; readonly down: number };
  readonly metrics: readonly MetricRecord[];
  /** What the metrics alone ask for, and what is left of it after the windows and after the limits. */
  readonly proposed?: number;
  readonly stabilised?: number;
  readonly limited?: { readonly replicas: number; readonly reason: string; readonly message: string };
  /** Recommendations within the window(s) at that moment. */
  readonly recommendations: readonly { readonly replicas: number; readonly at: string }[];
  readonly scaleEvents: readonly { readonly direction: 'up' | 'down'; readonly change: number; readonly at: string }[];
  readonly behavior?: HorizontalPodAutoscaler['spec']['behavior'];
  readonly conditions: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[];
}

export interface MetricRecord {
  readonly type: string;
  readonly spec: MetricSpec;
  readonly name?: string;
  readonly proposal?: number;
  readonly error?: string;
  readonly ratio?: number;
  /** The ratio after missing and unready pods were filled in. */
  readonly filledRatio?: number;
  readonly utilization?: number;
  readonly usage?: number;
  /** Each pod's value, and how it was counted; the first hundred. */
  readonly pods?: readonly { readonly name: string; readonly counted: keyof PodGroups | 'unknown'; readonly value?: number; readonly at?: string; readonly windowMs?: number }[];
  readonly values?: readonly number[];
}

const PODS = 100;
const ENTRIES = 60;

/** Describes a reconcile. */
export function recordOf(hpa: HorizontalPodAutoscaler, result: Reconciled, before: History, settings: AutoscalerSettings, now: number): DecisionRecord {
  const { decision, measured, scale } = result;
  const events = (direction: 'up' | 'down', list: History['ups']) => list.filter((event) => !event.outdated).slice(-ENTRIES).map(({ change, at }) => ({ direction, change, at: rfc3339(at) }));
  const proposals = (decision?.proposals ?? []).flatMap((proposal) => ('error' in proposal ? [] : [proposal.replicas]));
  return {
    at: rfc3339(now),
    target: { kind: hpa.spec.scaleTargetRef.kind, name: hpa.spec.scaleTargetRef.name },
    bounds: { min: minReplicasOf(hpa), max: hpa.spec.maxReplicas },
    ...(scale && { current: scale.specReplicas }),
    ...(decision && { desired: decision.desired }),
    action: result.action,
    reason: decision?.failure ?? decision?.reason ?? result.events.at(-1)?.message ?? '',
    tolerance: tolerancesOf(hpa, settings),
    metrics: (hpa.spec.metrics ?? []).map((spec, index) => metricRecord(spec, decision?.proposals[index], measured?.readings[index])),
    ...(proposals.length > 0 && { proposed: Math.max(...proposals) }),
    ...(decision?.stabilised !== undefined && { stabilised: decision.stabilised }),
    ...(decision?.limited && { limited: decision.limited }),
    recommendations: (result.history.recommendations ?? []).slice(-ENTRIES).map(({ replicas, at }) => ({ replicas, at: rfc3339(at) })),
    scaleEvents: [...events('up', before.ups), ...events('down', before.downs)],
    ...(hpa.spec.behavior && { behavior: hpa.spec.behavior }),
    conditions: (result.status.conditions ?? []).map(({ type, status, reason, message }) => ({ type, status, reason, message })),
  };
}

function metricRecord(spec: MetricSpec, proposal: NonNullable<Reconciled['decision']>['proposals'][number] | undefined, reading: Reading | undefined): MetricRecord {
  const base = { type: spec.type, spec, ...readingRecord(reading, proposal && !('error' in proposal) ? proposal.calculation.groups : undefined) };
  if (!proposal) return base;
  if ('error' in proposal) return { ...base, error: proposal.error };
  const { ratio, filledRatio, utilization, usage } = proposal.calculation;
  return { ...base, name: proposal.name, proposal: proposal.replicas, ratio, ...(filledRatio !== undefined && { filledRatio }), ...(utilization !== undefined && { utilization }), usage };
}

function readingRecord(reading: Reading | undefined, groups: PodGroups | undefined): Pick<MetricRecord, 'pods' | 'values'> {
  if (!reading || 'error' in reading) return {};
  if ('values' in reading) return { values: reading.values.slice(0, PODS) };
  const counted = new Map<string, keyof PodGroups>();
  for (const group of ['ready', 'unready', 'missing', 'ignored'] as const) for (const name of groups?.[group] ?? []) counted.set(name, group);
  const names = [...new Set([...counted.keys(), ...reading.samples.keys()])].slice(0, PODS);
  return {
    pods: names.map((name) => {
      const sample = reading.samples.get(name);
      return { name, counted: counted.get(name) ?? 'unknown', ...(sample && { value: sample.value, at: rfc3339(Number.isNaN(sample.timestamp) ? 0 : sample.timestamp), windowMs: sample.windowMs }) };
    }),
  };
}

/** The newest records of each autoscaler, oldest first. */
export interface Records {
  add(key: string, record: DecisionRecord): void;
  forget(key: string): void;
  of(key: string): readonly DecisionRecord[];
}

/** Keeps `limit` records an autoscaler: a quarter of an hour at the standard cadence. */
export function recordKeeper(limit = 60): Records {
  const kept = new Map<string, DecisionRecord[]>();
  return {
    add(key, record) {
      const records = kept.get(key) ?? [];
      kept.set(key, records);
      records.push(record);
      if (records.length > limit) records.shift();
    },
    forget: (key) => void kept.delete(key),
    of: (key) => kept.get(key) ?? [],
  };
}
