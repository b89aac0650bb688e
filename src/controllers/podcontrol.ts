import { isNamespaceTerminating, isReason, notFound } from '../api/errors.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import type { KubeObject } from '../api/object.ts';
import type { Pod } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/events.ts';

/** Creates and deletes pods in an owner's name, with the events that tell of it (controller_utils.go RealPodControl). */
export interface PodControl {
  create(pod: Pod, owner: KubeObject): Promise<Pod>;
  /** Rejects with NotFound when it is gone already. */
  remove(pod: Pod, owner: KubeObject): Promise<void>;
}

export function podControl(client: Client, events: EventRecorder): PodControl {
  return {
    async create(pod, owner) {
      if (Object.keys(pod.metadata.labels ?? {}).length === 0) throw new Error('unable to create pods, no labels');
      try {
        const created = await client.create(Pods, pod);
        events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
        return created;
      } catch (error) {
        if (!isNamespaceTerminating(error)) events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${textOf(error)}`);
        throw error;
      }
    },
    async remove(pod, owner) {
      const { namespace, name = '', uid } = pod.metadata;
      try {
        await client.delete(Pods, name, { namespace, preconditions: { uid } });
      } catch (error) {
        // A conflict can only be the UID: another pod has the name by now.
        if (isReason(error, 'NotFound') || isReason(error, 'Conflict')) throw notFound(Pods, name);
        events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${textOf(error)}`);
        throw new Error(`unable to delete pods: ${textOf(error)}`, { cause: error });
      }
      events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    },
  };
}

export const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
