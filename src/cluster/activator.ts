import { Deployments } from '../api/kinds/apps/deployment.ts';
import { StatefulSets } from '../api/kinds/apps/stateful-set.ts';
import { HorizontalPodAutoscalers } from '../api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { Services } from '../api/kinds/core/service.ts';
import type { Deployment, StatefulSet } from '../api/types/apps.v1.ts';
import type { HorizontalPodAutoscaler } from '../api/types/autoscaling.v2.ts';
import type { Service } from '../api/types/core.v1.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Client, Component, EventRecorder, InformerFactory } from '../client/index.ts';
import { restMapper } from '../controllers/horizontalpodautoscaler/rest-mapping.ts';
import { scaleClient } from '../controllers/horizontalpodautoscaler/scale-client.ts';

/** On a Service, Deployment or StatefulSet: `"true"` lets a request wake it from zero replicas, also where no autoscaler put it there. */
const WAKE_ANNOTATION = 'coracle.dev/wake-on-request';

export interface ActivatorOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  /** Told of each wake, so that the autoscaler does not undo it at once. */
  readonly woke: (woken: { readonly namespace: string; readonly kind: string; readonly name: string; readonly replicas: number }) => void;
}

/** Wakes workloads that stand at zero when a request asks for them. */
export interface Activator extends Component {
  /** Whether the Service's workload is at zero and comes up because of this call. What `network.onHold` takes. */
  wake(service: { readonly namespace: string; readonly name: string }): boolean;
  /** Whether `wake` would, or the workload is on its way already. */
  mayWake(service: { readonly namespace: string; readonly name: string }): boolean;
  /** Calls back, a moment later, when `mayWake` may say something else. */
  onChange(handler: () => void): void;
}

type Workload = Deployment | StatefulSet;

/** For so long after a wake the pods may be on their way. */
const PATIENCE_MS = 60_000;
/** For so long what is seen of a workload may be older than its wake. */
const LAG_MS = 2_000;
const SETTLE_MS = 50;

/** Makes the activator. It acts for as long as someone calls `wake`; `stop` only waits for what is under way. */
export function createActivator({ client, clock, informers, events, woke }: ActivatorOptions): Activator {
  const services = informers.informer(Services);
  const autoscalers = informers.informer(HorizontalPodAutoscalers);
  const workloads = [informers.informer(Deployments), informers.informer(StatefulSets)] as const;
  const scales = scaleClient(client, restMapper(client), clock);
  const wokenAt = new Map<string, number>();
  const underWay = new Set<Promise<void>>();

  const scaleUp = async (workload: Workload, service: Service, replicas: number) => {
    const { namespace = '', name = '' } = workload.metadata;
    const target = { apiVersion: 'apps/v1', kind: workload.kind, name };
    try {
      if ((await scales.get(target, namespace)).specReplicas > 0) return;
      woke({ namespace, kind: workload.kind, name, replicas });
      await scales.set(target, namespace, replicas);
      events.event(workload, 'Normal', 'ScaledFromZero', `Scaled up from 0 to ${replicas} because a request for Service ${service.metadata.name} arrived`);
    } catch (error) {
      wokenAt.delete(keyOf(workload));
      events.event(workload, 'Warning', 'FailedScaleFromZero', `A request for Service ${service.metadata.name} arrived, but scaling up failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  const workloadsOf = (namespace: string) => workloads.flatMap((informer): readonly Workload[] => informer.list(namespace));
  const onTheWay = (workload: Workload) => clock.monotonic() - (wokenAt.get(keyOf(workload)) ?? -Infinity) < (workload.spec.replicas === 0 ? LAG_MS : PATIENCE_MS);
  const handlers: (() => void)[] = [];
  let due: Timer | undefined;
  const changed = () => {
    due ??= clock.after(SETTLE_MS, () => {
      due = undefined;
      for (const handler of handlers) handler();
    });
  };
  const differs = <T>(trait: (object: T) => unknown) => ({ added: changed, updated: (old: T, next: T) => void (trait(old) !== trait(next) && changed()), deleted: changed });
  for (const informer of workloads) informer.onChange(differs<Workload>(({ metadata, spec }) => `${spec.replicas === 0} ${metadata.annotations?.[WAKE_ANNOTATION]}`));
  autoscalers.onChange(differs(({ spec, status }) => `${spec.minReplicas} ${status?.conditions?.find(({ type }) => type === 'ScaledToZero')?.status}`));

  return {
    name: 'activator',
    onChange: (handler) => void handlers.push(handler),
    mayWake({ namespace, name }) {
      const service = services.get(namespace, name);
      return service !== undefined && workloadsOf(namespace).some((workload) => serves(workload, service) && (onTheWay(workload) || wakeSize(workload, service, autoscalers.list(namespace)) !== undefined));
    },
    wake({ namespace, name }) {
      const service = services.get(namespace, name);
      if (!service) return false;
      let coming = false;
      const now = clock.monotonic();
      for (const workload of workloadsOf(namespace)) {
        if (!serves(workload, service)) continue;
        const key = keyOf(workload);
        if (onTheWay(workload)) coming = true;
        else {
          const replicas = wakeSize(workload, service, autoscalers.list(namespace));
          if (replicas === undefined) continue;
          coming = true;
          for (const [other, at] of wokenAt) if (now - at >= PATIENCE_MS) wokenAt.delete(other);
          wokenAt.set(key, now);
          const work = scaleUp(workload, service, replicas).finally(() => underWay.delete(work));
          underWay.add(work);
        }
      }
      return coming;
    },
    async start() {
      await Promise.all([services, autoscalers, ...workloads].map((informer) => informer.start()));
    },
    async stop() {
      due?.cancel();
      await Promise.all(underWay);
    },
  };
}

/** To how many replicas a request for the Service brings the workload up; undefined: it may not wake it. */
function wakeSize(workload: Workload, service: Service, autoscalers: readonly HorizontalPodAutoscaler[]): number | undefined {
  if (workload.spec.replicas !== 0) return undefined;
  const own = autoscalers.find(({ spec: { scaleTargetRef: to } }) => to.kind === workload.kind && to.name === workload.metadata.name);
  const asked = [workload, service].some(({ metadata }) => metadata.annotations?.[WAKE_ANNOTATION] === 'true');
  const scaledThere = own !== undefined && (own.spec.minReplicas === 0 || (own.status?.conditions ?? []).some(({ type, status }) => type === 'ScaledToZero' && status === 'True'));
  return asked || scaledThere ? Math.max(1, own?.spec.minReplicas ?? 1) : undefined;
}

function serves(workload: Workload, service: Service): boolean {
  const selector = Object.entries(service.spec.selector ?? {});
  const labels = workload.spec.template.metadata?.labels ?? {};
  return selector.length > 0 && selector.every(([name, value]) => labels[name] === value);
}

const keyOf = ({ kind, metadata }: Workload) => `${kind} ${metadata.namespace}/${metadata.name}`;
