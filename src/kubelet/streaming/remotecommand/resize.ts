import type { Readable } from 'node:stream';

const MAX_MESSAGE = 1024;

/** Reads `{"Width":80,"Height":24}` one after the other, and calls back with each. What is not such an object is passed over. */
export function onResize(input: Readable, resize: (columns: number, rows: number) => void): void {
  let text = '';
  input.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      const size = parseSize(text.slice(0, end + 1));
      text = text.slice(end + 1);
      if (size) resize(size.columns, size.rows);
    }
    if (text.length > MAX_MESSAGE) text = '';
  });
}

/** undefined: no size that a terminal can have. */
export function parseSize(text: string): { columns: number; rows: number } | undefined {
  try {
    const { Width: columns, Height: rows } = JSON.parse(text) as { Width?: unknown; Height?: unknown };
    const valid = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) <= 0xffff;
    return valid(columns) && valid(rows) ? { columns, rows } : undefined;
  } catch {
    return undefined;
  }
}
