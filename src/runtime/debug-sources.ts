// Finds the sources of a component for debuggers: names in debug information are paths of the machine that compiled it,
// whole or from the folder where the compiler ran.
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DebugSources } from '../sandbox/source-lines/debug-module.ts';
import { readSourceMap } from './read-source-map.ts';

/** The most bytes of a source that debuggers get; they read others from their files. */
const MOST_BYTES = 1024 * 1024;

/** `component` is the path of its file, `directory` the folder of the app. */
export function debugSources(component: string, directory: string): DebugSources {
  const folders = [...new Set([directory, dirname(component), process.cwd()])];
  return {
    readMap: (url) => readSourceMap(component, url),
    find(path) {
      if (/^[a-z][a-z+.-]*:/i.test(path)) return { url: path, text: undefined };
      const file = (isAbsolute(path) ? [path] : folders.map((folder) => resolve(folder, path))).find(isFile);
      return file === undefined
        ? { url: path, text: undefined }
        : { url: pathToFileURL(file).href, text: textOf(file) };
    },
  };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function textOf(path: string): string | undefined {
  try {
    return statSync(path).size <= MOST_BYTES ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined; // The debugger tells when it cannot read the file either.
  }
}
