// Finds the build tools that the SDK runs: in Mayfly's own tree, else in the project that is being built.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A mistake that a person can mend; printed without a stack. */
export class BuildError extends Error {}

/** Imports a package. Throws a BuildError that says how to install it when it is nowhere. */
export async function importTool(name) {
  try {
    return await import(name);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  }
  const path = findInProject(name);
  if (path === undefined) throw new BuildError(`Cannot find '${name}': run 'npm install --save-dev ${name}'`);
  return import(pathToFileURL(path).href);
}

// `require.resolve` refuses packages whose only condition is `import`, so the folder is looked up instead.
function findInProject(name) {
  const require = createRequire(join(process.cwd(), 'package.json'));
  try {
    const manifestPath = require.resolve(`${name}/package.json`);
    const manifest = require(manifestPath);
    const entry = manifest.exports?.['.'] ?? manifest.exports ?? manifest.main ?? 'index.js';
    return join(manifestPath, '..', typeof entry === 'string' ? entry : (entry.import ?? entry.default));
  } catch {
    return undefined;
  }
}

/** Runs a build and ends the process: 0, or 1 with the reason on stderr. */
export async function runBuild(build) {
  try {
    await build(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof BuildError ? error.message : error);
    process.exit(1);
  }
}
