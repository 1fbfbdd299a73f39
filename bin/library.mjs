// What `import … from 'mayfly'` and `require('mayfly')` load. It has no await at its top level, since `require` takes none.
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { codeOf } from './code.mjs';
import { findNode26 } from './find-node.mjs';
import { MayflyError as OlderError } from './older-node/errors.mjs';

const isNew = Number(process.versions.node.split('.')[0]) >= 26;

const library = isNew ? loadLibrary() : { load: loadUnderNode26, MayflyError: OlderError };

function loadLibrary() {
  return nodeModule.createRequire(import.meta.url)(fileURLToPath(codeOf('index')));
}

/** An older Node runs apps in a process of the one that came with the package. */
async function loadUnderNode26(from, options) {
  const node = findNode26();
  if (node === undefined) {
    throw new OlderError(
      'usage',
      `Apps of Mayfly run in Node 26, and this is ${process.version}. Install the npm package 'node', which Mayfly brings along, or run the program in Node 26`,
      { blame: 'user' },
    );
  }
  const older = await import('./older-node/load.mjs');
  return older.load(node, from, options);
}

export const { load, MayflyError } = library;
