// Turns a command's coloured output into an SVG of a terminal: node scripts/terminal-picture.mjs docs/demo.svg 'coracle demo' bin/coracle demo
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const [file, title, command, ...args] = process.argv.slice(2);
if (!file || !title || !command) throw new Error('usage: terminal-picture.mjs OUT.svg TITLE COMMAND [ARGUMENT…]');
const run = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '1', COLUMNS: '100' }, maxBuffer: 1 << 24 });
if (run.status !== 0) throw new Error(`${command} exited with ${run.status}: ${run.stderr}`);

const COLOURS = { 31: '#f7768e', 32: '#9ece6a', 33: '#e0af68', 36: '#7dcfff' };
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const ESCAPE = '\u001b[';
const CHAR = 8.4;
const LINE = 19;

const lines = `$ ${title}\n\n${run.stdout.trimEnd()}`.split('\n');
const rows = lines.map((line, i) => {
  const style = { fill: '#c0caf5', bold: false, dim: false };
  let column = 0;
  // Each piece but the first begins with the rest of an escape sequence.
  const spans = line.split(ESCAPE).map((piece, k) => {
    const [, codes = '', text = piece] = k === 0 ? [] : /^([0-9;]*)m(.*)$/s.exec(piece);
    for (const n of k === 0 ? [] : codes.split(';').map(Number)) {
      if (n === 0) Object.assign(style, { fill: '#c0caf5', bold: false, dim: false });
      else if (n === 1) style.bold = true;
      else if (n === 2) style.dim = true;
      else if (n === 22) Object.assign(style, { bold: false, dim: false });
      else if (n === 39) style.fill = '#c0caf5';
      else if (COLOURS[n]) style.fill = COLOURS[n];
    }
    const part = text;
    if (part === '') return '';
    const x = 20 + column * CHAR;
    column += [...part].length;
    return `<tspan x="${x.toFixed(1)}" fill="${style.fill}"${style.bold ? ' font-weight="bold"' : ''}${style.dim ? ' opacity="0.55"' : ''}>${escape(part)}</tspan>`;
  });
  return `<text y="${60 + i * LINE}" xml:space="preserve">${spans.join('')}</text>`;
});
const width = Math.max(...lines.map((line) => [...stripVTControlCharacters(line)].length)) * CHAR + 40;
const height = 60 + lines.length * LINE;
writeFileSync(file, `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${height}" viewBox="0 0 ${Math.ceil(width)} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">
<rect width="100%" height="100%" rx="10" fill="#1a1b26"/>
<circle cx="22" cy="22" r="6" fill="#f7768e"/><circle cx="42" cy="22" r="6" fill="#e0af68"/><circle cx="62" cy="22" r="6" fill="#9ece6a"/>
${rows.join('\n')}
</svg>
`);
