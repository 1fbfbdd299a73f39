// Random modules run as they are and rewritten in every way: the same results, traps, memory and globals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '@bytecodealliance/jco';
import { randomModule } from '../../../test/support/random-module.ts';
import { openPollPages, pollAddress } from '../../sandbox/interrupt/poll-pages.ts';
import { readCoreModule } from './read-core-module.ts';
import { rewriteCoreModule } from './rewrite-core-module.ts';
import type { RewriteOptions } from './rewrite-options.ts';

interface Guest {
  readonly run: (argument: number) => number;
  readonly memory: WebAssembly.Memory;
}

const flag = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

function instantiate(bytes: Uint8Array, memory?: WebAssembly.Memory): Guest {
  const imports = { own: memory === undefined ? {} : { memory0: memory }, watch: { flag } };
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  return new WebAssembly.Instance(module, imports).exports as unknown as Guest;
}

/** What a run shows: its result or trap, and a hash of its memory. */
function observe(guest: Guest, argument: number): string {
  let result: string;
  try {
    result = String(guest.run(argument));
  } catch (error) {
    result = error instanceof WebAssembly.RuntimeError ? error.message : `stack: ${error instanceof RangeError}`;
  }
  const words = new Int32Array(guest.memory.buffer);
  let hash = words.length;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return `${result} ${hash}`;
}

const variants: Readonly<Record<string, RewriteOptions>> = {
  nothing: {},
  internals: { exportInternals: 'x:' },
  memory: { importMemories: 'own' },
  interrupt: { importMemories: 'own', interrupt: { module: 'watch', name: 'flag' } },
  polls: { importMemories: 'own', interrupt: { module: 'watch', name: 'flag', pollAddress: pollAddress(1) } },
  growth: { growth: 'grow:' },
  'growth and polls': {
    growth: 'grow:',
    importMemories: 'own',
    interrupt: { module: 'watch', name: 'flag', pollAddress: pollAddress(1) },
  },
  all: {
    importMemories: 'own',
    interrupt: { module: 'watch', name: 'flag' },
    exportInternals: 'x:',
    maximumPages: 60_000,
  },
};

const ROUNDS = 250;

test(`${ROUNDS} random modules do the same when they are rewritten`, async () => {
  let traps = 0;
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const bytes = await parse(randomModule(seed));
    const info = readCoreModule(bytes);
    for (const [name, options] of Object.entries(variants)) {
      const rewritten = rewriteCoreModule(bytes, info, options);
      assert.ok(WebAssembly.validate(rewritten), `seed ${seed}, ${name}`);
      const { min, max } = info.memories[0] ?? { min: 0n, max: 0n };
      const memory = new WebAssembly.Memory({ initial: Number(min), maximum: Number(max) });
      openPollPages([memory], 1);
      const [plain, other] = [instantiate(bytes), instantiate(rewritten, options.importMemories ? memory : undefined)];
      for (const argument of [0, 1, 77]) {
        const expected = observe(plain, argument);
        assert.equal(observe(other, argument), expected, `seed ${seed}, ${name}, run(${argument})`);
        if (!/^-?\d/.test(expected)) traps++;
      }
    }
  }
  assert.ok(traps > 0, 'some runs trap');
});

test('rewriting changes nothing that the reader sees but what was asked for', async () => {
  for (let seed = 1000; seed < 1040; seed++) {
    const bytes = await parse(randomModule(seed));
    const before = readCoreModule(bytes);
    const after = readCoreModule(rewriteCoreModule(bytes, before, variants.all ?? {}));
    assert.deepEqual(after.funcTypes, before.funcTypes);
    assert.deepEqual(after.globals, before.globals);
    assert.deepEqual(after.exports.slice(0, before.exports.length), before.exports);
    assert.deepEqual(after.usesStateThatCannotBeReset, before.usesStateThatCannotBeReset);
    assert.equal(after.memories.length, before.memories.length + 1);
    assert.deepEqual(readCoreModule(rewriteCoreModule(bytes, before, {})), before);
  }
});
