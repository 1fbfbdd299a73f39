// A folder is made with those above it, and one that cannot be made is an error, also where the system's answers are odd.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from './make-folder.ts';

test('folders are made; what cannot be one is an error', (t) => {
  const base = mkdtempSync(join(tmpdir(), 'mayfly-folder-'));
  t.after(() => rmSync(base, { recursive: true }));
  for (let count = 0; count < 2; count++) makeFolder('--state-dir', join(base, 'a', 'b'));
  assert.ok(statSync(join(base, 'a', 'b')).isDirectory());
  writeFileSync(join(base, 'file'), '');
  for (const wrong of ['file', 'file/below']) {
    assert.throws(() => makeFolder('--state-dir', join(base, wrong)), {
      code: 'usage',
      message: /^--state-dir cannot/,
    });
  }
});

test('a folder below /proc', { skip: process.platform !== 'linux' && 'there is no /proc' }, () => {
  assert.throws(() => makeFolder('--state-dir', '/proc/x/y'), { code: 'usage', message: /\/proc\/x\/y: ENOENT/ });
});
