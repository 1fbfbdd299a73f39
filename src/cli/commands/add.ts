// `mayfly add`: adds a component to an app, from a template.
import { appendFileSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { lockApp } from '../../app/lock.ts';
import { triggersOf } from '../../app/locked-app.ts';
import { toKebab } from '../../app/names.ts';
import { MayflyError } from '../../errors.ts';
import { collectPair } from '../options.ts';
import { askParameters } from '../templates/ask.ts';
import { chooseName, chooseTemplate } from '../templates/choose.ts';
import { fillIn } from '../templates/placeholders.ts';
import { writeContent } from '../templates/write.ts';
import { say } from '../ui.ts';

interface Options {
  readonly from: string;
  readonly template?: string;
  readonly value?: Readonly<Record<string, string>>;
  readonly acceptDefaults?: boolean;
}

export function define(command: Command): void {
  command
    .argument('[name]', 'Name of the component')
    .option('-f, --from <path>', 'Manifest, or the folder of one', '.')
    .option('-t, --template <id>', 'Template: http-js, http-ts or http-c')
    .option('-v, --value <key=value>', 'Value of a template parameter (may be repeated)', collectPair)
    .option('-a, --accept-defaults', 'Ask nothing')
    .option('--verbose', 'Say more when something fails')
    .action(add);
}

async function add(givenName: string | undefined, options: Options): Promise<void> {
  const app = await lockApp(options.from, { purpose: 'build' });
  if (!app.origin.endsWith('.toml')) {
    throw new MayflyError('usage', `"${app.origin}" is no manifest`, { hint: "Name a spin.toml with '--from'" });
  }
  const name = await chooseName(givenName, 'component');
  const id = toKebab(name);
  if (app.components.some((component) => component.id === id)) {
    throw new MayflyError('target-exists', `The app has a component "${id}" already`, { hint: 'Choose another name' });
  }
  const template = await chooseTemplate(options.template);
  const route = triggersOf(app, 'http').some(({ route }) => route === '/...') ? `/${id}/...` : '/...';
  const given = { 'http-path': route, ...options.value };
  const values = await askParameters(template, { given, acceptDefaults: options.acceptDefaults ?? false });
  const all = { ...values, 'project-name': name };
  writeContent(template, join(app.directory, id), { values: all, overwrite: false, componentOnly: true });
  appendFileSync(app.origin, `\n${fillIn(readFileSync(template.component, 'utf8'), all, true)}`);
  say(`Added the component "${id}" in ${relative(process.cwd(), join(app.directory, id)) || '.'}`);
}
