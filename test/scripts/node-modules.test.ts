// Modules of Node that are plain JavaScript work in both engines; the others are refused when a program is loaded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineNames } from '../../src/app/script-file.ts';
import { load } from '../../src/library/load.ts';

const timeout = { timeout: 60_000 };

/** Each `run` is a program's, and its result what Node gives for the same. */
const cases: Readonly<Record<string, readonly [program: string, expected: unknown]>> = {
  'node:buffer': [
    `import { Buffer } from 'node:buffer';
export const run = () => [Buffer.from('hällo').toString('base64'), Buffer.concat([Buffer.from([1]), Buffer.alloc(1)]).length, Buffer.from('ff', 'hex')[0]];`,
    ['aMOkbGxv', 2, 255],
  ],
  events: [
    `import { EventEmitter } from 'events';
export const run = () => { const e = new EventEmitter(); let n = 0; e.once('a', (x) => { n += x; }); e.emit('a', 2); e.emit('a', 2); return n; };`,
    2,
  ],
  'node:util': [
    `import { format, inspect, promisify } from 'node:util';
import { isDate } from 'node:util/types';
export const run = async () => [format('%s %d %j', 'a', 1, { b: 2 }), inspect([1]).replace(/\\s/g, ''), await promisify((cb) => cb(null, 3))(), isDate(new Date())];`,
    ['a 1 {"b":2}', '[1]', 3, true],
  ],
  path: [
    `import path from 'path';
export const run = () => [path.join('/a', '../b'), path.extname('x.tar.gz'), path.posix.relative('/a/b', '/a/c')];`,
    ['/b', '.gz', '../c'],
  ],
  'node:url': [
    `import { fileURLToPath, URL } from 'node:url';
export const run = () => [new URL('http://a/b').host, fileURLToPath('file:///a/b')];`,
    ['a', '/a/b'],
  ],
  querystring: [
    `import qs from 'querystring';
export const run = () => [qs.parse('a=1&a=2'), qs.stringify({ b: 'c d' })];`,
    [{ a: ['1', '2'] }, 'b=c%20d'],
  ],
  'node:assert': [
    `import assert from 'node:assert';
export const run = () => { assert.equal(1, 1); try { assert.equal(1, 2); } catch { return 'thrown'; } };`,
    'thrown',
  ],
  'node:process': [
    `import process from 'node:process';
export const run = () => new Promise((go) => process.nextTick(go, typeof process.env));`,
    'object',
  ],
  'node:async_hooks': [
    `import { AsyncLocalStorage } from 'node:async_hooks';
const storage = new AsyncLocalStorage();
export const run = () => storage.run({ a: 1 }, () => storage.getStore());`,
    { a: 1 },
  ],
  'node:timers/promises': [
    `import { setTimeout as later } from 'node:timers/promises';
export const run = () => later(5, 'x');`,
    'x',
  ],
  'node:os': [`import os from 'node:os';\nexport const run = () => os.EOL;`, '\n'],
};

for (const engine of engineNames) {
  for (const [name, [script, expected]] of Object.entries(cases)) {
    test(`${engine}: ${name}`, timeout, async () => {
      const app = await load({ script }, { engine });
      try {
        assert.deepEqual(await app.call('run'), expected);
      } finally {
        await app.close();
      }
    });
  }
}

test('what needs files, sockets or processes is refused, with what does its work', timeout, async () => {
  for (const [name, hint] of [
    ['node:fs', /key-value stores/],
    ['node:fs/promises', /key-value stores/],
    ['net', /fetch/],
    ['node:http', /fetch/],
    ['node:stream', /ReadableStream/],
    ['node:child_process', /runs in browsers/],
  ] as const) {
    await assert.rejects(load({ script: `import x from '${name}';\nexport const run = () => x;` }), (error: Error) => {
      assert.match(error.message, new RegExp(`"${name}" is a module of Node`));
      assert.match((error as { hint?: string }).hint ?? '', hint);
      return true;
    });
  }
});
