// What a prepared component depends on, as the name of its file: the bytes of the component's files, the options, and
// the versions of Mayfly and V8.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
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
  // V8's tag stands for its version, its flags and the processor: what was valid under it is valid.
  const parts = [buildDigest(), cachedDataVersionTag(), digests, options];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
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
        const { size, mtimeMs } = statSync(join(parentPath, name));
        return [parentPath, name, size, mtimeMs];
      }),
  );
  return createHash('sha256')
    .update(JSON.stringify([version, states]))
    .digest('hex');
}
