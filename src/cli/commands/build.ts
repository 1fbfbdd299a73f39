// `mayfly build`: runs the build command of each component.
import type { Command } from 'commander';
import { lockApp } from '../../app/lock.ts';
import { MayflyError } from '../../errors.ts';
import { addFromOption, appPath } from '../app-path.ts';
import { buildApp } from '../build/run-builds.ts';
import { collect } from '../options.ts';
import { addIdleFlags } from '../spin-options.ts';

interface Options {
  readonly from?: string;
  readonly componentId?: readonly string[];
  readonly up?: boolean;
}

export function define(command: Command): void {
  command
    .argument('[up-args...]', "Arguments for 'mayfly up', after '--', with --up")
    .option('-c, --component-id <id>', 'Build this component only (may be repeated)', collect)
    .option('-u, --up', 'Serve the app when it is built')
    .option('--verbose', 'Say more when something fails')
    .action(build);
  addFromOption(command);
  addIdleFlags(command, 'build');
}

async function build(upArgs: string[], { from: given, componentId = [], up = false }: Options): Promise<void> {
  if (upArgs.length > 0 && !up) {
    throw new MayflyError('usage', 'Too many arguments', { hint: "Arguments for 'mayfly up' need '--up'" });
  }
  const from = appPath(given);
  const app = await lockApp(from, { purpose: 'build' });
  await buildApp(app, { only: componentId, skipUnchanged: false, output: up ? 'stderr' : 'inherit' });
  if (!up) return;
  const { Command } = await import('commander');
  const { define: defineUp } = await import('./up.ts');
  const command = new Command('up').exitOverride().configureOutput({ outputError: () => {}, writeErr: () => {} });
  defineUp(command);
  await command.parseAsync(['--from', from, ...upArgs], { from: 'user' });
}
