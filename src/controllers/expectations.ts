import type { Clock } from '../base/clock.ts';

/** An informer that has not shown a write for this long is taken to have lost it (controller_utils.go ExpectationsTimeout). */
const TIMEOUT_MS = 5 * 60_000;

/**
 * What a controller has written and its informer has not yet shown. Until a key is `satisfied`, its reconcile must neither create nor delete, or it would do so twice.
 * Upstream counts creations; the UIDs that the API answers with say the same and cannot be confused by another's pod (controller_utils.go UIDTrackingControllerExpectations).
 */
export interface Expectations {
  /** The API answered that this was created; `seen` tells whether the informer shows it already. */
  created(key: string, uid: string, seen: boolean): void;
  /** This is about to be deleted. */
  deleting(key: string, uid: string): void;
  /** The informer shows it. */
  observeCreated(uid: string): void;
  /** The informer shows that it is gone or going, or the deletion failed. */
  observeDeleted(uid: string): void;
  satisfied(key: string): boolean;
  forget(key: string): void;
}

interface Waiting {
  readonly created: Set<string>;
  readonly deleted: Set<string>;
  since: number;
}

export function expectations(clock: Clock): Expectations {
  const waiting = new Map<string, Waiting>();
  const keyOfUid = new Map<string, string>();
  const open = (key: string, uid: string): Waiting => {
    keyOfUid.set(uid, key);
    let entry = waiting.get(key);
    if (!entry) waiting.set(key, entry = { created: new Set(), deleted: new Set(), since: 0 });
    entry.since = clock.monotonic();
    return entry;
  };
  const settle = (which: 'created' | 'deleted') => (uid: string) => {
    const key = keyOfUid.get(uid);
    if (key === undefined) return;
    const entry = waiting.get(key);
    if (!entry?.[which].delete(uid)) return;
    keyOfUid.delete(uid);
    if (entry.created.size + entry.deleted.size === 0) waiting.delete(key);
  };
  const forget = (key: string) => {
    const entry = waiting.get(key);
    if (!entry) return;
    for (const uid of [...entry.created, ...entry.deleted]) keyOfUid.delete(uid);
    waiting.delete(key);
  };
  return {
    created: (key, uid, seen) => {
      if (!seen) open(key, uid).created.add(uid);
    },
    deleting: (key, uid) => {
      open(key, uid).deleted.add(uid);
    },
    observeCreated: settle('created'),
    observeDeleted: settle('deleted'),
    satisfied: (key) => {
      const entry = waiting.get(key);
      if (!entry) return true;
      if (clock.monotonic() - entry.since <= TIMEOUT_MS) return false;
      forget(key);
      return true;
    },
    forget,
  };
}
