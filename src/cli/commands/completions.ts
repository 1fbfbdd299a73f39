// `mayfly completions`: prints a script that completes command lines in a shell.
import { Argument, type Command } from 'commander';
import { completionScript, type Loadable, type Shell, shells } from '../completions.ts';
import { print } from '../ui.ts';

/** The command, which knows all commands only as it is told of them: they know of it. */
export function completionsOf(commands: readonly Loadable[]): { define(command: Command): void } {
  return {
    define(command) {
      command
        .addArgument(new Argument('<shell>', 'Shell that the script is for').choices(shells))
        .action(async (shell: Shell) => print((await completionScript(shell, commands)).trimEnd()));
    },
  };
}
