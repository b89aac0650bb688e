/**
 * A transcript is what a person would see in a terminal: commands behind `$ `, below each the text that it prints.
 *
 *     ## a comment
 *     $ kubectl create deployment web --image=nginx
 *     deployment.apps/web created
 *     @ >=1.27
 *     $~ kubectl get pods
 *     NAME              READY   STATUS    RESTARTS   AGE
 *     web-{hash}        1/1     Running   0          {age}
 *
 * `$~` repeats the command until it prints the text. `> ` continues a command on the next line. `@ RANGE` names the kubectl versions for the next command. `[exit 1]` closes the text of a command that fails.
 * In the text `{age}`, `{ip}` … stand for what differs from run to run, `{...}` for any rest of a line, and a line `...` for any lines. Columns may be of any width.
 */
export interface Step {
  readonly line: number;
  readonly command: string;
  readonly repeat: boolean;
  /** A semver range; every version when undefined. */
  readonly versions: string | undefined;
  readonly output: readonly string[];
  readonly exitCode: number;
}

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  age: '(?:<invalid>|[0-9]+(?:d|h|m|s|ms)(?:[0-9]+[hms])?)',
  count: '[0-9]+',
  hash: '[a-z0-9]+(?:-[a-z0-9]{5})?',
  ip: '(?:[0-9]{1,3}\\.){3}[0-9]{1,3}',
  uid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  time: '(?:[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [-+][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z)',
  '...': '.*',
};

/** The steps of a transcript, in order. Throws on text that belongs to no command. */
export function parseTranscript(text: string): Step[] {
  const steps: (Step & { output: string[] })[] = [];
  let versions: string | undefined;
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    const start = /^(\$~?) (.*)$/.exec(line);
    const current = steps.at(-1);
    if (line.startsWith('@ ')) {
      versions = line.slice(2);
    } else if (start) {
      const command = [start[2]!];
      const at = index + 1;
      while (lines[index + 1]?.startsWith('> ') || lines[index + 1] === '>') command.push(lines[++index]!.slice(2));
      steps.push({ line: at, command: command.join('\n'), repeat: start[1] === '$~', versions, output: [], exitCode: 0 });
      versions = undefined;
    } else if (line.startsWith('## ')) {
      continue;
    } else if (current) {
      current.output.push(line);
    } else if (line.trim() !== '') {
      throw new Error(`line ${index + 1} stands before the first command: ${line}`);
    }
  }
  return steps.map((step) => ({ ...step, ...ending(step.output) }));
}

function ending(lines: readonly string[]): Pick<Step, 'output' | 'exitCode'> {
  const output = withoutBlankEnd(lines);
  const exit = /^\[exit ([0-9]+)\]$/.exec(output.at(-1) ?? '');
  return exit ? { output: withoutBlankEnd(output.slice(0, -1)), exitCode: Number(exit[1]) } : { output, exitCode: 0 };
}

/** Whether a command printed what its step says. */
export function matches(step: Step, printed: string, exitCode: number): boolean {
  return exitCode === step.exitCode && patternOf(step.output).test(normal(withoutBlankEnd(printed.split('\n'))).map((line) => `${line}\n`).join(''));
}

/** The first line of the text that was not printed, and what stands there instead. */
export function firstDifference(step: Step, printed: string): { readonly line: number; readonly expected: string; readonly printed: string } {
  const actual = normal(withoutBlankEnd(printed.split('\n')));
  const expected = normal(step.output);
  const rest = expected.indexOf('...');
  const compared = rest === -1 ? Math.max(expected.length, actual.length) : rest;
  for (let index = 0; index < compared; index++) {
    const [a, b] = [expected[index], actual[index]];
    if (a === undefined || b === undefined || !new RegExp(`^${linePattern(a)}$`).test(b)) return { line: index + 1, expected: a ?? '(nothing)', printed: b ?? '(nothing)' };
  }
  return { line: compared + 1, expected: 'the lines after `...`', printed: 'none that match' };
}

function patternOf(output: readonly string[]): RegExp {
  const lines = normal(output).map((line) => (line === '...' ? '(?:.*\\n)*?' : `${linePattern(line)}\\n`));
  return new RegExp(`^${lines.join('')}$`);
}

function linePattern(line: string): string {
  return line.split(/(\{[a-z.]+\})/).map((part) => PLACEHOLDERS[part.slice(1, -1)] ?? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('');
}

/** Indentation is kept, gaps between columns are all the same, ends of lines are bare. */
function normal(lines: readonly string[]): string[] {
  return lines.map((line) => line.trimEnd().replace(/(?<=\S)(?:\t| {2,})\s*/g, '  '));
}

function withoutBlankEnd(lines: readonly string[]): string[] {
  let end = lines.length;
  while (end > 0 && lines[end - 1]!.trim() === '') end--;
  return lines.slice(0, end);
}
