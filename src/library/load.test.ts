// What a program of Node gives to be loaded is a path, a text or texts; what is none of them is said at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, type ScriptSource } from './load.ts';

test('what is no app is refused with what it is', async () => {
  for (const [given, message] of [
    [7, 'An app is a path, { script } or { modules }, not number'],
    [null, 'An app is a path, { script } or { modules }, not null'],
    [{ modules: {} }, 'There are no modules'],
    [{ modules: undefined }, 'There are no modules'],
    [{ modules: { 'a.ts': '' }, entry: 'b.ts' }, 'There is no module "b.ts"'],
    [{ modules: { 'a.ts': '' }, entry: 'constructor' }, 'There is no module "constructor"'],
  ] as const) {
    await assert.rejects(load(given as unknown as ScriptSource), { code: 'usage', message });
  }
});
