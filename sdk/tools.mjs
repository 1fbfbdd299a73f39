// Finds the build tools that the SDK runs: in Mayfly's own tree, else in the project that is being built.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A mistake that a person can mend; printed without a stack. */
export class BuildError extends Error {}

/** Imports a package. Throws a BuildError that says how to install it when it is nowhere. */
export function importTool(name) {
  const { folder, manifest } = findPackage(name);
  return import(pathToFileURL(join(folder, entryOf(manifest))).href);
}

/** Name and version of a package, as part of what an artifact depends on. */
export function toolVersion(name) {
  return `${name}@${findPackage(name).manifest.version}`;
}

/** The licence of a package, with its name and version. */
export function licenceText(name) {
  const { folder } = findPackage(name);
  return `${toolVersion(name)}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n`;
}

/** Throws a BuildError with the one command that installs all of these packages that are nowhere. */
export function requireTools(names) {
  const missing = names.filter((name) => lookFor(name) === undefined);
  if (missing.length === 0) return;
  const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const wanted = missing.map((name) => `${name}@${devDependencies[name]}`);
  throw new BuildError(
    `Cannot find ${missing.map((name) => `'${name}'`).join(' and ')}: run 'npm install --save-dev ${wanted.join(' ')}'`,
  );
}

function findPackage(name) {
  const found = lookFor(name);
  if (!found) requireTools([name]);
  return found;
}

/** Packages hide their package.json from `require.resolve`, so the folders are looked through by hand. */
function lookFor(name) {
  for (const start of [dirname(fileURLToPath(import.meta.url)), process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const manifestPath = join(folder, 'node_modules', name, 'package.json');
      if (existsSync(manifestPath)) {
        return { folder: dirname(manifestPath), manifest: JSON.parse(readFileSync(manifestPath, 'utf8')) };
      }
      if (dirname(folder) === folder) break;
    }
  }
  return undefined;
}

function entryOf({ exports, main }) {
  let entry = exports?.['.'] ?? exports ?? main ?? 'index.js';
  while (typeof entry === 'object') entry = entry.import ?? entry.node ?? entry.default;
  return entry;
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
