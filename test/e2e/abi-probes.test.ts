// Guests in the text format that show how strings lie in their memory, or that break the canonical ABI's rules: ours
// does what the specification says, and so does jco, apart from the differences that stand here.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Trap } from '../../src/errors.ts';
import { bothRuntimes, ourRuntime, type Runtime } from '../support/runtimes.ts';
import { assemble } from '../support/wat.ts';

const probe = async (name: string): Promise<Uint8Array> =>
  assemble(await readFile(join(import.meta.dirname, '../guests/wat', `${name}.wat`), 'utf8'));

test('utf-16: the guest sees code units', async () => {
  for (const runtime of await bothRuntimes(await probe('utf16'))) {
    const call = runtime.start({});
    assert.equal(call('greet'), 'hé€😋', runtime.name);
    assert.equal(call('units', 'a€😋'), 4, runtime.name);
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => call('unit', 'aé😋', index)),
      [0x61, 0xe9, 0xd83d, 0xde0b],
      runtime.name,
    );
    for (const text of ['', 'plain', 'é', '€'.repeat(1000)]) assert.equal(call('echo', text), text, runtime.name);
  }
});

test('latin1+utf16: a tag says which of the two it is', async () => {
  const call = ourRuntime(await probe('latin1')).start({});
  assert.equal(call('greet-latin1'), 'héÿ');
  assert.equal(call('greet-utf16'), 'hé€');
  assert.equal(call('units', 'aéÿ'), 3);
  assert.equal(call('units', 'aé€'), 0x80000003);
  assert.deepEqual(
    [0, 1].map((index) => call('byte', 'éÿ', index)),
    [0xe9, 0xff],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => call('byte', 'é€', index)),
    [0xe9, 0x00, 0xac, 0x20],
  );
  for (const text of ['', 'plain', 'é', '€', `${'a'.repeat(500)}€`]) assert.equal(call('echo', text), text);
});

interface Probe {
  readonly args: readonly unknown[];
  /** What comes back; undefined for a trap. */
  readonly value?: unknown;
  /** jco does something else than the specification says: it does not check, or checks too much. */
  readonly jco?: 'differs';
}

const probes: Readonly<Record<string, readonly Probe[]>> = {
  text: [
    { args: [64, 1], jco: 'differs' },
    { args: [66, 1], jco: 'differs' },
    { args: [67, 3], jco: 'differs' },
    { args: [65530, 100] },
    { args: [0xfffffff0, 0x20] },
    { args: [0, 0xffffffff] },
    { args: [65536, 1] },
    { args: [65536, 0], value: '' },
  ],
  bytes: [
    { args: [65535, 2], jco: 'differs' },
    { args: [0x80000000, 1], jco: 'differs' },
    { args: [1, 0xffffffff], jco: 'differs' },
  ],
  words: [{ args: [4, 1] }, { args: [8, 0x20000000], jco: 'differs' }, { args: [65536, 1], jco: 'differs' }],
  texts: [{ args: [2, 1] }, { args: [0, 0x20000000] }],
  area: [{ args: [65534, 0] }, { args: [2, 0], jco: 'differs' }, { args: [0xfffffffc, 0] }],
  char: [
    { args: [0x10ffff, 0], value: '\u{10ffff}' },
    { args: [0xd800, 0] },
    { args: [0xdfff, 0] },
    { args: [0x110000, 0] },
  ],
  bool: [
    { args: [2, 0], value: true, jco: 'differs' },
    { args: [0, 0], value: false },
  ],
  small: [{ args: [0x1ff, 0], value: 255, jco: 'differs' }],
  'small-signed': [{ args: [0xffff, 0], value: -1, jco: 'differs' }],
  'color-of': [{ args: [2, 0], value: 'blue' }, { args: [3, 0] }],
  'shape-of': [{ args: [1, 7], value: { tag: 'circle', val: 7 } }, { args: [2, 7] }],
  'rights-of': [{ args: [0xfa, 0], value: { read: false, write: true, execute: false }, jco: 'differs' }],
  trap: [{ args: [] }],
  'realloc-outside': [{ args: ['ab'] }],
  'realloc-odd': [{ args: [BigUint64Array.of(1n)], jco: 'differs' }],
  'realloc-traps': [{ args: ['a'] }],
};

function outcome(runtime: Runtime, name: string, args: readonly unknown[]): unknown {
  const call = runtime.start({});
  try {
    return { value: call(name, ...args) };
  } catch (error) {
    const trapped = error instanceof Trap || error instanceof WebAssembly.RuntimeError;
    if (runtime.name === 'ours' && !trapped) throw error;
    return 'trap';
  }
}

for (const [name, list] of Object.entries(probes)) {
  test(`hostile guest: ${name}`, async () => {
    const [ours, jco] = await bothRuntimes(await probe('hostile'));
    for (const { args, value, jco: differs } of list) {
      const expected = value === undefined ? 'trap' : { value };
      assert.deepEqual(outcome(ours, name, args), expected, `ours: ${name}(${args.join(', ')})`);
      if (!differs) assert.deepEqual(outcome(jco, name, args), expected, `jco: ${name}(${args.join(', ')})`);
    }
  });
}
