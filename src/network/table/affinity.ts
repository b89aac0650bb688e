/** Remembers which endpoint a client address was given (sessionAffinity: ClientIP). */
export interface Affinity {
  /** The endpoint key for this client, unless it has been quiet for too long. */
  get(client: string): string | undefined;
  set(client: string, endpoint: string): void;
}

/** More clients than this are not remembered: the oldest is forgotten. */
const MOST = 100_000;

/** `timeoutMs` of silence and a client may go elsewhere. */
export function clientAffinity(timeoutMs: number, now: () => number): Affinity {
  const known = new Map<string, { endpoint: string; at: number }>();
  return {
    get(client) {
      const entry = known.get(client);
      if (!entry) return undefined;
      if (now() - entry.at < timeoutMs) return entry.endpoint;
      known.delete(client);
      return undefined;
    },
    set(client, endpoint) {
      // Re-inserting keeps the map in order of use, so the first key is always the one quiet the longest.
      known.delete(client);
      known.set(client, { endpoint, at: now() });
      if (known.size > MOST) known.delete(known.keys().next().value!);
    },
  };
}
