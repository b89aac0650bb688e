/**
 * Smooth weighted round robin (nginx' upstream module): exact shares over every run of `sum of weights` picks, spread as evenly as can be. The state lives as long as the weights stay the same, whatever
 * happens to the pods behind them.
 */
export interface WeightedRoundRobin {
  /** Index of the next pick; -1 when every weight is 0 or `usable` allows none. */
  next(usable?: (index: number) => boolean): number;
}

export function weightedRoundRobin(weights: readonly number[]): WeightedRoundRobin {
  const current = weights.map(() => 0);
  return {
    next(usable) {
      let total = 0;
      let best = -1;
      for (let i = 0; i < weights.length; i++) {
        if (weights[i]! <= 0 || (usable && !usable(i))) continue;
        current[i]! += weights[i]!;
        total += weights[i]!;
        if (best < 0 || current[i]! > current[best]!) best = i;
      }
      if (best >= 0) current[best]! -= total;
      return best;
    },
  };
}
