// The WIT of Spin's host interfaces, from the wheel of spin-sdk on PyPI, which ships it. Fetched once by pip, into the
// cache folder; nothing of it is kept in the repository.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = '5.0.0';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, `.cache/spin-sdk-${VERSION}`);

/** Why the WIT is not to be had on this machine; undefined when it is. Fetches it when it is not there yet. */
export function spinWitMissing(): string | undefined {
  if (existsSync(folder)) return undefined;
  const partial = `${folder}.${process.pid}`;
  try {
    const wheel = [`spin-sdk==${VERSION}`, '--no-deps', '--only-binary=:all:', '--quiet'];
    execFileSync('python3', ['-m', 'pip', 'download', ...wheel, '--dest', partial], { stdio: 'pipe' });
    const [file = ''] = readdirSync(partial);
    execFileSync('python3', ['-m', 'zipfile', '-e', path.join(partial, file), partial], { stdio: 'pipe' });
    renameSync(partial, folder);
    return undefined;
  } catch (error) {
    return existsSync(folder)
      ? undefined
      : `python3 with pip is needed for the WIT of Spin: ${String(error).split('\n', 1)[0]}`;
  }
}

/** The packages of the wheel, each as one text in braces. Throws where they cannot be had. */
export function spinWitPackages(): string[] {
  const missing = spinWitMissing();
  if (missing !== undefined) throw new Error(missing);
  const deps = path.join(folder, 'spin_sdk/wit/deps');
  return readdirSync(deps).map((name) => packageText(path.join(deps, name)));
}

/** A package is a file, or a folder of files of which at least one says the name of the package. */
function packageText(place: string): string {
  const files = place.endsWith('.wit') ? [place] : readdirSync(place).map((name) => path.join(place, name));
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const declaration = /^package ([^;]+);/gm;
  const name = [...text.matchAll(declaration)][0]?.[1];
  if (name === undefined) throw new Error(`${place} has no package`);
  return `package ${name} {\n${text.replaceAll(declaration, '')}\n}`;
}
