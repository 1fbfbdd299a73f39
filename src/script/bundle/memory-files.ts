// Modules of a program that are texts in memory: they import one another by their names, as files of one folder would.
import { posix } from 'node:path';
import type { Plugin } from 'rolldown';

const FOLDER = '/mayfly-modules/';
const ENDINGS = ['', '.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs', '.json', '/index.ts', '/index.js'];

/** The name under which the bundler knows the module. */
export const memoryPath = (name: string): string => posix.join(FOLDER, name);

/** The name of a module in memory for people; other paths stay. */
export function shownPath(path: string): string {
  return path.startsWith(FOLDER) ? path.slice(FOLDER.length) : path;
}

/** The text of a bundler, which names such modules as files from the folder where it runs. */
export const shownInText = (text: string): string => text.replaceAll(/(?:\.\.\/)*\/?mayfly-modules\//g, '');

export function memoryFiles(modules: Readonly<Record<string, string>>): Plugin {
  const files = new Map(Object.entries(modules).map(([name, text]) => [memoryPath(name), text]));
  return {
    name: 'mayfly:modules',
    resolveId(source, importer) {
      const from = importer?.startsWith(FOLDER) ? posix.dirname(importer) : FOLDER;
      const wanted = source.startsWith(FOLDER) ? source : source.startsWith('.') ? posix.join(from, source) : undefined;
      if (wanted === undefined) return undefined;
      const plain = wanted.replace(/\.m?js$/, '');
      return [...ENDINGS.map((ending) => wanted + ending), ...ENDINGS.map((ending) => plain + ending)].find((path) =>
        files.has(path),
      );
    },
    load: (id) => files.get(id),
  };
}
