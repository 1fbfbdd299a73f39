// Keeps `.mayfly/build.json` beside a manifest: what each component was built from, so that `up --build` need not build
// it twice.
import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findFiles } from '../../app/files/glob.ts';
import type { LockedApp, LockedComponent } from '../../app/locked-app.ts';
import { home } from '../../home.ts';
import { version } from '../installation.ts';

/** The hash of inputs and output for each component id. */
export type BuildRecord = Record<string, string>;

function fileOf(app: LockedApp): string {
  return join(app.directory, '.mayfly', 'build.json');
}

/** Reads the record. It is empty when there is none or it cannot be read: everything is then built. */
export function readRecord(app: LockedApp): BuildRecord {
  try {
    const record: unknown = JSON.parse(readFileSync(fileOf(app), 'utf8'));
    return typeof record === 'object' && record !== null ? (record as BuildRecord) : {};
  } catch {
    return {};
  }
}

export function writeRecord(app: LockedApp, record: BuildRecord): void {
  mkdirSync(dirname(fileOf(app)), { recursive: true });
  writeFileSync(fileOf(app), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * A hash over the build command, the files that `build.watch` matches, Mayfly's SDK when the command uses it, and the
 * output. Undefined when it would say nothing: there is no output yet, or no `watch` that finds the inputs.
 */
export function fingerprint(component: LockedComponent): string | undefined {
  const inputs = inputsHash(component);
  const output = contentHash(component.source);
  return inputs === undefined || output === undefined ? undefined : hash('sha256', JSON.stringify([inputs, output]));
}

/** The same without the output. */
export function inputsHash({ build }: LockedComponent): string | undefined {
  if (!build || build.watch.length === 0) return undefined;
  // A pattern may also name a folder, and then means everything in it.
  const patterns = build.watch.flatMap((pattern) => [pattern, `${pattern}/**/*`]);
  const inputs = patterns.flatMap((pattern) => hashesUnder(build.workdir, pattern));
  if (inputs.length === 0) return undefined;
  const usesSdk = build.command.some((command) => command.includes('MAYFLY_HOME'));
  const sdk = usesSdk ? sdkHash() : '';
  return hash('sha256', JSON.stringify([version(), build.command, build.workdir, inputs, sdk]));
}

let sdkHashOnce: string | undefined;

/** The hash of the SDK, which does not change while Mayfly builds with it. */
function sdkHash(): string {
  sdkHashOnce ??= hash('sha256', JSON.stringify(hashesUnder(join(home, 'sdk'), '**/*')));
  return sdkHashOnce;
}

function hashesUnder(folder: string, pattern: string): [file: string, content: string | undefined][] {
  return findFiles(folder, pattern).map((file) => [file, contentHash(join(folder, file))]);
}

function contentHash(file: string): string | undefined {
  try {
    return hash('sha256', readFileSync(file));
  } catch {
    return undefined;
  }
}
