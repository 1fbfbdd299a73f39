// The key of a prepared component changes with everything that the result depends on, and with nothing else.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type KeyOptions, keyOf } from '../load-artifact.ts';
import { buildDigest, cacheKey, digestOf, digestOfBuild, digestOfFile } from './cache-key.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'mayfly-key-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const options: KeyOptions = { maximumPages: 100, maximumTableElements: 1000, interruptible: true, takesImage: true };

test('the key changes with every file, their order, and every option', () => {
  const base = keyOf(['a', 'b'], options, true);
  assert.match(base, /^[0-9a-f]{64}$/);
  assert.equal(keyOf(['a', 'b'], { ...options }, true), base);
  const others = [
    keyOf(['b', 'a'], options, true),
    keyOf(['a'], options, true),
    keyOf(['a', 'b', 'c'], options, true),
    keyOf(['a', 'c'], options, true),
    keyOf(['c', 'b'], options, true),
    keyOf(['a', 'b'], { ...options, maximumPages: 101 }, true),
    keyOf(['a', 'b'], { ...options, maximumTableElements: 1001 }, true),
    keyOf(['a', 'b'], { ...options, interruptible: false }, true),
    keyOf(['a', 'b'], { ...options, takesImage: false }, true),
    keyOf(['a', 'b'], options, false),
  ];
  assert.equal(new Set([base, ...others]).size, others.length + 1);
});

test('whether guests could poll makes no difference to those that are not interrupted', () => {
  const free = { ...options, interruptible: false };
  assert.equal(keyOf(['a'], free, true), keyOf(['a'], free, false));
});

test('code for which V8 takes other features has another key; other flags and processors have none', (t) => {
  const before = cacheKey(['a'], {});
  const options = process.env.NODE_OPTIONS;
  t.after(() => {
    if (options === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = options;
  });
  process.env.NODE_OPTIONS = `${options ?? ''} --experimental-wasm-shared`;
  assert.notEqual(cacheKey(['a'], {}), before);
  process.env.NODE_OPTIONS = `${options ?? ''} --max-old-space-size=100`;
  assert.equal(cacheKey(['a'], {}), before);
});

test('the digest of a build changes with its version and with each source, however deep', (t) => {
  const home = folder(t);
  for (const path of ['src/component/a', 'src/sandbox/b/c', 'src/host'])
    mkdirSync(join(home, path), { recursive: true });
  const time = new Date(1_000_000);
  const write = (file: string, text: string, at = time): void => {
    writeFileSync(join(home, file), text);
    utimesSync(join(home, file), at, at);
  };
  const version = (one: string): void => write('package.json', JSON.stringify({ version: one }));
  const files = ['src/component/x.ts', 'src/component/a/y.ts', 'src/sandbox/z.ts', 'src/sandbox/b/c/deep.ts'];
  version('1.0.0');
  for (const file of files) write(file, 'one');
  write('src/host/other.ts', 'one');
  const base = digestOfBuild(home);
  assert.match(base, /^[0-9a-f]{64}$/);
  for (const file of files) {
    write(file, 'longer');
    assert.notEqual(digestOfBuild(home), base, `size of ${file}`);
    write(file, 'two', new Date(2_000_000));
    assert.notEqual(digestOfBuild(home), base, `time of ${file}`);
    write(file, 'one');
    assert.equal(digestOfBuild(home), base);
    renameSync(join(home, file), join(home, `${file}x`));
    assert.notEqual(digestOfBuild(home), base, `name of ${file}`);
    renameSync(join(home, `${file}x`), join(home, file));
  }
  version('1.0.1');
  assert.notEqual(digestOfBuild(home), base);
  version('1.0.0');
  write('src/host/other.ts', 'it does not prepare components');
  assert.equal(digestOfBuild(home), base);
});

test('the digest of a build is the same wherever it lies', (t) => {
  const digests = ['a', 'b'].map((name) => {
    const home = join(folder(t), name);
    for (const each of ['src/component', 'src/sandbox']) mkdirSync(join(home, each), { recursive: true });
    for (const file of ['package.json', 'src/component/x.ts', 'src/sandbox/y.ts']) {
      writeFileSync(join(home, file), '{}');
      utimesSync(join(home, file), 1000, 1000);
    }
    return digestOfBuild(home);
  });
  assert.equal(digests[0], digests[1]);
});

test('the digest of this build is one of its sources', () => {
  assert.equal(buildDigest(), digestOfBuild(fileURLToPath(new URL('../../../', import.meta.url))));
});

test('the digest of a file is that of its bytes, whatever its length', (t) => {
  const path = join(folder(t), 'file');
  const chunk = 256 * 1024;
  for (const length of [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk + 7]) {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 7 + (index >> 10)) & 0xff));
    writeFileSync(path, bytes);
    const expected = createHash('sha256').update(bytes).digest('hex');
    assert.equal(digestOfFile(path), expected, `${length} bytes`);
    assert.equal(digestOf(bytes), expected);
  }
  assert.throws(() => digestOfFile(join(path, 'none')), { code: 'ENOTDIR' });
});
