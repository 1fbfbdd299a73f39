// `mayfly new`: makes an app from a template.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { MayflyError } from '../../errors.ts';
import { collectPair } from '../options.ts';
import { askParameters } from '../templates/ask.ts';
import { chooseName, chooseTemplate } from '../templates/choose.ts';
import { writeContent } from '../templates/write.ts';
import { say } from '../ui.ts';

interface Options {
  readonly template?: string;
  readonly output?: string;
  readonly init?: boolean;
  readonly value?: Readonly<Record<string, string>>;
  readonly acceptDefaults?: boolean;
  readonly vcs: boolean;
  readonly allowOverwrite?: boolean;
}

export function define(command: Command): void {
  command
    .argument('[name]', 'Name of the app')
    .option('-t, --template <id>', 'Template: http-js, http-ts or http-c')
    .option('-o, --output <folder>', 'Folder to make; by default named as the app')
    .option('--init', 'Make the app in the current folder')
    .option('-v, --value <key=value>', 'Value of a template parameter (may be repeated)', collectPair)
    .option('-a, --accept-defaults', 'Ask nothing')
    .option('--no-vcs', "Do not run 'git init'")
    .option('--allow-overwrite', 'Replace files that are there')
    .option('--verbose', 'Say more when something fails')
    .action(create);
}

async function create(givenName: string | undefined, options: Options): Promise<void> {
  if (options.init && options.output !== undefined) {
    throw new MayflyError('usage', "'--init' and '--output' exclude each other");
  }
  const name = await chooseName(givenName ?? (options.init ? basename(process.cwd()) : undefined), 'app');
  const template = await chooseTemplate(options.template);
  const values = await askParameters(template, {
    given: options.value ?? {},
    acceptDefaults: options.acceptDefaults ?? false,
  });
  const folder = options.init ? process.cwd() : resolve(options.output ?? name);
  const overwrite = options.allowOverwrite ?? false;
  if (!options.init && !overwrite) refuseFull(folder);
  writeContent(template, folder, { values: { ...values, 'project-name': name }, overwrite, componentOnly: false });
  if (options.vcs) initGit(folder);
  const place = relative(process.cwd(), folder);
  say(`Made the app "${name}" from template ${template.id}${place && ` in ${place}`}`);
  say(`Next: ${place && `cd ${place} && `}mayfly build && mayfly up`);
}

function refuseFull(folder: string): void {
  let entries: string[] = [];
  try {
    entries = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new MayflyError('target-exists', `"${folder}" is no folder`, { cause: error });
    }
  }
  if (entries.length === 0) return;
  throw new MayflyError('target-exists', `The folder "${folder}" is not empty`, {
    hint: "Choose another name, another folder with '--output', or use '--init' inside of the folder",
  });
}

/** Makes a git repository, unless the folder is in one already, or the machine has no git. */
function initGit(folder: string): void {
  const options = { cwd: folder, stdio: 'ignore' } as const;
  const inside = spawnSync('git', ['rev-parse', '--is-inside-work-tree'], options);
  if (!inside.error && inside.status !== 0) spawnSync('git', ['init', '--quiet'], options);
}
