import { open } from 'node:fs/promises';
import { parseLine } from './cri.ts';

const NEWLINE = 0x0a;

/** The text of the last lines of a CRI log, at most `lines` of them and `bytes` long; '' when there is no log. */
export async function lastLines(path: string, lines: number, bytes: number): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    // A log line is at most 50 bytes longer than its text.
    const window = Math.min(size, bytes + lines * 64);
    const buffer = Buffer.alloc(window);
    await file.read(buffer, 0, window, size - window);
    const texts: Buffer[] = [];
    for (let end = buffer.length, start = end; end > 0 && texts.length <= lines; end = start) {
      start = buffer.lastIndexOf(NEWLINE, end - 2) + 1;
      const line = parseLine(buffer.subarray(start, buffer[end - 1] === NEWLINE ? end - 1 : end));
      if (line) texts.unshift(Buffer.concat([line.text, Buffer.from(line.partial ? '' : '\n')]));
      if (start === 0) break;
    }
    const joined = Buffer.concat(texts.slice(-lines));
    return joined.subarray(Math.max(0, joined.length - bytes)).toString('utf8');
  } finally {
    await file.close();
  }
}
