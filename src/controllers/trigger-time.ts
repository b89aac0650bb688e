import type { Pod, Service } from '../api/types/core.v1.ts';
import { keyOf } from './names.ts';
import { podCondition } from './pods.ts';

/** The annotation of Endpoints and EndpointSlices from which is measured how long it takes until a change is known everywhere. */
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Remembers which changes of a Service and its pods were seen already (endpointslice util TriggerTimeTracker). */
export interface TriggerTimes {
  /** When the first of the changes since the last call happened, RFC 3339; undefined when nothing did. For a new Service when it was made. */
  next(service: Service, pods: readonly Pod[]): string | undefined;
  forget(key: string): void;
}

export function triggerTimes(): TriggerTimes {
  const seen = new Map<string, { readonly service: string; readonly pods: ReadonlyMap<string, string> }>();
  return {
    next(service, pods) {
      const before = seen.get(keyOf(service));
      const made = service.metadata.creationTimestamp ?? '';
      const times = new Map(pods.map((pod) => [pod.metadata.name ?? '', podCondition(pod, 'Ready')?.lastTransitionTime ?? '']));
      seen.set(keyOf(service), { service: made, pods: times });
      if (!before) return made;
      const changed = [...times].filter(([pod, time]) => time > (before.pods.get(pod) ?? '')).map(([, time]) => time);
      return [...changed, ...(made > before.service ? [made] : [])].sort()[0];
    },
    forget: (key) => void seen.delete(key),
  };
}

/** The annotations of what was changed at this time; a change without one leaves none. */
export function withTriggerTime(annotations: Readonly<Record<string, string>> | undefined, time: string | undefined): Record<string, string> {
  const { [TRIGGER_TIME]: _, ...others } = annotations ?? {};
  return { ...others, ...(time !== undefined && { [TRIGGER_TIME]: time }) };
}
