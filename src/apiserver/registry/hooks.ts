import type { KubeObject } from '../../api/object.ts';
import type { Entry } from '../../store/store.ts';
import type { Resource } from '../scheme.ts';

/**
 * What must happen with a write of one kind beyond what its declaration can say: it needs memory of other objects (a Service's cluster IP). `before` runs when the object is otherwise
 * ready to be validated; what it takes is given back by the function it returns when the write then fails (or was a dry run).
 */
export interface WriteHooks {
  readonly group: string;
  readonly plural: string;
  before(next: KubeObject, old: KubeObject | undefined, resource: Resource): (() => void) | void;
  deleted?(entry: Entry): void;
}

const nothing = () => {};

/** Runs the hooks of the resource's kind; the function that comes back undoes them. */
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
