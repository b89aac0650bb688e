import type { KubeObject } from '../api/object.ts';

/** Writes Events, with client-go's aggregation (tools/record events_cache.go: same event counts up; 10 similar ones in 10 min become "(combined from similar events)"; 25-burst per object). */
export interface EventRecorder {
  event(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, options?: EventOptions): void;
  /** Resolves once everything recorded so far is written (for tests and shutdown). */
  flush(): Promise<void>;
}

export interface EventOptions {
  /** The part of the object, as the kubelet names containers: `spec.containers{web}`. */
  readonly fieldPath?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
