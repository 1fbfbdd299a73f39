// A smaller `stack` means a smaller depth of recursion, in a process of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DEFAULT_STACK_BYTES } from './stack-size.ts';

const fixture = new URL('stack-size.fixture.ts', import.meta.url).pathname;

async function depthWith(bytes: number): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [fixture, String(bytes)]);
  const { error, depth } = JSON.parse(stdout) as { readonly error: string; readonly depth: number };
  assert.equal(error, 'RangeError');
  return depth;
}

test('a smaller stack is a smaller depth, a larger one than the engine gives is not to be had', async () => {
  const [unset, half, more] = await Promise.all([0, DEFAULT_STACK_BYTES / 2, 10 * DEFAULT_STACK_BYTES].map(depthWith));
  assert.ok(half !== undefined && unset !== undefined);
  assert.ok(half < unset * 0.6 && half > unset * 0.3, `${half} of ${unset}`);
  assert.equal(more, unset);
});
