// Finds the files of the middleware of HTTP triggers, in the order in which requests pass through it.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KeyPath } from '../../../toml/positions.ts';
import { asArray, asTable, asText, type Entries, type Table, type TriggerEntry } from '../../document.ts';
import type { Problems } from '../../problems.ts';

const hint = 'docs/limits.md lists what is missing';

/** Finds the absolute paths by the id of the trigger; triggers without middleware have no entry. */
export function findMiddleware(directory: string, entries: Entries, problems: Problems): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const trigger of entries.triggers) {
    const list = asArray(asTable(trigger.table.dependencies)?.middleware);
    if (trigger.type !== 'http' || list.length === 0) continue;
    checkTrigger(trigger, problems);
    const paths = list.map((value, index) => {
      const path: KeyPath = [...trigger.path, 'dependencies', 'middleware', index];
      return checkEntry(asTable(value) ?? {}, path, { directory, entries, problems });
    });
    found.set(trigger.id, paths);
  }
  return found;
}

function checkTrigger({ table, path }: TriggerEntry, problems: Problems): void {
  const isCgi = asText(asTable(table.executor)?.type) === 'wagi';
  if (!isCgi && table.static_response === undefined) return;
  const what = isCgi ? 'a CGI program' : 'a static response';
  problems.add('unsupported', [...path, 'dependencies'], `Mayfly puts no middleware before ${what}`, {
    hint,
    at: 'key',
  });
}

interface Around {
  readonly directory: string;
  readonly entries: Entries;
  readonly problems: Problems;
}

function checkEntry(table: Table, path: KeyPath, { directory, entries, problems }: Around): string {
  const { inherit_configuration: inherits = true } = table;
  if (inherits !== true) {
    const message = 'Mayfly gives middleware the configuration of the component behind it, and no other';
    problems.add('unsupported', [...path, 'inherit_configuration'], message, { hint, at: 'key' });
  }
  const [id, file] = [asText(table.component), asText(table.path)];
  if (id !== undefined) return sourceOf(id, path, { directory, entries, problems });
  if (file !== undefined) return existing(resolve(directory, file), file, [...path, 'path'], problems);
  problems.add('unsupported', path, 'Mayfly takes middleware from a component or a path of the app only', { hint });
  return '';
}

/** The source of a component. A source that is missing or no path is a mistake of the component, and reported there. */
function sourceOf(id: string, path: KeyPath, { directory, entries, problems }: Around): string {
  const component = entries.components.find((one) => one.id === id && !one.isInline);
  if (component) return resolve(directory, asText(component.table.source) ?? '');
  problems.add('manifest-component-unknown', [...path, 'component'], `There is no component "${id}"`, {
    hint: `Add a [component.${id}] table`,
  });
  return '';
}

function existing(absolute: string, file: string, path: KeyPath, problems: Problems): string {
  if (!statSync(absolute, { throwIfNoEntry: false })?.isFile()) {
    problems.add('manifest-source', path, `The middleware "${file}" is no file`, {
      hint: 'Correct the path; it starts at the folder of the manifest',
    });
  }
  return absolute;
}
