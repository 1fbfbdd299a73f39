// `mayfly new`: makes an app from a template.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { lockApp } from '../../app/lock.ts';
import { programTypes, TYPES_FILE } from '../program-types.ts';
import { askParameters } from '../templates/ask.ts';
import { authorValues } from '../templates/authors.ts';
import { chooseName, chooseTemplate } from '../templates/choose.ts';
import { addTemplateOptions, givenValues, namesOf, type TemplateOptions } from '../templates/options.ts';
import { planOutput } from '../templates/plan.ts';
import { resolveVariant } from '../templates/resolve-variant.ts';
import { refuseExisting, refuseFull, writePlan } from '../templates/write.ts';
import { say } from '../ui.ts';

interface Options extends TemplateOptions {
  readonly targetEnvironment?: string;
}

export function define(command: Command): void {
  addTemplateOptions(command, 'app')
    .addOption(
      new Option('-E, --target-environment <name>', 'Without effect: all templates are offered')
        .env('SPIN_NEW_DEFAULT_ENVIRONMENT')
        .hideHelp(),
    )
    .action(create);
}

async function create(first: string | undefined, second: string | undefined, options: Options): Promise<void> {
  const given = namesOf(first, second, options);
  const name = await chooseName(given.name ?? (options.init ? basename(process.cwd()) : undefined), 'app');
  const template = await chooseTemplate(given.template, options.tag);
  const variant = resolveVariant(template, undefined);
  const folder = options.init ? process.cwd() : resolve(options.output ?? name);
  const overwrite = options.allowOverwrite ?? options.allowOverwrites ?? false;
  if (!options.init && !overwrite) refuseFull(folder);
  const parameters = await askParameters(template, variant.parameters, {
    given: givenValues(options),
    acceptDefaults: options.acceptDefaults ?? false,
  });
  const outputPath = options.init ? '.' : (options.output ?? name);
  const values = { ...parameters, ...authorValues(), 'project-name': name, 'output-path': outputPath };
  const plan = planOutput(template, variant, { folder, values, withoutGit: !options.vcs });
  if (!overwrite) refuseExisting(plan, existsSync);
  writePlan(plan);
  await writeTypes(folder);
  if (options.vcs) initGit(folder);
  const place = relative(process.cwd(), folder);
  say(`Made the app "${name}" from template ${template.id}${place && ` in ${place}`}`);
  say(`Next: ${[...(place ? [`cd ${place}`] : []), ...(await stepsFor(folder))].join(' && ')}`);
}

/** Templates whose `tsconfig.json` names the file of types get it. */
async function writeTypes(folder: string): Promise<void> {
  const config = join(folder, 'tsconfig.json');
  if (!existsSync(config) || !readFileSync(config, 'utf8').includes(TYPES_FILE)) return;
  writeFileSync(join(folder, TYPES_FILE), await programTypes());
}

/** Makes a git repository, unless the folder is in one already, or the machine has no git. */
function initGit(folder: string): void {
  const options = { cwd: folder, stdio: 'ignore' } as const;
  const inside = spawnSync('git', ['rev-parse', '--is-inside-work-tree'], options);
  if (!inside.error && inside.status !== 0) spawnSync('git', ['init', '--quiet'], options);
}

/** What is to be done before the app in this folder serves. A template's manifest may be wrong; then `up` says so. */
async function stepsFor(folder: string): Promise<string[]> {
  const install = existsSync(join(folder, 'package.json')) ? ['npm install'] : [];
  const isReady = await lockApp(folder, { purpose: 'build' }).then(
    ({ components }) => components.every(({ build, script }) => script || !build),
    () => false,
  );
  return [...install, ...(isReady ? [] : ['mayfly build']), 'mayfly up'];
}
