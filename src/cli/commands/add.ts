// `mayfly add`: adds a component to an app, from a template.
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { asArray, asTable, asText, type Table } from '../../app/manifest/document.ts';
import { findOrigin, readManifest } from '../../app/manifest/read.ts';
import { toKebab } from '../../app/names.ts';
import { MayflyError } from '../../errors.ts';
import { addFromOption, appPath } from '../app-path.ts';
import { askParameters } from '../templates/ask.ts';
import { authorValues } from '../templates/authors.ts';
import { chooseName, chooseTemplate } from '../templates/choose.ts';
import { addTemplateOptions, givenValues, namesOf, type TemplateOptions } from '../templates/options.ts';
import { planOutput } from '../templates/plan.ts';
import { resolveVariant } from '../templates/resolve-variant.ts';
import { refuseExisting, refuseFull, writePlan } from '../templates/write.ts';
import { say } from '../ui.ts';

interface Options extends TemplateOptions {
  readonly from?: string;
}

export function define(command: Command): void {
  addFromOption(addTemplateOptions(command, 'component')).action(add);
}

async function add(first: string | undefined, second: string | undefined, options: Options): Promise<void> {
  const given = namesOf(first, second, options);
  const { file: manifest, document } = readApp(appPath(options.from));
  const name = await chooseName(given.name, 'component');
  const id = toKebab(name);
  if (Object.hasOwn(asTable(document.component) ?? {}, id)) {
    throw new MayflyError('target-exists', `The app has a component "${id}" already`, { hint: 'Choose another name' });
  }
  const template = await chooseTemplate(given.template, options.tag);
  const variant = resolveVariant(template, document);
  const outputPath = options.init ? '.' : (options.output ?? name);
  const folder = resolve(dirname(manifest), outputPath);
  const overwrite = options.allowOverwrite ?? options.allowOverwrites ?? false;
  if (!options.init && !overwrite) refuseFull(folder);
  const parameters = await askParameters(template, variant.parameters, {
    given: givenValues(options),
    defaults: hasCatchAll(document) ? { 'http-path': `/${id}/...` } : {},
    acceptDefaults: options.acceptDefaults ?? false,
  });
  const values = { ...parameters, ...authorValues(), 'project-name': name, 'output-path': outputPath };
  const plan = planOutput(template, variant, { folder, manifest, values, withoutGit: !options.vcs });
  if (!overwrite) refuseExisting(plan, existsSync);
  writePlan(plan);
  say(`Added the component "${id}"${plan.files.size > 0 ? ` in ${relative(process.cwd(), folder) || '.'}` : ''}`);
}

/** Reads the manifest as it is: the app may be half finished. Throws `usage` for one of version 1. */
function readApp(path: string): { file: string; document: Table } {
  const { kind, file } = findOrigin(path);
  if (kind !== 'manifest') {
    throw new MayflyError('usage', `"${file}" is no manifest`, { hint: "Name a spin.toml with '--from'" });
  }
  const { document } = readManifest(file);
  if (document.spin_manifest_version === 2) return { file, document };
  const isOld = document.spin_version !== undefined || document.spin_manifest_version !== undefined;
  throw new MayflyError('usage', `Components can be added to manifests of version 2 only`, {
    location: { file: join(file) },
    hint: isOld ? "'mayfly doctor --fix' makes version 2 of it" : 'Write spin_manifest_version = 2',
  });
}

/** Whether a trigger takes all paths, so that a new component needs one of its own. */
function hasCatchAll(document: Table): boolean {
  return asArray(asTable(document.trigger)?.http).some((trigger) => asText(asTable(trigger)?.route) === '/...');
}
