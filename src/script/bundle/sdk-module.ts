// `mayfly/sdk` in programs: it is part of the package that runs them, so that nobody has to install it.
import { dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';
import { home } from '../../home.ts';

const entry = join(home, 'sdk', 'script', 'index.ts');

export const sdkModule: Plugin = {
  name: 'mayfly:sdk',
  // What a program does not use of it is left out.
  resolveId: (source) => (source === 'mayfly/sdk' ? { id: entry, moduleSideEffects: false } : undefined),
};

/** Whether the file is one of the SDK's own: no program's author looks for a mistake there. */
export function isOfSdk(file: string): boolean {
  return dirname(file) === dirname(entry);
}

/** The text of a bundler, in which the SDK has the name by which it is imported. */
export const withSdkName = (text: string): string =>
  text.replaceAll(/"(?:[^"]*\/)?sdk\/script\/index\.ts"/g, '"mayfly/sdk"');
