// HTTP handlers that were not wrapped into components answer as the components do.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../src/library/load.ts';
import type { App } from '../../src/runtime.ts';
import { guest, guestPath } from '../guests/build.ts';
import { unwrap } from '../support/embedded.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-unwrapped-'));
after(() => rmSync(folder, { recursive: true }));
const world = readFileSync(join(import.meta.dirname, '../../sdk/c/world.wit'), 'utf8');

const requests: readonly (readonly [path: string, init?: RequestInit])[] = [
  ['/'],
  ['/some/path?q=1', { headers: { 'x-test': 'a' } }],
  ['/', { method: 'POST', body: 'x'.repeat(200_000) }],
  ['/', { method: 'PUT', body: '' }],
];

async function answers(app: App): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const [path, init] of requests) {
    const response = await app.fetch(new Request(`http://localhost${path}`, init));
    all.push([response.status, [...response.headers], await response.text()]);
  }
  await app.close();
  return all;
}

for (const name of ['hello-c', 'echo-c', 'counter-c', 'alloc-c']) {
  test(`${name} answers the same as module and as component`, async () => {
    const file = join(folder, `${name}.wasm`);
    writeFileSync(file, await unwrap(await guest(name), world));
    const expected = await answers(await load(await guestPath(name)));
    assert.deepEqual(await answers(await load(file, { verifyResets: true })), expected);
  });
}
