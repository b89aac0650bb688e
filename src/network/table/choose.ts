/** What choosing needs to know of a candidate. */
export interface Candidate {
  readonly load: number;
}

/** Beyond this many, looking at all would cost more than it brings. */
const LOOK_AT = 16;

/**
 * The least loaded of (at most 16 of) the candidates, beginning at `start`, so that equals take turns when `start` moves on by one each time. Those that `skip` holds for are left out; undefined when none
 * is left.
 */
export function leastLoaded<T extends Candidate>(candidates: readonly T[], start: number, skip?: (candidate: T) => boolean): T | undefined {
  const count = candidates.length;
  let best: T | undefined;
  let bestLoad = Infinity;
  let looked = 0;
  for (let i = 0; i < count && (looked < LOOK_AT || best === undefined); i++) {
    const candidate = candidates[(start + i) % count]!;
    if (skip?.(candidate)) continue;
    looked++;
    const load = candidate.load;
    if (load < bestLoad) {
      best = candidate;
      bestLoad = load;
      if (load === 0) break;
    }
  }
  return best;
}

/** What is known of an endpoint when the candidates are drawn up. */
export interface Standing {
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly proven: boolean;
  readonly draining: boolean;
  readonly lastResort: boolean;
}

/**
 * Who may get traffic: those that are ready and listen; if there are none, those that terminate but still serve (kube-proxy's ProxyTerminatingEndpoints), and pods that already drain but whose replacement
 * does not listen yet. A pod that is not ready, or drains, never otherwise; but one that is listed as ready although it terminates belongs to a Service that wants its pods however they are
 * (publishNotReadyAddresses).
 */
export function candidates<T>(all: readonly T[], standing: (item: T) => Standing): readonly T[] {
  const first = all.filter((item) => {
    const s = standing(item);
    return s.ready && s.proven && (s.terminating || !s.draining);
  });
  if (first.length > 0) return first;
  return all.filter((item) => {
    const s = standing(item);
    return s.proven && (s.lastResort || (s.serving && s.terminating && !s.draining));
  });
}

/**
 * Of the candidates those that are hinted to `zone`, where all that are ready are for some zone; all of them otherwise, also when none is for this one (pkg/proxy/topology.go).
 */
export function inZone<T>(all: readonly T[], zones: (item: T) => readonly string[], zone: string | undefined): readonly T[] {
  if (zone === undefined || all.some((item) => zones(item).length === 0)) return all;
  const near = all.filter((item) => zones(item).includes(zone));
  return near.length > 0 ? near : all;
}
