// The command line: finds the command, loads it, runs it, and turns what goes wrong into a message and an exit code.
import { Command, CommanderError } from 'commander';
import { nearest } from '../app/suggest.ts';
import { MayflyError } from '../errors.ts';
import { commands as entries, isNamed } from './commands.ts';
import { exitCodeOf } from './exit-code.ts';
import { version } from './installation.ts';
import { print, printError } from './ui.ts';

/** Runs a command line and sets the exit code. Never rejects. */
export async function main(argv: string[]): Promise<void> {
  try {
    await run(argv);
  } catch (error) {
    const failure = error instanceof CommanderError ? usageError(error, argv) : error;
    if (failure === undefined) return;
    await report(failure, argv);
    process.exitCode = exitCodeOf(failure);
  }
}

async function report(failure: unknown, argv: readonly string[]): Promise<void> {
  // Most errors need no logger, which takes time to load.
  const { asksForJson, logError } = argv.some((arg) => arg.startsWith('--log-format'))
    ? await import('./log-error.ts')
    : {};
  if (asksForJson?.(argv)) logError?.(failure);
  else printError(failure, argv.includes('--verbose'));
}

async function run(argv: string[]): Promise<void> {
  const program = newProgram();
  const words = argv.filter((arg) => !arg.startsWith('-'));
  const wanted = words[0] === 'help' ? words[1] : words[0];
  if (wanted !== undefined && !entries.some((entry) => isNamed(entry, wanted))) {
    await runAsPlugin(wanted, argv);
    return;
  }
  for (const entry of entries) {
    const command = program.command(entry.name).description(entry.description);
    if (entry.alias) command.alias(entry.alias);
    command.version(version(), '-V, --version', 'Show the version').helpOption('-h, --help', 'Show this help');
    if (wanted !== undefined && isNamed(entry, wanted)) (await entry.load()).define(command);
  }
  await program.parseAsync(argv, { from: 'user' });
}

/** Runs what is no command of Mayfly. Throws `usage` when there is no plugin of that name either. */
async function runAsPlugin(name: string, argv: readonly string[]): Promise<void> {
  const { findPlugins, runPlugin } = await import('./plugins.ts');
  const plugins = findPlugins();
  const plugin = plugins.find((one) => one.name === name);
  const isFirst = argv[0] === name;
  if (!plugin || !isFirst) {
    throw unknownCommand(
      name,
      plugins.map((one) => one.name),
    );
  }
  process.exitCode = await runPlugin(plugin, argv.slice(1));
}

function unknownCommand(word: string, plugins: readonly string[]): MayflyError {
  const names = [...entries.map(({ name }) => name), 'help', ...plugins];
  const meant = nearest(word, names);
  return new MayflyError('usage', `There is no command '${word}'`, {
    hint: meant ? `Did you mean '${meant}'?` : `There are: ${names.join(', ')}`,
  });
}

function newProgram(): Command {
  const program = new Command('mayfly')
    .description('Serves WebAssembly functions, each request in a fresh sandbox')
    .version(version(), '-V, --version', 'Show the version')
    .helpOption('-h, --help', 'Show this help')
    .helpCommand('help [command]', 'Show the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), outputError: () => {}, writeErr: () => {} });
  program.action(() => program.help());
  return program;
}

/** The error for a wrong command line; undefined for help and version, which commander also reports by throwing. */
function usageError(error: CommanderError, argv: readonly string[]): MayflyError | undefined {
  if (error.exitCode === 0 || error.code === 'commander.help') return undefined;
  const message = error.message.replace(/^error: /, '').replace(/\s*\((Did you mean .*\?)\)$/s, '');
  const meant = /\((Did you mean .*\?)\)$/s.exec(error.message)?.[1];
  const command = entries.find((entry) => isNamed(entry, argv[0] ?? ''));
  const help = `'mayfly ${command ? `${command.name} ` : ''}--help' shows what there is`;
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return new MayflyError('usage', sentence, { hint: meant ? `${meant} ${help}` : help });
}
