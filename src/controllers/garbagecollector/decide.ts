import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { GraphNode } from './graph.ts';

export const ORPHAN = 'orphan';
export const FOREGROUND = 'foregroundDeletion';

/** What became of an owner: it is there; it waits for its dependents to go; it is gone (or another object has its name); nobody can tell, which keeps the object as if it were there. */
export type OwnerState = 'solid' | 'waiting' | 'dangling' | 'unknown';

export type Action =
  | { readonly kind: 'keep' }
  /** Drop these owner references; others hold the object. */
  | { readonly kind: 'release'; readonly uids: readonly string[] }
  /** `unblock`: its references must not hold up its owners any more, since they wait for each other. */
  | { readonly kind: 'delete'; readonly policy: 'Background' | 'Foreground' | 'Orphan'; readonly unblock: boolean };

/** What to do with an object, given what became of each owner (garbagecollector.go attemptToDeleteItem). */
export function decide(node: GraphNode, owners: readonly { readonly reference: OwnerReference; readonly state: OwnerState }[], dependents: readonly GraphNode[]): Action {
  if (node.deleting || owners.length === 0) return { kind: 'keep' };
  if (owners.some((o) => o.state === 'unknown')) return { kind: 'keep' };
  const gone = owners.filter((o) => o.state !== 'solid');
  if (gone.length === 0) return { kind: 'keep' };
  if (gone.length < owners.length) return { kind: 'release', uids: gone.map((o) => o.reference.uid) };
  if (owners.some((o) => o.state === 'waiting') && dependents.length > 0) {
    return { kind: 'delete', policy: 'Foreground', unblock: dependents.some((d) => d.deleting && d.finalizers.includes(FOREGROUND)) };
  }
  // The object's own finalizers say how its own dependents are meant to go.
  return { kind: 'delete', policy: node.finalizers.includes(ORPHAN) ? 'Orphan' : node.finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background', unblock: false };
}
