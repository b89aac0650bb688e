/** Writes pod statuses: the newest one of each pod, one write at a time, again after a conflict (status/status_manager.go). */
import { isDeepStrictEqual } from 'node:util';
import { isReason } from '../../api/errors.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import type { Pod, PodStatus } from '../../api/types/core.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import { KUBELET_CONDITIONS } from './conditions.ts';

export interface StatusWriter {
  /** Hands in the status; unchanged ones are not written. */
  set(pod: Pod, status: PodStatus): void;
  /** Resolves once the newest status of the pod is written, or the pod is gone. */
  flushed(uid: string): Promise<void>;
  /** The pod is gone. */
  forget(uid: string): void;
  /** Nothing is written any more. */
  stop(): void;
}

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 10_000;

interface Slot {
  /** The newest version of the pod that was seen. */
  base: Pod;
  wanted: PodStatus;
  writing: Promise<void> | undefined;
  forgotten: boolean;
}

export function statusWriter(client: Client, clock: Clock): StatusWriter {
  const slots = new Map<string, Slot>();

  const write = async (slot: Slot) => {
    let retryMs = RETRY_FIRST_MS;
    while (!idle(slot)) {
      const status = slot.wanted;
      const { name = '', namespace = '' } = slot.base.metadata;
      try {
        const written = await client.update(Pods, { ...slot.base, status: withForeign(slot.base, status) }, { subresource: 'status' });
        slot.base = newer(slot.base, written);
        // The server may round what it was given; what counts is that this status was taken.
        if (slot.wanted === status) slot.wanted = slot.base.status ?? status;
        retryMs = RETRY_FIRST_MS;
      } catch (error) {
        if (isReason(error, 'Conflict')) {
          const current = await client.get(Pods, name, { namespace }).catch(() => undefined);
          if (current && current.metadata.uid !== slot.base.metadata.uid) return void (slot.forgotten = true);
          if (current) {
            slot.base = current;
            continue;
          }
        }
        if (isReason(error, 'NotFound')) return void (slot.forgotten = true);
        await clock.sleep(retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    }
  };

  const idle = (slot: Slot) => slot.forgotten || sameStatus(slot.base.status, slot.wanted);
  const pump = (slot: Slot) => {
    if (slot.writing || idle(slot)) return;
    slot.writing = write(slot).finally(() => {
      slot.writing = undefined;
      // One may have been handed in between the last look and now.
      pump(slot);
    });
  };

  return {
    set(pod, status) {
      const uid = pod.metadata.uid ?? '';
      const slot = slots.get(uid) ?? { base: pod, wanted: status, writing: undefined, forgotten: false };
      slots.set(uid, slot);
      slot.base = newer(slot.base, pod);
      slot.wanted = status;
      pump(slot);
    },
    async flushed(uid) {
      while (slots.get(uid)?.writing) await slots.get(uid)?.writing;
    },
    forget(uid) {
      const slot = slots.get(uid);
      if (slot) slot.forgotten = true;
      slots.delete(uid);
    },
    stop() {
      for (const uid of slots.keys()) this.forget(uid);
    },
  };
}

/** resourceVersions of pods are compared only to tell an informer's older copy from a write's answer. */
function newer(a: Pod, b: Pod): Pod {
  return Number(b.metadata.resourceVersion ?? 0) >= Number(a.metadata.resourceVersion ?? 0) ? b : a;
}

/** Conditions of others are as the API has them at the moment of the write. */
function withForeign(base: Pod, status: PodStatus): PodStatus {
  const given = status.conditions ?? [];
  const foreign = (base.status?.conditions ?? []).filter((c) => !KUBELET_CONDITIONS.has(c.type) && !given.some((g) => g.type === c.type));
  return foreign.length === 0 ? status : { ...status, conditions: [...foreign, ...given] };
}

/** Equal but for what the server fills in or leaves out: absent, null and empty are one (status_manager.go isPodStatusByKubeletEqual). */
export function sameStatus(a: PodStatus | undefined, b: PodStatus): boolean {
  return a !== undefined && isDeepStrictEqual(normal(a), normal(b));
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(normal);
  if (value === null || typeof value !== 'object') return value === null || value === '' ? undefined : value;
  const entries = Object.entries(value).map(([key, v]) => [key, normal(v)] as const).filter(([, v]) => v !== undefined);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.sort(([x], [y]) => (x < y ? -1 : 1)));
}
