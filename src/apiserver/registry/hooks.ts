import type { KubeObject } from '../../api/object.ts';
import type { Resource } from '../scheme.ts';

/**
 * What must happen with a write of one kind beyond what its declaration can say: it needs memory of other objects (a Service's cluster IP). `before` runs when the object is otherwise
 * ready to be validated; the function it returns runs when the write is over, whether it was made or not: what was written can then be read off the store.
 */
export interface WriteHooks {
  readonly group: string;
  readonly plural: string;
  before(next: KubeObject, old: KubeObject | undefined, resource: Resource): (() => void) | void;
}

const nothing = () => {};

/** Runs the hooks of the resource's kind; the function that comes back ends what they hold. */
export function runHooks(hooks: readonly WriteHooks[], next: KubeObject, old: KubeObject | undefined, resource: Resource): () => void {
  const { storage, plural } = resource.kind;
  let release: () => void = nothing;
  for (const hook of hooks) {
    if (hook.plural !== plural || hook.group !== storage.group) continue;
    const undo = hook.before(next, old, resource);
    if (!undo) continue;
    const earlier = release;
    release = () => {
      undo();
      earlier();
    };
  }
  return release;
}
