// What `import … from 'mayfly'` and `require('mayfly')` load. It has no await at its top level, since `require` takes none.
import * as nodeModule from 'node:module';
import { registerSources } from './sources.mjs';

const isNew = Number(process.versions.node.split('.')[0]) >= 26;

/** The class of errors where no app can be loaded. */
class UnusableError extends Error {
  name = 'MayflyError';
  code = 'usage';
}

function refuse() {
  throw new UnusableError(
    `Apps of Mayfly run in Node 26, and this is ${process.version}. Node 26 came with the package: start your program by "npx node", or as an npm script`,
  );
}

const library = isNew ? loadLibrary() : { load: async () => refuse(), MayflyError: UnusableError };

function loadLibrary() {
  registerSources();
  return nodeModule.createRequire(import.meta.url)('../src/index.ts');
}

export const { load, MayflyError } = library;
