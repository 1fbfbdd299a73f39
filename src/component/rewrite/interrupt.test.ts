// Code that never ends, in every shape, is run and stopped once it has started, by the flag and by taking away the page
// that it polls: it must trap. It runs in a thread, which is ended when it does not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { parse } from '@bytecodealliance/jco';
import { readCoreModule } from './read-core-module.ts';
import { rewriteCoreModule } from './rewrite-core-module.ts';

/** Bodies of `(func $run (param i32) …)`, which is called with 1; local 1 is an i32, local 2 an i64. */
const endless: Readonly<Record<string, string>> = {
  'a loop that goes back by br': '(loop (br 0))',
  'a loop that goes back by br_if': '(loop (br_if 0 (local.get 0)))',
  'a loop that goes back by br_table': '(loop (br_table 0 0 0 (local.get 0)))',
  'a loop that goes back from a block': '(loop (block (block (br_if 2 (local.get 0)))))',
  'a loop that goes back from an if': '(loop (if (local.get 0) (then (br 1)) (else (nop))))',
  'a loop that goes back in two ways': '(loop (br_if 0 (i32.eqz (local.get 0))) (br_if 0 (local.get 0)) (br 0))',
  'a loop that goes back by br or br_table': '(loop (block (br_table 0 1 (local.get 0))) (br 0))',
  'a loop with a parameter': '(i32.const 1) (loop (param i32) (drop) (i32.const 1) (br_if 0 (local.get 0)) (drop))',
  'a loop with a parameter that goes back by br': '(i32.const 1) (loop (param i32) (br 0))',
  'a loop that goes back by br_on_null': '(loop (br_on_null 0 (ref.null func)) (drop))',
  'a loop that goes back by br_on_non_null':
    '(ref.func $run) (loop (param (ref func)) (drop) (br_on_non_null 0 (ref.func $run)))',
  'a loop that goes back by br_on_cast':
    '(ref.null any) (loop (param anyref) (br_on_cast 0 anyref (ref null none)) (drop))',
  'a loop that goes back from a catch clause': '(loop (try_table (catch $tag 0) (throw $tag)))',
  'a loop around a loop that ends':
    '(loop (local.set 1 (i32.const 3)) (loop (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1))))) (br 0))',
  'a loop in a loop, the outer one by br_if of the inner': '(loop (loop (br_if 1 (local.get 0)) (br 0)))',
  'a counting loop that is unrolled':
    '(loop (br_if 0 (i32.or (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))',
  'a counting loop that never meets its end':
    '(local.set 1 (i32.const 1)) (loop (br_if 0 (i32.ne (local.tee 1 (i32.add (local.get 1) (i32.const 2))) (i32.const 0))))',
  'a counting loop of 64 bits':
    '(local.set 2 (i64.const 1)) (loop (br_if 0 (i64.ne (local.tee 2 (i64.add (local.get 2) (i64.const 2))) (i64.const 0))))',
  'a loop that calls a short function': '(loop (call $short) (br 0))',
  'a loop that calls a function that checks': '(loop (call $deep (i32.const 1)) (br 0))',
  'a loop that calls only in one branch':
    '(loop (if (i32.eqz (local.get 0)) (then (call $deep (i32.const 1)))) (br 0))',
  'a loop that calls an import': '(loop (call $host) (br 0))',
  'a loop that calls through a table': '(loop (call_indirect (i32.const 0)) (br 0))',
  'a loop of bulk operations': '(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 100)) (br 0))',
  'a tail call': '(return_call $run (local.get 0))',
  'an indirect tail call': '(return_call_indirect (type $run) (local.get 0) (i32.const 1))',
  'a tail call by reference': '(return_call_ref $run (local.get 0) (ref.func $run))',
  'tail calls to and fro': '(return_call $back (local.get 0))',
  'recursion that doubles': '(call $deep (i32.const 60))',
  'recursion through a table': '(call $through (i32.const 60))',
  'recursion of two functions': '(call $even (i32.const 60))',
};

const moduleOf = (body: string): string => `(module
  (type $none (func)) (type $run (func (param i32)))
  (import "host" "nothing" (func $host)) (import "host" "raise" (func $raise))
  (memory 1) (table 4 funcref) (elem (i32.const 0) func $short $run $through) (elem declare func $run) (tag $tag)
  (func $short)
  (func $deep (param i32) (if (local.get 0) (then
    (call $deep (i32.sub (local.get 0) (i32.const 1))) (call $deep (i32.sub (local.get 0) (i32.const 1))))))
  (func $through (param i32) (if (local.get 0) (then
    (call_indirect (type $run) (i32.sub (local.get 0) (i32.const 1)) (i32.const 2))
    (call_indirect (type $run) (i32.sub (local.get 0) (i32.const 1)) (i32.const 2)))))
  (func $even (param i32) (if (local.get 0) (then
    (call $odd (i32.sub (local.get 0) (i32.const 1))) (call $odd (i32.sub (local.get 0) (i32.const 1))))))
  (func $odd (param i32) (if (local.get 0) (then
    (call $even (i32.sub (local.get 0) (i32.const 1))) (call $even (i32.sub (local.get 0) (i32.const 1))))))
  (func $back (param i32) (return_call $run (local.get 0)))
  (func $run (export "run") (type $run) (local i32 i64) (call $raise) ${body}))`;

const POLL_ADDRESS = 0x100_0000;

/** Runs what it is sent, and answers with the message of the trap. */
const RUNNER = `const { parentPort } = require('node:worker_threads');
  const flag = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const word = new Int32Array(flag.buffer);
  const signatures = {
    mmap: { return: 'int64', arguments: ['uint64', 'uint64', 'int32', 'int32', 'int32', 'int64'] },
    mprotect: { return: 'int32', arguments: ['uint64', 'uint64', 'int32'] },
  };
  const pageOf = (memory) => {
    const ffi = process.getBuiltinModule('node:ffi');
    const { mmap, mprotect } = ffi.dlopen(null, signatures).functions;
    const address = ffi.getRawPointer(memory.buffer) + BigInt(${POLL_ADDRESS});
    mmap(address, 65536n, 1, 0x32, -1, 0n); // readable; private, fixed, anonymous
    return { remove: () => mprotect(address, 65536n, 0) };
  };
  parentPort.on('message', ({ bytes, polls }) => {
    const memory0 = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const page = polls ? pageOf(memory0) : undefined;
    const host = { nothing() {}, raise() { if (page) page.remove(); else word[0] = 1; } };
    const imports = { own: { memory0 }, watch: { flag }, host };
    word[0] = 0;
    try {
      new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports.run(1);
      parentPort.postMessage('ended');
    } catch (error) { parentPort.postMessage(error.message); }
  });`;
const PATIENCE_MS = 20_000;

let runner: Worker;
const start = (): void => {
  runner = new Worker(RUNNER, { eval: true, execArgv: ['--no-warnings'] });
  runner.unref();
};
before(start);
after(() => runner.terminate());

function outcome(bytes: Uint8Array, polls: boolean): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      void runner.terminate();
      start();
      resolve('ran on');
    }, PATIENCE_MS);
    runner.once('message', (message: string) => {
      clearTimeout(timer);
      resolve(message);
    });
    runner.postMessage({ bytes, polls });
  });
}

const traps = { flag: 'unreachable', polls: 'memory access out of bounds' } as const;
/** Memories cannot be mapped over elsewhere. */
const canPoll = process.platform === 'linux' && process.getBuiltinModule('node:ffi') !== undefined;
const skip = canPoll ? {} : { skip: 'needs Linux and node:ffi' };

function rewritten(bytes: Uint8Array, polls: boolean): Uint8Array {
  const interrupt = { module: 'watch', name: 'flag', pollAddress: polls ? POLL_ADDRESS : undefined };
  return rewriteCoreModule(bytes, readCoreModule(bytes), { importMemories: 'own', interrupt });
}

for (const [what, body] of Object.entries(endless)) {
  test(`stopped by the flag: ${what}`, async () => {
    assert.equal(await outcome(rewritten(await parse(moduleOf(body)), false), false), traps.flag);
  });
  test(`stopped by its polls: ${what}`, skip, async () => {
    assert.equal(await outcome(rewritten(await parse(moduleOf(body)), true), true), traps.polls);
  });
}

for (const polls of canPoll ? [false, true] : [false]) {
  test(`what ends soon by itself is not stopped, ${polls ? 'polling' : 'with the flag'}`, async () => {
    const body = '(call $short) (loop (br_if 0 (i32.const 0)) (br_if 1 (local.get 0)) (br 0))';
    assert.equal(await outcome(rewritten(await parse(moduleOf(body)), polls), polls), 'ended');
  });
}

test('modules without a memory that can be polled look at the flag', async () => {
  const interrupt = { module: 'watch', name: 'flag', pollAddress: POLL_ADDRESS };
  const modules = {
    'no memory': '(module (func))',
    'a shared memory': '(module (memory 1 2 shared) (func))',
    'an import with too low a maximum': '(module (import "a" "memory" (memory 1 2)) (func))',
    'an import that ends where the address begins': '(module (import "a" "memory" (memory 1 256)) (func))',
    'a memory of 64-bit addresses': '(module (memory i64 1) (func))',
  };
  for (const [what, text] of Object.entries(modules)) {
    const bytes = await parse(text);
    const result = rewriteCoreModule(bytes, readCoreModule(bytes), { importMemories: 'own', interrupt });
    const { imports } = readCoreModule(result);
    assert.equal(imports.filter(({ module }) => module === 'watch').length, 1, what);
  }
  for (const limits of ['1', '1 257']) {
    const bytes = await parse(`(module (import "a" "memory" (memory ${limits})) (func))`);
    const result = rewriteCoreModule(bytes, readCoreModule(bytes), { importMemories: 'own', interrupt });
    assert.deepEqual(
      readCoreModule(result).imports.map(({ module }) => module),
      ['a'],
      limits,
    );
  }
});
