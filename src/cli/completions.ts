// Scripts that complete command lines in a shell: the commands, their options and the choices of these.
import { Command } from 'commander';

interface Completed {
  readonly name: string;
  readonly description: string;
  readonly words: readonly Word[];
  readonly below: readonly Completed[];
}

interface Word {
  readonly text: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export interface Loadable {
  readonly name: string;
  readonly alias?: string;
  readonly description: string;
  load(): Promise<{ define(command: Command): void }>;
}

/** Writes the script for a shell. */
export async function completionScript(shell: Shell, commands: readonly Loadable[]): Promise<string> {
  const all = await Promise.all(
    commands.map(async ({ name, description, load }) => {
      const command = new Command(name).description(description);
      (await load()).define(command);
      return completed(command);
    }),
  );
  if (shell === 'bash') return bash(all);
  return shell === 'zsh' ? zsh(all) : fish(all);
}

/** The commands below one that people are told of: those that Mayfly calls itself have no description. */
export function shownCommands(command: Command): Command[] {
  return command.commands.filter((one) => one.description() !== '');
}

function completed(command: Command): Completed {
  const words = command.options
    .filter(({ hidden }) => !hidden)
    .flatMap(({ long, short, description, required, optional, argChoices = [] }) =>
      [long, short]
        .filter((text) => text !== undefined && text !== null)
        .map((text) => {
          return { text, description, takesValue: required || optional, choices: argChoices };
        }),
    );
  const below = shownCommands(command).map(completed);
  return { name: command.name(), description: command.description(), words, below };
}

/** Words that may follow a command: its options, and commands below it. */
function wordsAfter({ words, below }: Completed): string {
  return [...below.map(({ name }) => name), ...words.map(({ text }) => text), '--help'].join(' ');
}

function bash(all: readonly Completed[]): string {
  const cases = all.flatMap((command) => [
    ...command.below.map((one) => `    '${command.name} ${one.name}') words='${wordsAfter(one)}' ;;`),
    `    '${command.name} '*) words='${wordsAfter(command)}' ;;`,
  ]);
  const choices = all
    .flatMap(({ words }) => words)
    .filter((word) => word.choices.length > 0)
    .map(({ text, choices }) => `    ${text}) words='${choices.join(' ')}' ;;`);
  return `# Completions of mayfly for bash: source <(mayfly completions bash)
_mayfly() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words='${all.map(({ name }) => name).join(' ')} help --help --version'; fi
  case "$previous" in
${choices.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _mayfly mayfly
`;
}

/** A text inside of single quotes of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function zsh(all: readonly Completed[]): string {
  const escaped = (text: string): string => text.replaceAll(/[[\]:\\]/g, (character) => `\\${character}`);
  const option = ({ text, description, takesValue, choices }: Word): string => {
    const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}` : '';
    return quoted(`*${text}[${escaped(description)}]${value}`);
  };
  const arms = all.map(({ name, words, below }) => {
    const first =
      below.length > 0 ? quoted(`1:command:(${below.map((one) => one.name).join(' ')})`) : "'*:file:_files'";
    const options = [...words, ...below.flatMap((one) => one.words)].map(option);
    return `    ${name}) _arguments ${[...new Set(options), "'--help[Show help]'", first].join(' ')} ;;`;
  });
  return `#compdef mayfly
# Completions of mayfly for zsh: a file _mayfly in a folder of $fpath, or source <(mayfly completions zsh)
_mayfly() {
  local -a commands
  commands=(${all.map(({ name, description }) => quoted(`${name}:${escaped(description)}`)).join(' ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${arms.join('\n')}
  esac
}
compdef _mayfly mayfly
`;
}

function fish(all: readonly Completed[]): string {
  const lines = all.flatMap((command) => {
    const own = `__fish_seen_subcommand_from ${command.name}`;
    return [
      `complete -c mayfly -n __fish_use_subcommand -f -a ${command.name} -d ${quoted(command.description)}`,
      ...command.below.map(
        (one) => `complete -c mayfly -n ${quoted(own)} -f -a ${one.name} -d ${quoted(one.description)}`,
      ),
      ...command.words.map((word) => fishOption(word, own)),
      ...command.below.flatMap((one) =>
        one.words.map((word) => fishOption(word, `${own}; and __fish_seen_subcommand_from ${one.name}`)),
      ),
    ];
  });
  return `# Completions of mayfly for fish: mayfly completions fish > ~/.config/fish/completions/mayfly.fish\n${lines.join('\n')}\n`;
}

function fishOption({ text, description, takesValue, choices }: Word, condition: string): string {
  const name = text.startsWith('--') ? `-l ${text.slice(2)}` : `-s ${text.slice(1)}`;
  const values = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r' : '';
  return `complete -c mayfly -n ${quoted(condition)} ${name}${values} -d ${quoted(description)}`;
}
