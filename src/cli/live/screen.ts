/** Lines at the bottom of a terminal that are drawn again and again in place, without flicker. */
export interface Screen {
  /** Shows these lines instead of the last ones; each must fit the terminal's width. Nothing is written when nothing changed. */
  draw(lines: readonly string[]): void;
  /** The terminal changed its size, and may have broken lines: begins on a clean page. */
  resized(): void;
  /** Leaves what is shown and gives the cursor back. */
  close(): void;
}

const HIDE = '\x1b[?25l';
const SHOW = '\x1b[?25h';
/** Terminals that know it show everything between at once (synchronized output); the others ignore it. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

export function createScreen(out: Pick<NodeJS.WriteStream, 'write'>): Screen {
  let shown: readonly string[] = [];
  return {
    draw(lines) {
      if (lines.length === shown.length && lines.every((line, i) => line === shown[i])) return;
      const up = shown.length > 0 ? `\x1b[${shown.length}A\r` : HIDE;
      out.write(`${BEGIN}${up}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J${END}`);
      shown = lines;
    },
    resized() {
      if (shown.length > 0) out.write('\x1b[2J\x1b[H');
      shown = [];
    },
    close() {
      out.write(SHOW);
      shown = [];
    },
  };
}
