import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Known {
  readonly name: string;
  readonly about: string;
  readonly options: readonly Option[];
}

/** The script that makes a shell complete the commands and options of `program`, options with their choices. It asks nothing at run time, so completing is instant. */
export function completion(program: Command, shell: Shell): string {
  const commands = program.commands.map((command): Known => ({ name: command.name(), about: firstPart(command.description()), options: command.options }));
  return `${{ bash, zsh, fish }[shell](program.name(), commands).join('\n')}\n`;
}

/** Only words of letters, digits, dashes and dots go into a script unquoted; commander's choices and flags are all such words. */
const flags = (option: Option) => [option.long, option.short].filter((flag) => flag !== undefined);
const choices = (known: Known) => known.options.flatMap((option) => (option.argChoices ? [{ flags: flags(option), words: option.argChoices.join(' ') }] : []));
const firstPart = (text: string) => text.split(/[:;]/)[0] ?? text;
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(program: string, commands: readonly Known[]): string[] {
  return [
    `# ${program} completion for bash: source <(${program} completion bash)`,
    `_${program}() {`,
    '  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}',
    '  COMPREPLY=()',
    `  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} --help --version" -- "$word")); return; fi`,
    '  case "$command $before" in',
    ...commands.flatMap((known) => choices(known).map(({ flags: names, words }) => `    ${names.map((flag) => `"${known.name} ${flag}"`).join('|')}) COMPREPLY=($(compgen -W "${words}" -- "$word")); return;;`)),
    '  esac',
    '  case "$word" in -*) ;; *) COMPREPLY=($(compgen -f -- "$word")); return;; esac',
    '  case "$command" in',
    ...commands.map(({ name, options }) => `    ${name}) COMPREPLY=($(compgen -W "${[...options.flatMap(flags), '--help'].join(' ')}" -- "$word"));;`),
    '  esac',
    '}',
    `complete -o filenames -F _${program} ${program}`,
  ];
}

function zsh(program: string, commands: readonly Known[]): string[] {
  const spec = (option: Option) => flags(option).map((flag) => {
    const value = !option.required ? '' : option.argChoices ? `:value:(${option.argChoices.join(' ')})` : ':value:_files';
    return quoted(`*${flag}[${option.description.replaceAll(/[[\]]/g, '')}]${value}`);
  });
  return [
    `#compdef ${program}`,
    `# ${program} completion for zsh: source <(${program} completion zsh)`,
    `_${program}() {`,
    '  if (( CURRENT == 2 )); then',
    `    local -a commands=(${commands.map(({ name, about }) => quoted(`${name}:${about}`)).join(' ')})`,
    "    _describe 'command' commands; return",
    '  fi',
    '  local command=$words[2]; shift words; (( CURRENT-- ))',
    '  case $command in',
    ...commands.map(({ name, options }) => `    ${name}) _arguments ${options.flatMap(spec).join(' ')} '*:file:_files';;`),
    '  esac',
    '}',
    `compdef _${program} ${program}`,
  ];
}

function fish(program: string, commands: readonly Known[]): string[] {
  return [
    `# ${program} completion for fish: ${program} completion fish | source`,
    ...commands.flatMap(({ name, about, options }) => [
      `complete -c ${program} -f -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
      ...options.map((option) => [
        `complete -c ${program} -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`,
        option.long ? `-l ${option.long.slice(2)}` : '', option.short ? `-s ${option.short.slice(1)}` : '',
        option.argChoices ? `-x -a ${quoted(option.argChoices.join(' '))}` : option.required ? '-r' : '', `-d ${quoted(option.description)}`,
      ].filter(Boolean).join(' ')),
    ]),
  ];
}
