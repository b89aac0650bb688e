import { RuntimeClasses } from '../../api/kinds/node/runtime-class.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { WorkerDeps } from './deps.ts';

/** Rejects when the pod's RuntimeClass asks for another runtime: this one in its place would isolate less than the pod counts on. Simulated nodes take all. */
export async function checkRuntimeClass(pod: Pod, { objects, runtime, directory }: Pick<WorkerDeps, 'objects' | 'runtime' | 'directory'>): Promise<void> {
  const name = pod.spec.runtimeClassName;
  if (!name || directory === undefined) return;
  const found = await objects.get(pod.metadata.uid ?? '', RuntimeClasses, '', name);
  if (!found) throw new Error(`failed to get RuntimeClass "${name}": runtimeclasses.node.k8s.io "${name}" not found`);
  // runc is what nodes elsewhere run pods with when nothing is asked for.
  if (found.handler !== runtime.name && found.handler !== 'runc') throw new Error(`failed to get sandbox runtime: no runtime for "${found.handler}" is configured`);
}
