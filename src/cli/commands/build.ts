// `mayfly build`: runs the build command of each component.
import type { Command } from 'commander';
import { lockApp } from '../../app/lock.ts';
import { buildApp } from '../build/run-builds.ts';
import { collect } from '../options.ts';

interface Options {
  readonly from: string;
  readonly componentId?: readonly string[];
  readonly profile?: string;
  readonly up?: boolean;
}

export function define(command: Command): void {
  command
    .argument('[up-args...]', "Arguments for 'mayfly up', after '--', with --up")
    .option('-f, --from <path>', 'Manifest, or the folder of one', '.')
    .option('--profile <name>', 'Profile of the components that counts')
    .option('-c, --component-id <id>', 'Build this component only (may be repeated)', collect)
    .option('-u, --up', 'Serve the app when it is built')
    .option('--verbose', 'Say more when something fails')
    .action(build);
}

async function build(upArgs: string[], { from, componentId = [], profile, up = false }: Options): Promise<void> {
  const app = await lockApp(from, { purpose: 'build', profile });
  await buildApp(app, { only: componentId, skipUnchanged: false, output: up ? 'stderr' : 'inherit' });
  if (!up) return;
  const { Command } = await import('commander');
  const { define: defineUp } = await import('./up.ts');
  const command = new Command('up').exitOverride().configureOutput({ outputError: () => {}, writeErr: () => {} });
  defineUp(command);
  const chosen = profile === undefined ? [] : ['--profile', profile];
  await command.parseAsync(['--from', from, ...chosen, ...upArgs], { from: 'user' });
}
