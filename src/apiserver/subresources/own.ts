import type { Outcome, Target } from '../operations.ts';
import type { Core } from '../registry/core.ts';
import { get } from '../registry/read.ts';

/** Reading such a subresource shows the whole object. */
export function readParent(core: Core, target: Target): Outcome {
  return { entry: get(core, target.resource, target.namespace, target.name) };
}
