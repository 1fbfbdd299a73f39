// `mayfly plugins`: lists the plugins that there are.
import { type Command, Option } from 'commander';
import { findPlugins } from '../plugins.ts';
import { printTable } from '../table.ts';
import { print, say } from '../ui.ts';

export function define(command: Command): void {
  const list = command
    .command('list')
    .description('List the plugins: executables named mayfly-<name> on the path')
    .option('--filter <text>', 'Only those with this text in their names')
    .option('--json', 'Print them as JSON')
    .addOption(new Option('--format <format>').choices(['plain', 'json']).hideHelp())
    .action(showList);
  for (const flag of ['--installed', '--all', '--summary']) list.addOption(new Option(flag).hideHelp());
}

interface Options {
  readonly filter?: string;
  readonly json?: boolean;
  readonly format?: 'plain' | 'json';
}

function showList({ filter = '', json = false, format }: Options): void {
  const plugins = findPlugins().filter(({ name }) => name.includes(filter));
  if (json || format === 'json') {
    print(JSON.stringify(plugins, undefined, 2));
    return;
  }
  if (plugins.length === 0) say('There is no plugin. A plugin is an executable named mayfly-<name> on the path');
  printTable(plugins.map(({ name, path }) => [name, path]));
}
