import { HorizontalPodAutoscalers } from '../../api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { isReason } from '../../api/errors.ts';
import { matchesLabels, parseLabelSelector } from '../../api/selectors.ts';
import type { HorizontalPodAutoscaler } from '../../api/types/autoscaling.v2.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { WorkQueue } from '../../client/index.ts';
import type { Component, Reconcile } from '../../client/controller.ts';
import { canonical, sameStatus } from '../canonical.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { keyFor, keyOf, splitKey } from '../names.ts';
import { apiMetrics } from './api-metrics.ts';
import type { DecisionSource } from './source.ts';
import { NO_HISTORY, withWakes, type History, type Recommendation } from './history.ts';
import type { MetricsClient } from './metrics-client.ts';
import { podsBySelector } from './pods-by-selector.ts';
import { reconcileAutoscaler, type Ports, type Reconciled } from './reconcile.ts';
import { recordKeeper, recordOf, type DecisionRecord } from './record.ts';
import { restMapper } from './rest-mapping.ts';
import { scaleClient } from './scale-client.ts';
import { readyWhenServing, type ServingSince } from './serving.ts';
import { STANDARD, type AutoscalerSettings } from './settings.ts';

const COMPONENT = 'horizontal-pod-autoscaler';

export interface AutoscalerOptions {
  readonly settings?: Partial<AutoscalerSettings>;
  /** Default: the cluster's metrics APIs. */
  readonly metrics?: MetricsClient;
  /** Keeps start-up CPU of pods without probes from counting as load. Default: unknown, as upstream. */
  readonly servingSince?: ServingSince;
  /** Told of every reconcile, for the controller's own metrics. */
  readonly observe?: (reconcile: ObservedReconcile) => void;
  /** Told when an HPA is gone. */
  readonly forget?: (namespace: string, name: string) => void;
}

/** One reconcile in figures. */
export interface ObservedReconcile {
  readonly namespace: string;
  readonly name: string;
  readonly action: string;
  readonly error: string;
  readonly seconds: number;
  /** undefined when nothing was decided. */
  readonly desired: number | undefined;
  readonly metrics: readonly { readonly type: string; readonly action: string; readonly error: string }[];
}

export interface Autoscaler extends Component, DecisionSource {
  /** The latest decisions about an HPA, oldest first: what `coracle why hpa NAME` tells. */
  records(namespace: string, name: string): readonly DecisionRecord[];
  /** Somebody else scaled a target up on behalf of a request that found it at zero: counts as a recommendation, so that the scale-down window holds it there. */
  woke(target: { readonly namespace: string; readonly kind: string; readonly name: string; readonly replicas: number }): void;
}

/** Scales what HorizontalPodAutoscalers point at (pkg/controller/podautoscaler). Looks at each at once when it is made or changed, then every sync period. */
export function horizontalPodAutoscalerController(context: ControllerContext, options: AutoscalerOptions = {}): Autoscaler {
  const { client, clock } = context;
  const { servingSince } = options;
  const settings: AutoscalerSettings = { ...STANDARD, ...options.settings };
  const autoscalers = context.informers.informer(HorizontalPodAutoscalers);
  const pods = context.informers.informer(Pods);
  const select = podsBySelector(pods);
  const mapper = restMapper(client);
  const scales = scaleClient(client, mapper, clock);
  const metrics = options.metrics ?? apiMetrics(client, mapper);
  const events = context.events(COMPONENT);
  const histories = new Map<string, History>();
  /** The selector of each HPA's target as it was last seen, to find pods that two HPAs want. */
  const selectors = new Map<string, string>();
  const records = recordKeeper();
  const wakes = new Map<string, Recommendation[]>();

  const setup = (queue: WorkQueue) => {
    autoscalers.onChange({
      added: (hpa) => queue.add(keyOf(hpa)),
      updated: (old, hpa) => {
        if (canonical(old.spec) !== canonical(hpa.spec)) queue.add(keyOf(hpa));
      },
      deleted: (hpa) => {
        const key = keyOf(hpa);
        for (const kept of [histories, selectors, wakes]) kept.delete(key);
        records.forget(key);
        options.forget?.(hpa.metadata.namespace ?? '', hpa.metadata.name ?? '');
      },
    });
    return [autoscalers, pods];
  };

  const selecting = (self: string, namespace: string, selector: string, selected: readonly Pod[]): readonly string[] => {
    selectors.set(self, selector);
    const names: string[] = [];
    for (const [key, text] of selectors) {
      const other = splitKey(key);
      if (other.namespace !== namespace) continue;
      const parsed = parseLabelSelector(text);
      if (selected.some((pod) => matchesLabels(parsed, pod.metadata.labels))) names.push(`{${other.name} ${other.namespace}}`);
    }
    return names;
  };
  const portsFor = (hpa: HorizontalPodAutoscaler): Ports => {
    const namespace = hpa.metadata.namespace ?? '';
    const target = hpa.spec.scaleTargetRef;
    return {
      getScale: () => scales.get(target, namespace),
      setScale: (replicas) => scales.set(target, namespace, replicas),
      metrics,
      pods: (selector) => (servingSince ? select(namespace, selector).map((pod) => readyWhenServing(pod, servingSince)) : select(namespace, selector)),
      selecting: (selector, selected) => selecting(keyOf(hpa), namespace, selector, selected),
    };
  };

  const reconcile: Reconcile = async (key) => {
    const { namespace, name } = splitKey(key);
    const hpa = autoscalers.get(namespace, name);
    if (!hpa) return;
    const before = withWakes(histories.get(key) ?? NO_HISTORY, wakes.get(key));
    wakes.delete(key);
    const began = clock.monotonic();
    const result = await reconcileAutoscaler(hpa, portsFor(hpa), before, settings, clock.now);
    if (autoscalers.get(namespace, name)?.metadata.uid !== hpa.metadata.uid) return;
    histories.set(key, result.history);
    options.observe?.(observed(hpa, result, (clock.monotonic() - began) / 1000));
    records.add(key, recordOf(hpa, result, before, settings, clock.now()));
    for (const event of result.events) events.event(hpa, event.type, event.reason, event.message);
    await writeStatus(hpa, result);
    return { afterMs: settings.syncPeriodMs };
  };

  /** Writes a status that differs. After a conflict the next period writes what is true then. */
  const writeStatus = async (hpa: HorizontalPodAutoscaler, { status }: Reconciled) => {
    if (sameStatus(hpa.status, status)) return;
    try {
      await client.update(HorizontalPodAutoscalers, { ...hpa, status }, { subresource: 'status' });
    } catch (error) {
      if (isReason(error, 'NotFound')) return;
      events.event(hpa, 'Warning', 'FailedUpdateStatus', error instanceof Error ? error.message : String(error));
    }
  };

  const component = controllerIn(context, { name: COMPONENT, workers: { default: 5 }, reconcile, setup });
  return {
    ...component,
    records: (namespace, name) => records.of(keyFor(namespace, name)),
    woke({ namespace, kind, name, replicas }) {
      for (const hpa of autoscalers.list(namespace)) {
        const to = hpa.spec.scaleTargetRef;
        if (to.kind === kind && to.name === name) wakes.set(keyOf(hpa), [...(wakes.get(keyOf(hpa)) ?? []), { replicas, at: clock.now() }]);
      }
    },
    allRecords: () => autoscalers.list().map((hpa) => {
      const { namespace = '', name = '', uid = '' } = hpa.metadata;
      return { namespace, name, uid, records: records.of(keyOf(hpa)) };
    }),
  };
}

function observed(hpa: HorizontalPodAutoscaler, { action, error, decision, scale }: Reconciled, seconds: number): ObservedReconcile {
  const current = scale?.specReplicas ?? 0;
  return {
    namespace: hpa.metadata.namespace ?? '', name: hpa.metadata.name ?? '', action, error, seconds, desired: decision?.desired,
    metrics: (decision?.proposals ?? []).map((proposal, index) => ({
      type: hpa.spec.metrics?.[index]?.type ?? '',
      ...('error' in proposal ? { action: 'none', error: 'internal' } : { action: proposal.replicas > current ? 'scale_up' : proposal.replicas < current ? 'scale_down' : 'none', error: 'none' }),
    })),
  };
}
