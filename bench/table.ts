export interface Row {
  readonly what: string;
  /** What the figure should be below; undefined: no bar. */
  readonly bar?: number;
  readonly measured: number;
  readonly unit: string;
  readonly digits?: number;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Bars and figures side by side. */
export function table(rows: readonly Row[]): string {
  const figure = (value: number, { digits = 0, unit }: Row) => `${value.toFixed(digits)} ${unit}`;
  const wide = Math.max(...rows.map(({ what }) => what.length));
  return rows.map((row) => {
    const bar = row.bar === undefined ? '' : `< ${figure(row.bar, row)}`;
    const verdict = row.bar === undefined ? '' : row.measured < row.bar ? 'ok' : `${(row.measured / row.bar).toFixed(1)} × the bar`;
    return `${row.what.padEnd(wide)}  ${bar.padStart(12)}  ${figure(row.measured, row).padStart(12)}  ${verdict}`.trimEnd();
  }).join('\n');
}
