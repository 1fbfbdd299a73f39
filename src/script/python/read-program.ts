// Reads a program in Python: its modules and the packages that they import, as texts for the engine, which has no files.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LockedScript } from '../../app/locked-app.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import type { EngineProgram } from '../evaluate.ts';
import { importedNames } from './imports.ts';
import { pythonPositions } from './positions.ts';

/** A module as the engine takes it: its path, its text, and whether it is a package. */
type Module = readonly [file: string, text: string, isPackage: boolean];

export interface PythonProgram extends EngineProgram {
  /** Absolute paths of the files that it is made of. */
  readonly inputs: readonly string[];
}

const MOST_BYTES = 32 * 1024 * 1024;
/** Where packages are looked for beside the program: `pip install --target packages`, and virtual environments. */
const PACKAGES = 'packages';
const ENVIRONMENTS = ['.venv', 'venv'];

/** Rejects with `script-invalid`. */
export async function readProgram({ entry, modules }: Pick<LockedScript, 'entry' | 'modules'>): Promise<PythonProgram> {
  const found = modules ? fromTexts(modules) : fromFiles(entry);
  const main = modules ? moduleName(entry) : basename(entry, '.py');
  if (!found.has(main))
    throw invalid(`The program's name "${basename(entry)}" is no name of a module in Python`, entry);
  const files = [...found.values()].map(([file]) => file);
  return {
    code: JSON.stringify({ main, modules: Object.fromEntries(found) }),
    name: entry,
    positions: pythonPositions(new Set(files)),
    hintFor: ({ name, message }) =>
      name === 'ModuleNotFoundError' ? missingModule(message, modules ? [] : places(dirname(entry))) : undefined,
    inputs: modules ? [] : files,
  };
}

const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

function moduleName(path: string): string {
  return path
    .replace(/\.py$/, '')
    .replace(/(^|\/)__init__$/, '')
    .split('/')
    .join('.');
}

function fromTexts(modules: Readonly<Record<string, string>>): Map<string, Module> {
  const found = new Map<string, Module>();
  for (const [path, text] of Object.entries(modules)) {
    found.set(moduleName(path), [path, text, basename(path) === '__init__.py']);
  }
  addFolders(found);
  return found;
}

/** Folders between are packages without a text of their own. */
function addFolders(found: Map<string, Module>): void {
  for (const [name, [file]] of [...found]) {
    const parts = name.split('.');
    for (let length = 1; length < parts.length; length++) {
      const above = parts.slice(0, length).join('.');
      if (!found.has(above)) found.set(above, [`${file.split('/').slice(0, length).join('/')}/__init__.py`, '', true]);
    }
  }
}

function fromFiles(entry: string): Map<string, Module> {
  const inFolders = places(dirname(entry));
  const found = new Map<string, Module>();
  const looked = new Set<string>();
  let size = 0;
  const queue: string[] = [];

  function add(name: string, file: string, isPackage: boolean): void {
    if (found.has(name)) return;
    const text = readText(file);
    size += text.length;
    if (size > MOST_BYTES) throw invalid(`The program and its packages have more than ${MOST_BYTES} bytes`, file);
    found.set(name, [file, text, isPackage]);
    for (const imported of importedNames(text)) queue.push(imported);
  }
  /** The whole package: what it imports of itself is found when it runs. */
  function addPackage(name: string, place: string): void {
    const init = join(place, '__init__.py');
    if (isFile(init)) add(name, init, true);
    else found.set(name, [init, '', true]);
    for (const item of readdirSync(place, { withFileTypes: true })) {
      const path = join(place, item.name);
      const plain = item.name.replace(/\.py$/, '');
      if (!NAME.test(plain) || LEFT_OUT.has(item.name)) continue;
      if (item.name.endsWith('.py') && isFile(path)) add(`${name}.${plain}`, path, false);
      else if (item.isDirectory() && hasPython(path)) addPackage(`${name}.${plain}`, path);
    }
  }
  function look(top: string): void {
    if (looked.has(top)) return;
    looked.add(top);
    const path = inFolders
      .map((place) => join(place, top))
      .find((one) => isFile(`${one}.py`) || isFile(join(one, '__init__.py')) || hasPython(one));
    if (path === undefined) return;
    if (isFile(`${path}.py`)) add(top, `${path}.py`, false);
    else addPackage(top, path);
  }
  look(basename(entry, '.py'));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) look(next);
  return found;
}

const LEFT_OUT = new Set(['__init__.py', '__pycache__', 'tests', 'test', 'node_modules']);

/** How a module comes to the program that it has not found. */
function missingModule(message: string, folders: readonly string[]): string | undefined {
  const [, name] = /^No module named '([^']+)'/.exec(message) ?? [];
  if (name === undefined) return undefined;
  const parts = name.split('.');
  const isNative = folders.some((folder) => {
    const above = join(folder, ...parts.slice(0, -1));
    return (
      existsSync(above) &&
      readdirSync(above).some((file) => file.startsWith(`${parts.at(-1)}.`) && /\.(so|pyd)$/.test(file))
    );
  });
  return isNative
    ? 'It is machine code, which runs here in no sandbox: look for a package that is Python alone'
    : `Put it beside the program: pip install --target ${PACKAGES} ${parts[0]}`;
}

/** Where modules are looked for, in this order. */
function places(folder: string): string[] {
  return [folder, ...packageFolders(folder)];
}

function packageFolders(folder: string): string[] {
  const environments = ENVIRONMENTS.flatMap((name) => {
    const lib = join(folder, name, 'lib');
    return existsSync(lib) ? readdirSync(lib).map((version) => join(lib, version, 'site-packages')) : [];
  });
  return [join(folder, PACKAGES), ...environments].filter((one) => existsSync(one));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Whether a folder has modules: it is a package without an `__init__.py` then. */
function hasPython(folder: string): boolean {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return false;
  return readdirSync(folder).some((name) => name.endsWith('.py'));
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    throw invalid(`The module cannot be read: ${messageOf(cause)}`, file, cause);
  }
}

function invalid(message: string, file: string, cause?: unknown): MayflyError {
  return new MayflyError('script-invalid', message, { location: { file }, ...(cause !== undefined && { cause }) });
}
