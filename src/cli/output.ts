import { errorColors } from './colors.ts';

/** Ends the command with a sentence on stderr. Stack traces only with CORACLE_DEBUG. */
export function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${errorColors.red('error:')} ${message}\n`);
  if (process.env['CORACLE_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(1);
}

/** kubectl's kind of table: columns three spaces apart, the last one ragged. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => { widths[i] = Math.max(widths[i] ?? 0, cell.length); });
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd((widths[i] ?? 0) + 3))).join('').trimEnd()).join('\n');
}

/** `412B`, `1.2kB`, `56.3MB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return power === 0 ? `${bytes}B` : `${(bytes / 1000 ** power).toFixed(1)}${['', 'kB', 'MB', 'GB'][power]}`;
}
