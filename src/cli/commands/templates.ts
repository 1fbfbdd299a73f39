// `mayfly templates`: lists, installs, upgrades and removes templates of `new` and `add`.
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { nearest } from '../../app/suggest.ts';
import { MayflyError } from '../../errors.ts';
import { collect } from '../options.ts';
import { printTable } from '../table.ts';
import { ask, canAsk } from '../templates/ask.ts';
import { builtInTemplates, type Listed, listTemplates } from '../templates/catalogue.ts';
import { type Installation, installFrom } from '../templates/install.ts';
import { gitUrl } from '../templates/sources/get-source.ts';
import { installedTemplates, type Origin, removeTemplate } from '../templates/store.ts';
import { print, say } from '../ui.ts';

export function define(command: Command): void {
  command
    .command('install')
    .description('Install templates from a folder, an archive or a git repository')
    .argument('[source]', 'Folder, archive or URL, where none of the options says which')
    .option('--git <url>', 'Git repository with a folder "templates"; owner/name for one of GitHub')
    .option('--branch <name>', 'Branch or tag of the repository (default: the tag of the Spin version, or the head)')
    .option('--dir <folder>', 'Folder with a folder "templates", or one template')
    .option('--tar <url>', 'Archive (.tar.gz or .zip), as URL or path')
    .option('--upgrade', 'Replace those that are installed')
    .addOption(new Option('--update').hideHelp())
    .addOption(new Option('--repo <url>').hideHelp())
    .option('--json', 'Print the result as JSON')
    .action(install);
  command
    .command('upgrade')
    .description('Install templates again from the git repositories that they came from')
    .option('--repo <url>', 'This repository only')
    .option('--branch <name>', 'Branch or tag of that repository')
    .option('--all', 'All repositories, without a question')
    .option('--json', 'Print the result as JSON')
    .action(upgrade);
  command
    .command('uninstall')
    .description('Remove a template')
    .argument('<template-id>', 'Template to remove')
    .action(uninstall);
  command
    .command('list')
    .description('List the templates that there are')
    .option('--tag <tag>', 'Only those with this tag (may be repeated)', collect)
    .option('--verbose', 'Show where they come from')
    .option('--json', 'Print them as JSON')
    .action(list);
}

interface InstallOptions {
  readonly git?: string;
  readonly repo?: string;
  readonly branch?: string;
  readonly dir?: string;
  readonly tar?: string;
  readonly upgrade?: boolean;
  readonly update?: boolean;
  readonly json?: boolean;
}

async function install(source: string | undefined, options: InstallOptions): Promise<void> {
  const { branch, json = false } = options;
  const origin = originOf(source, options);
  if (branch !== undefined && !('git' in origin)) throw new MayflyError('usage', "'--branch' needs '--git'");
  report([await installFrom(origin, { branch, update: options.upgrade ?? options.update ?? false })], json);
}

function originOf(source: string | undefined, { git, repo, dir, tar }: InstallOptions): Origin {
  const given = [source, git, repo, dir, tar].filter((one) => one !== undefined);
  if (given.length !== 1) throw new MayflyError('usage', "Give one of '--git', '--dir' and '--tar'");
  const url = git ?? repo;
  if (url !== undefined) return { git: gitUrl(url) };
  if (dir !== undefined) return { dir: resolve(dir) };
  const place = tar ?? source ?? '';
  if (/\.(tar\.gz|tgz|zip)(\?.*)?$/.test(place) || tar !== undefined) return { url: archivePlace(place) };
  return /^[\w+.-]+:\/\/|^[\w.-]+@|\.git$/.test(place) ? { git: gitUrl(place) } : { dir: resolve(place) };
}

/** A path is kept whole, since the next upgrade may be started elsewhere. */
function archivePlace(place: string): string {
  return /^[a-z]+:\/\//.test(place) ? place : resolve(place);
}

interface UpgradeOptions {
  readonly repo?: string;
  readonly branch?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

async function upgrade({ repo, branch, all = false, json = false }: UpgradeOptions): Promise<void> {
  if (branch !== undefined && repo === undefined) throw new MayflyError('usage', "'--branch' needs '--repo'");
  if (repo !== undefined && all) throw new MayflyError('usage', "'--repo' and '--all' exclude each other");
  const known = new Set(installedTemplates().flatMap(({ origin }) => (origin && 'git' in origin ? [origin.git] : [])));
  const chosen = repo === undefined ? await chooseRepositories([...known], all) : [gitUrl(repo)];
  if (chosen.length === 0) say('No template comes from a git repository');
  const results: Installation[] = [];
  for (const git of chosen) {
    say(`Upgrading the templates of ${git}`);
    results.push(await installFrom({ git }, { branch, update: true }));
  }
  report(results, json);
}

async function chooseRepositories(known: readonly string[], all: boolean): Promise<readonly string[]> {
  if (all || known.length === 0) return known;
  if (!canAsk()) throw new MayflyError('usage', "Say which repositories: '--repo' or '--all'");
  const chosen: string[] = [];
  for (const url of known) if (/^y/i.test(await ask(`Upgrade ${url}? y or n`, 'y'))) chosen.push(url);
  return chosen;
}

function report(results: readonly Installation[], json: boolean): void {
  const installed = results.flatMap((one) => one.installed).map(({ id, description }) => ({ id, description }));
  const skipped = results.flatMap((one) => one.skipped);
  const removed = results.flatMap((one) => one.removed);
  if (installed.length === 0 && skipped.some(({ isWrong }) => isWrong)) process.exitCode = 1;
  if (json) {
    print(JSON.stringify({ installed, skipped, removed }, undefined, 2));
    return;
  }
  say(`Installed ${installed.length === 1 ? 'one template' : `${installed.length} templates`}`);
  printTable(installed.map(({ id, description }) => [id, description]));
  for (const { id, reason } of skipped) say(`Left out ${id}: ${reason}`);
  for (const id of removed) say(`Removed ${id}, which is no longer in its repository`);
}

function uninstall(id: string): void {
  if (removeTemplate(id)) {
    say(`Removed the template ${id}`);
    return;
  }
  if (builtInTemplates().some((template) => template.id === id)) {
    throw new MayflyError('template-unknown', `The template "${id}" comes with Mayfly, and stays`);
  }
  const meant = nearest(
    id,
    installedTemplates().map(({ template }) => template.id),
  );
  throw new MayflyError('template-unknown', `No template "${id}" is installed`, {
    hint: meant ? `Did you mean '${meant}'?` : "'mayfly templates list --verbose' shows those that are",
  });
}

interface ListOptions {
  readonly tag?: readonly string[];
  readonly verbose?: boolean;
  readonly json?: boolean;
}

function list({ tag: tags = [], verbose = false, json = false }: ListOptions): void {
  const all = listTemplates((folder, reason) => say(`A template in ${folder} cannot be used: ${reason}`));
  const fit = all.filter(({ template }) => tags.every((tag) => template.tags.includes(tag.toLowerCase())));
  if (json) {
    print(JSON.stringify(fit.map(asData), undefined, 2));
    return;
  }
  if (fit.length === 0) say('There is no such template');
  printTable(fit.map((one) => [one.template.id, one.template.description, ...(verbose ? [originText(one)] : [])]));
}

function asData(listed: Listed): object {
  const { id, description, tags, newApp, addComponent } = listed.template;
  return {
    id,
    description,
    tags,
    new: newApp !== undefined,
    add: addComponent !== undefined,
    from: originText(listed),
  };
}

function originText({ origin }: Listed): string {
  if (origin === undefined || origin === 'built-in') return origin ?? '';
  if ('git' in origin) return origin.git;
  return 'dir' in origin ? origin.dir : origin.url;
}
