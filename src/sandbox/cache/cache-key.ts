// What a prepared component depends on, as the name of its file: the bytes of the component's files, the options, and
// the versions of Mayfly and V8.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { home, isPacked } from '../../home.ts';

const CHUNK = 256 * 1024;

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The digest of a file, which is read piece by piece: to get memory for all of it would take longer than to read it.
 * Throws errors of the system.
 */
export function digestOfFile(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafeSlow(CHUNK);
    for (;;) {
      const length = readSync(fd, buffer, 0, CHUNK, null);
      if (length === 0) return hash.digest('hex');
      hash.update(length === CHUNK ? buffer : buffer.subarray(0, length));
    }
  } finally {
    closeSync(fd);
  }
}

/** The key of a component. `options` must be plain data. */
export function cacheKey(digests: readonly string[], options: object): string {
  const parts = [buildDigest(), process.versions.v8, featureFlags(), digests, options];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * The flags that change what V8 takes for WebAssembly. What is kept holds no machine code, so that neither the processor
 * nor other flags matter: an image that was built elsewhere brings what its pods need.
 */
function featureFlags(): readonly string[] {
  const { NODE_OPTIONS = '' } = process.env;
  return [...process.execArgv, ...NODE_OPTIONS.split(/\s+/)]
    .filter((flag) => /wasm|experimental|harmony/.test(flag))
    .sort();
}

/** The folders of the code that prepares components. */
const SOURCES = isPacked ? ['dist'] : ['src/component', 'src/sandbox'];

let build: string | undefined;

/**
 * The digest of Mayfly itself: its version, and the sizes and times of the sources that prepare components. Computed
 * once a process.
 */
export function buildDigest(): string {
  build ??= digestOfBuild(home);
  return build;
}

export function digestOfBuild(home: string): string {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  const states = SOURCES.flatMap((folder) =>
    readdirSync(join(home, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const path = join(parentPath, name);
        const { size, mtimeMs } = statSync(path);
        return [relative(home, path), size, mtimeMs] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return createHash('sha256')
    .update(JSON.stringify([version, states]))
    .digest('hex');
}
