import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { createRecorder, type Client, type EventRecorder, type StoppableRecorder } from '../client/index.ts';
import { managedBy } from './field-manager.ts';

/** One event recorder a source component, and a host where there are several of it. */
export function recorders(client: Client, clock: Clock, random: Random): { of(component: string, host?: string): EventRecorder; stop(): Promise<void> } {
  const known = new Map<string, StoppableRecorder>();
  return {
    of(component) {
      let recorder = known.get(component);
      if (!recorder) known.set(component, recorder = createRecorder(managedBy(client, component), clock, random, component));
      return recorder;
    },
    async stop() {
      await Promise.all([...known.values()].map((recorder) => recorder.flush()));
      for (const recorder of known.values()) recorder.stop();
    },
  };
}
