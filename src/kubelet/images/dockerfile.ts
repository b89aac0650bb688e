import { DockerfileParser } from 'dockerfile-ast';
import type { Instruction } from 'dockerfile-ast';

/** One instruction, taken apart as far as that goes without knowing variables. */
export interface Step {
  readonly keyword: string;
  /** 1-based, of the instruction's first line. */
  readonly line: number;
  readonly flags: readonly (readonly [name: string, value: string])[];
  /** Arguments on one line, continuation lines joined, comments in between dropped; without here-documents. */
  readonly text: string;
  /** The arguments of the JSON form. */
  readonly json: readonly string[] | undefined;
  readonly heredocs: readonly Heredoc[];
}

export interface Heredoc {
  readonly name: string;
  /** Its delimiter was not quoted. */
  readonly expand: boolean;
  readonly content: string;
}

/** What went wrong, and where. */
export class DockerfileError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(`Dockerfile:${line}: ${message}`);
    this.name = 'DockerfileError';
    this.line = line;
  }
}

const KEYWORDS = new Set(['ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER', 'ONBUILD', 'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR']);

/** Reads a Dockerfile. Throws DockerfileError for what is no instruction, or stands before the first FROM. */
export function parseDockerfile(text: string): Step[] {
  const file = DockerfileParser.parse(text);
  const escape = file.getEscapeCharacter();
  const steps = file.getInstructions().map((instruction) => toStep(instruction, escape));
  if (steps.length === 0) throw new DockerfileError(1, 'the Dockerfile is empty');
  for (const step of steps) if (!KEYWORDS.has(step.keyword)) throw new DockerfileError(step.line, `unknown instruction: ${step.keyword}`);
  const first = steps.find(({ keyword }) => keyword !== 'ARG');
  if (first?.keyword !== 'FROM') throw new DockerfileError(first?.line ?? steps[0]!.line, 'no build stage in current context: FROM must come first');
  return steps;
}

function toStep(instruction: Instruction, escape: string): Step {
  const line = instruction.getRange().start.line + 1;
  const keyword = instruction.getKeyword();
  const flagged = instruction as Instruction & { getFlags?(): { getName(): string; getValue(): string | null }[] };
  const flags = (flagged.getFlags?.() ?? []).map((flag) => [flag.getName(), flag.getValue() ?? ''] as const);
  const raw = instruction.getRawArgumentsContent() ?? '';
  const { head, heredocs } = ['RUN', 'COPY', 'ADD'].includes(keyword) ? splitHeredocs(raw, escape, line) : { head: raw, heredocs: [] };
  const joined = joinLines(head, escape);
  return { keyword, line, flags, text: joined, json: jsonForm(joined), heredocs };
}

/** Continuation lines become one; lines of comment or nothing between them vanish. */
function joinLines(raw: string, escape: string): string {
  const lines = raw.split(/\r?\n/);
  const kept = lines.filter((line, index) => index === 0 || !/^\s*(#|$)/.test(line));
  const end = new RegExp(`${escape === '\\' ? '\\\\' : '`'}[ \\t]*$`);
  return kept.map((line) => (end.test(line) ? line.replace(end, '') : line)).join('').trim();
}

function splitHeredocs(raw: string, escape: string, line: number): { head: string; heredocs: Heredoc[] } {
  const lines = raw.split('\n');
  // The opening line may itself be continued before the documents begin.
  let next = 1;
  while (next < lines.length && lines[next - 1]!.trimEnd().endsWith(escape)) next++;
  const head = lines.slice(0, next).join('\n');
  const openings = [...head.matchAll(/(?<![<\w])<<(-?)(["']?)([A-Za-z_]\w*)\2/g)];
  if (openings.length === 0 || next >= lines.length) return { head: raw, heredocs: [] };
  const heredocs = openings.map(([, dash, quote, name = '']) => {
    const content: string[] = [];
    for (;;) {
      if (next >= lines.length) throw new DockerfileError(line, `unterminated heredoc ${name}`);
      const body = dash ? lines[next]!.replace(/^\t+/, '') : lines[next]!;
      next++;
      if (body === name) break;
      content.push(body);
    }
    return { name, expand: !quote, content: content.map((each) => `${each}\n`).join('') };
  });
  return { head, heredocs };
}

/** A JSON array of strings, or undefined: then it is the shell form. */
function jsonForm(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Splits words as a shell would, keeping quotes and escapes for `expand` to take away. */
export function words(text: string, escape = '\\'): string[] {
  const result: string[] = [];
  let word = '';
  let quote = '';
  let started = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === escape && quote !== "'" && i + 1 < text.length) {
      word += char + text[++i]!;
      started = true;
    } else if (quote) {
      if (char === quote) quote = '';
      word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word += char;
      started = true;
    } else if (/\s/.test(char)) {
      if (started) result.push(word);
      word = '';
      started = false;
    } else {
      word += char;
      started = true;
    }
  }
  if (started) result.push(word);
  return result;
}

/** Replaces `$name`, `${name}`, `${name:-default}` and `${name:+other}`, and takes quotes and escapes away (buildkit's shell lexer). `quotes: false` leaves those alone, for here-documents. */
export function expand(text: string, variable: (name: string) => string | undefined, options: { quotes: boolean; escape?: string } = { quotes: true }): string {
  const escape = options.escape ?? '\\';
  let result = '';
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === escape && quote !== "'" && i + 1 < text.length) {
      const next = text[++i]!;
      // Inside double quotes an escape means itself but before what is special there.
      result += options.quotes && (quote === '' || '"$'.includes(next) || next === escape) ? next : !options.quotes && next === '$' ? next : char + next;
    } else if (options.quotes && quote === '' && (char === '"' || char === "'")) quote = char;
    else if (options.quotes && char === quote) quote = '';
    else if (char === '$' && quote !== "'") {
      const found = /^\$(?:(\w+)|\{(\w+)(?:(:?[-+?])((?:[^{}]|\{[^{}]*\})*))?\})/.exec(text.slice(i));
      if (!found) {
        result += char;
        continue;
      }
      const [whole, plain, braced = '', operator, word = ''] = found;
      i += whole.length - 1;
      const value = variable(plain ?? braced);
      const present = value !== undefined && (operator?.startsWith(':') ? value !== '' : true);
      if (!operator) result += value ?? '';
      else if (operator.endsWith('-')) result += present ? value : expand(word, variable, options);
      else if (operator.endsWith('+')) result += present ? expand(word, variable, options) : '';
      else if (present) result += value;
      else throw new Error(`${braced}: ${expand(word, variable, options) || 'not set'}`);
    } else result += char;
  }
  return result;
}
