// Checks the files that a manifest names: the source of each component and its mounts.
import { type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SharedFolders } from '../../files/locate.ts';
import { type FilesEntry, MountFault, mergeMounts, type ResolveOptions, resolveEntry } from '../../files/mounts.ts';
import { sharedFolders, writtenBy } from '../../files/shared-folders.ts';
import type { LockedMount } from '../../locked-app.ts';
import { isPython, isScriptFile, scriptEndings } from '../../script-file.ts';
import type { KeyPath } from '../../toml/positions.ts';
import { asArray, asTable, asText, type ComponentEntry, type Entries, type Table, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';

export interface CheckedFiles {
  readonly mounts: LockedMount[];
  /** Warnings about what is left out without being a mistake. */
  readonly warnings: readonly string[];
}

/** Finds what each component mounts, by its id. None may write `keptFiles`, nor the app itself. */
export function checkFiles(
  directory: string,
  manifest: string,
  { components, triggers }: Entries,
  keptFiles: readonly string[],
  problems: Problems,
  isServed: (id: string) => boolean,
): Map<string, CheckedFiles> {
  const checked = new Map<string, CheckedFiles>();
  const writers = components.filter(mayWrite);
  const shared = sharedFolders((known) => writers.flatMap((one) => checkMounts(directory, one, known, unheard).mounts));
  const joined = joinedFiles({ components, triggers });
  const served: Entries = {
    components: components.filter(({ id }) => isServed(id)),
    triggers: triggers.filter(({ component }) => component !== undefined && isServed(component)),
  };
  const sources = [...components.flatMap(sourcesOf), ...joined.map(({ file }) => file)];
  for (const one of joinedFiles(served)) checkJoined(directory, one, problems);
  const guarded = [
    manifest,
    join(directory, '.env'),
    ...sources.map((source) => resolve(directory, source)),
    ...keptFiles,
  ];
  for (const component of components) {
    const heard = isServed(component.id) ? problems : unheard;
    checkSource(directory, component, heard);
    const found = checkMounts(directory, component, shared, heard);
    if (mayWrite(component)) checkWritable(component, found.mounts, guarded, heard);
    checked.set(component.id, found);
  }
  return checked;
}

/** Ignores mistakes while the folders that may be written are looked for: they are reported afterwards, once. */
const unheard: Problems = { add() {}, warn() {}, throwIfAny() {}, place: () => ({ line: 0, column: 0 }) };

function mayWrite({ table }: ComponentEntry): boolean {
  return asTable(asTable(table.tool)?.mayfly)?.writable_files === true;
}

/** The file of a component, and that of its program. */
function sourcesOf({ table }: ComponentEntry): string[] {
  return [asText(table.source), scriptOf(table)].filter((file) => file !== undefined);
}

function scriptOf(table: Table): string | undefined {
  return asText(asTable(asTable(table.tool)?.mayfly)?.script);
}

function checkSource(directory: string, { id, path, table }: ComponentEntry, problems: Problems): void {
  const script = scriptOf(table);
  const source = asText(table.source);
  const engine = asText(asTable(asTable(table.tool)?.mayfly)?.engine);
  const program = script ?? source;
  if (engine !== undefined && program !== undefined && isPython(program)) {
    const place = [...path, 'tool', 'mayfly', 'engine'];
    problems.add('manifest-value', place, `The program "${program}" is in Python: it has an engine of its own`, {
      hint: 'Remove it: it is for programs in JavaScript and TypeScript',
    });
  }
  if (script !== undefined) {
    checkScript(directory, script, path, problems);
    return;
  }
  if (source === undefined) return;
  if (engine !== undefined && !isScriptFile(source)) {
    const place = [...path, 'tool', 'mayfly', 'engine'];
    problems.add(
      'manifest-value',
      place,
      `The source "${source}" of component "${id}" is no program: it has no engine`,
      {
        hint: `Remove it, or name the program: 'script = "src/index.ts"'`,
      },
    );
  }
  const stat = look(resolve(directory, source));
  if (stat?.isFile()) return;
  const message = stat ? `is not a file` : 'does not exist';
  problems.add('manifest-source', [...path, 'source'], `The source "${source}" of component "${id}" ${message}`, {
    hint: asTable(table.build)
      ? "Run 'mayfly build' first, or 'mayfly up --build'"
      : 'Correct the path; it starts at the folder of the manifest',
  });
}

/** The program that runs; what `source` names may be there or not. */
function checkScript(directory: string, script: string, path: KeyPath, problems: Problems): void {
  const place = [...path, 'tool', 'mayfly', 'script'];
  if (!isScriptFile(script)) {
    problems.add('manifest-value', place, `"${script}" is no source file of a program`, {
      hint: `Their names end in ${scriptEndings.join(', ')}`,
    });
  } else if (!look(resolve(directory, script))?.isFile()) {
    problems.add('manifest-source', place, `The program "${script}" does not exist`, {
      hint: 'Correct the path; it starts at the folder of the manifest',
    });
  }
}

/** A file of a dependency or of a middleware. */
interface JoinedFile {
  readonly what: 'dependency' | 'middleware';
  readonly file: string;
  readonly path: KeyPath;
}

function joinedFiles({ components, triggers }: Entries): JoinedFile[] {
  const at = (what: JoinedFile['what'], value: unknown, path: KeyPath): JoinedFile[] => {
    const file = asText(asTable(value)?.path);
    return file === undefined ? [] : [{ what, file, path: [...path, 'path'] }];
  };
  const dependencies = components.flatMap(({ path, table }) =>
    Object.entries(asTable(table.dependencies) ?? {}).flatMap(([name, value]) =>
      at('dependency', value, [...path, 'dependencies', name]),
    ),
  );
  const middleware = triggers.flatMap(({ path, table }) =>
    asArray(asTable(table.dependencies)?.middleware).flatMap((value, index) =>
      at('middleware', value, [...path, 'dependencies', 'middleware', index]),
    ),
  );
  return [...dependencies, ...middleware];
}

function checkJoined(directory: string, { what, file, path }: JoinedFile, problems: Problems): void {
  if (look(resolve(directory, file))?.isFile()) return;
  problems.add('manifest-source', path, `The ${what} "${file}" is no file`, {
    hint: 'Correct the path; it starts at the folder of the manifest',
  });
}

/** What is at a path; undefined also for what cannot be looked at, such as a link to itself. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function checkMounts(
  directory: string,
  { path, table }: ComponentEntry,
  shared: SharedFolders,
  problems: Problems,
): CheckedFiles {
  const warnings: string[] = [];
  const options: ResolveOptions = { shared, warn: (message) => warnings.push(message) };
  const mounts = asArray(table.files).flatMap((value, index) => {
    const entry = asEntry(value);
    if (entry === undefined) return [];
    return attempt([...path, 'files', index], sourceOf(entry), problems, () => resolveEntry(directory, entry, options));
  });
  const exclude = textsOf(table.exclude_files).map(({ text }) => text);
  const merge = (): LockedMount[] => mergeMounts(directory, mounts, exclude, options);
  return { mounts: attempt([...path, 'files'], 'files', problems, merge), warnings };
}

function attempt<T>(path: (string | number)[], what: string, problems: Problems, resolve: () => T[]): T[] {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof MountFault)) throw error;
    problems.add('manifest-files', path, `"${what}" ${error.message}`, { hint: error.hint });
    return [];
  }
}

function checkWritable(
  { id, path }: ComponentEntry,
  mounts: readonly LockedMount[],
  guarded: readonly string[],
  problems: Problems,
): void {
  const file = writtenBy(mounts, guarded);
  if (file === undefined) return;
  problems.add(
    'manifest-files',
    [...path, 'files'],
    `Component "${id}" may write its files, and ${file} is among them: it could change what the app may do`,
    { hint: 'Mount folders that hold nothing but data, or leave writable_files out' },
  );
}

function sourceOf(entry: FilesEntry): string {
  return typeof entry === 'string' ? entry : entry.source;
}

function asEntry(value: unknown): FilesEntry | undefined {
  const table = asTable(value);
  const [source, destination] = [asText(table?.source), asText(table?.destination)];
  return asText(value) ?? (source !== undefined && destination !== undefined ? { source, destination } : undefined);
}
