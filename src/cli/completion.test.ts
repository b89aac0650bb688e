import { execFileSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { completion } from './completion.ts';

const program = new Command('boat');
program.command('up').description("start it; the crew's way").option('-d, --detach', 'in the background').addOption(new Option('-o, --output <format>', 'how').choices(['table', 'json']));
program.command('down').option('--name <name>', 'which [one]');

/** What bash offers for a line, by the script itself. */
function offered(line: string): string[] {
  const words = line.split(' ');
  const script = `${completion(program, 'bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _boat; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n').sort();
}

test.each<[string, string[]]>([
  ['boat ', ['--help', '--version', 'down', 'up']],
  ['boat d', ['down']],
  ['boat up --', ['--detach', '--help', '--output']],
  ['boat up -o ', ['json', 'table']],
  ['boat up --output j', ['json']],
  ['boat down --n', ['--name']],
])('bash offers for %j %j', (line, words) => {
  expect(offered(line)).toEqual(words);
});

test('zsh and fish: options with their choices, texts quoted', () => {
  expect(completion(program, 'zsh')).toContain(`'up:start it' 'down:'`);
  expect(completion(program, 'zsh')).toContain(`up) _arguments '*--detach[in the background]' '*-d[in the background]' '*--output[how]:value:(table json)'`);
  expect(completion(program, 'fish')).toContain(`complete -c boat -n '__fish_seen_subcommand_from up' -l output -s o -x -a 'table json' -d 'how'`);
});
