import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/events.ts';
import { controller, type Component, type ControllerOptions as RunOptions, type InformerFactory, type Reconcile } from '../client/index.ts';

/** What every controller stands on. Nothing in this room reads the machine's time, randomness or network by another way. */
export interface ControllerContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Shared by every controller of the process. */
  readonly informers: InformerFactory;
  /** The recorder whose events carry this source component (`deployment-controller`). */
  readonly events: (component: string) => EventRecorder;
  readonly options: ControllerOptions;
}

/** Settings that more than one controller reads; each has upstream's default. */
export interface ControllerOptions {
  /** Keys worked on at once by one controller (kube-controller-manager --concurrent-*-syncs, 5). */
  readonly workers?: number;
  /** Told of a reconcile that failed for another reason than a conflict. */
  readonly onError?: (controller: string, key: string, error: unknown) => void;
}

/** How one controller works off its keys. */
export interface Reconciler {
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly setup: RunOptions['setup'];
  /** Keys worked on at once. Default: one, whatever the options say; with `default`, as many as they say, else that many. */
  readonly workers?: { readonly default: number };
}

/** A controller with the context's clock and options. */
export function controllerIn({ clock, options }: ControllerContext, { name, reconcile, setup, workers }: Reconciler): Component {
  const { onError } = options;
  return controller({ name, clock, reconcile, setup, workers: workers ? (options.workers ?? workers.default) : 1, ...(onError && { onError: (key, error) => onError(name, key, error) }) });
}
