import { horizontalPodAutoscaler } from '../../src/api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import type { HorizontalPodAutoscaler } from '../../src/api/types/autoscaling.v2.ts';
import { NOW, type Json } from './format.ts';

/** An HPA and the cells that `kubectl get hpa` shows of it. */
export interface PrintCase {
  readonly name: string;
  readonly hpa: HorizontalPodAutoscaler;
  /** As of 1.28. */
  readonly cells: readonly Json[];
  /** The targets since 1.30, where a resource is named before its figures. */
  readonly targetsSince130?: string;
}

const TARGETS = 2;

/** Complaints about the printed cells. */
export function printed({ hpa, cells, targetsSince130 }: PrintCase): readonly string[] {
  const columns = horizontalPodAutoscaler.columns ?? [];
  const got = columns.map((column) => column.cell(hpa, NOW));
  const expected = cells.map((cell, index) => (index === TARGETS && targetsSince130 !== undefined ? targetsSince130 : cell));
  return expected.flatMap((cell, index) => (String(got[index]) === String(cell) ? [] : [`${columns[index]?.name}: expected ${JSON.stringify(cell)}, got ${JSON.stringify(got[index] ?? null)}`]));
}
