import pc from './colors.ts';

/** A step chart of whole numbers over time, `height` lines and at most `width` columns, with an axis of seconds. Each column is the highest value of its span. */
export function stepChart(points: readonly { readonly atMs: number; readonly value: number }[], width: number, label: string): string {
  const end = points.at(-1)?.atMs ?? 0;
  const highest = Math.max(1, ...points.map((p) => p.value));
  const columns = Math.max(10, width - 5);
  const values = Array.from({ length: columns }, (_, column) => {
    const from = (column * end) / columns;
    const to = ((column + 1) * end) / columns;
    const within = points.filter((p) => p.atMs >= from && p.atMs < to);
    return within.length > 0 ? Math.max(...within.map((p) => p.value)) : (points.findLast((p) => p.atMs <= from)?.value ?? 0);
  });
  const lines: string[] = [];
  for (let level = highest; level >= 1; level--) {
    lines.push(`${pc.dim(String(level).padStart(3))} ${values.map((value) => (value >= level ? pc.green('█') : pc.dim('·'))).join('')}`);
  }
  const seconds = `${Math.round(end / 1000)} s`;
  lines.push(pc.dim(`    0${label.padStart(Math.floor((columns + label.length) / 2) - 1).padEnd(columns - 1 - seconds.length)}${seconds}`));
  return lines.join('\n');
}
