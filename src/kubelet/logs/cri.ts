/** The CRI log format: `2025-01-01T00:00:00.000000000Z stdout F text` (kuberuntime/logs/logs.go). */
export interface LogLine {
  /** As written. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** The line goes on in the next one. */
  readonly partial: boolean;
  /** Without the newline. */
  readonly text: Buffer;
}

/** Lines longer than this are cut into partial ones. */
export const MAX_LINE = 16 * 1024;

const SPACE = 0x20;

/** Reads one line (without its newline); undefined when it is not of the format. */
export function parseLine(line: Buffer): LogLine | undefined {
  const first = line.indexOf(SPACE);
  const second = line.indexOf(SPACE, first + 1);
  if (first < 20 || second < 0) return undefined;
  const third = line.indexOf(SPACE, second + 1);
  const stream = line.toString('latin1', first + 1, second);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  const tags = line.toString('latin1', second + 1, third < 0 ? line.length : third);
  return { time: line.toString('latin1', 0, first), stream, partial: tags.split(':')[0] === 'P', text: third < 0 ? Buffer.alloc(0) : line.subarray(third + 1) };
}
