// A core module that is a command calls host functions with numbers, in a memory that may grow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, callExport, instantiatePlan } from '../../../test/support/wat.ts';
import { MayflyError, Trap } from '../../errors.ts';
import type { CallContext, Instance } from '../canon/instance.ts';
import type { Plan } from '../canon/plan.ts';
import { readCoreModule } from '../rewrite/read-core-module.ts';
import type { HostCoreFunction, HostCoreModule } from '../types/core-host.ts';
import { linkCoreCommand, RUN_INTERFACE } from './core-command.ts';
import { HostRegistry } from './host-registry.ts';

type Call = HostCoreFunction['call'];

function func(params: HostCoreFunction['params'], call: Call, suspends = false): HostCoreFunction {
  return { params, hasResult: true, suspends, call };
}

const seen: (number | bigint)[] = [];
const host: HostCoreModule = {
  name: 'host',
  service: 'test',
  functions: {
    take: func(['u32', 'u64', 's64'], (_state, _memory, ...args) => {
      seen.push(...args);
      return 0;
    }),
    poke: func(['u32'], (_state, memory, pointer) => {
      memory.check(pointer as number, 1, 1);
      memory.bytes[pointer as number] = 42;
      return 0;
    }),
    later: func(
      ['u32'],
      (_state, memory, pointer) => {
        pending = Promise.withResolvers();
        return pending.promise.then(() => () => {
          memory.bytes[pointer as number] = 43;
          return 5;
        });
      },
      true,
    ),
    fail: func([], () => {
      throw new Error('defect');
    }),
  },
};
let pending = Promise.withResolvers<void>();

async function link(text: string): Promise<Plan> {
  const bytes = await assemble(`(module ${text})`);
  return linkCoreCommand(bytes, readCoreModule(bytes), new HostRegistry([], [host]));
}

const context: CallContext = { state: () => undefined };
const run = (instance: Instance) => callExport(instance, `${RUN_INTERFACE}#run`);

async function codeOf(text: string): Promise<string> {
  try {
    await link(text);
    return 'linked';
  } catch (error) {
    assert.ok(error instanceof MayflyError, String(error));
    return `${error.code}: ${error.message} (${error.hint})`;
  }
}

const memory = '(memory (export "memory") 1)';

test('numbers arrive unsigned or signed, as the function wants them', async () => {
  const plan = await link(`(import "host" "take" (func $take (param i32 i64 i64) (result i32))) ${memory}
    (func (export "_start") (drop (call $take (i32.const -1) (i64.const -1) (i64.const -1))))`);
  assert.deepEqual([plan.services, plan.suspends, plan.imports], [['test'], [false], ['host']]);
  run(instantiatePlan(plan, { context }));
  assert.deepEqual(seen, [0xffff_ffff, 0xffff_ffff_ffff_ffffn, -1n]);
});

test('the memory is seen anew after it grew', async () => {
  const plan = await link(`(import "host" "poke" (func $poke (param i32) (result i32))) ${memory}
    (func (export "_start")
      (drop (call $poke (i32.const 0)))
      (drop (memory.grow (i32.const 1)))
      (drop (call $poke (i32.const 65536)))
      (if (i32.ne (i32.load8_u (i32.const 65536)) (i32.const 42)) (then unreachable)))`);
  run(instantiatePlan(plan, { context }));
});

test('a function that waits writes only when the guest goes on', async () => {
  const plan = await link(`(import "host" "later" (func $later (param i32) (result i32))) ${memory}
    (func (export "_start")
      (if (i32.ne (call $later (i32.const 8)) (i32.const 5)) (then unreachable))
      (if (i32.ne (i32.load8_u (i32.const 8)) (i32.const 43)) (then unreachable)))`);
  assert.deepEqual([plan.suspends, plan.mayWait], [[true], [true]]);
  const instance = instantiatePlan(plan, { context });
  const running = run(instance) as Promise<unknown>;
  pending.resolve();
  await running;

  const cancelled = instantiatePlan(plan, { context });
  const ended = run(cancelled) as Promise<unknown>;
  const view = new Uint8Array((cancelled.core[0] as { memory: WebAssembly.Memory }).memory.buffer);
  cancelled.cancel(new MayflyError('guest-cancelled', 'gone'));
  await assert.rejects(ended, /gone/);
  pending.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(view[8], 0);
});

test('what the host throws ends the guest', async () => {
  const plan =
    await link(`(import "host" "fail" (func $fail (result i32))) (import "host" "poke" (func $poke (param i32) (result i32)))
    ${memory} (tag $t)
    (func (export "_start") (block $caught (try_table (catch_all $caught) (drop (call $fail)))))`);
  assert.throws(() => run(instantiatePlan(plan, { context })), /defect/);
});

test('a start function that calls the host before there is a memory traps', async () => {
  const plan = await link(`(import "host" "poke" (func $poke (param i32) (result i32))) ${memory}
    (func $early (drop (call $poke (i32.const 0)))) (start $early) (func (export "_start"))`);
  assert.throws(() => instantiatePlan(plan), /"host poke" while it is initialised/);
  assert.throws(
    () => instantiatePlan(plan, { context }),
    (error) => error instanceof Trap || error instanceof TypeError,
  );
});

test('imports have to be there, under the type that the host has', async () => {
  const start = `${memory} (func (export "_start"))`;
  assert.match(await codeOf(`(import "host" "nothing" (func)) ${start}`), /^component-import-missing.*take, poke/);
  assert.match(await codeOf(`(import "env" "abort" (func)) ${start}`), /^component-import-missing.*"host".*"env"/);
  for (const type of [
    '(param i64) (result i32)',
    '(param i32)',
    '(param i32 i32) (result i32)',
    '(param f32) (result i32)',
  ]) {
    assert.match(await codeOf(`(import "host" "poke" (func ${type})) ${start}`), /^component-import-type/, type);
  }
  assert.match(await codeOf(`(import "host" "poke" (global i32)) ${start}`), /^component-import-type.*a global/);
  assert.match(
    await codeOf(`(import "host" "memory" (memory 1)) (func (export "_start"))`),
    /^component-import-missing/,
  );
});

test('what is no command is told apart', async () => {
  const imported = '(import "host" "poke" (func (param i32) (result i32)))';
  assert.match(await codeOf(`${memory}`), /^component-is-module.*exports no "_start"/);
  assert.match(await codeOf(`${memory} (func (export "_start") (param i32))`), /^component-is-module.*"_start"/);
  const answers = '(func (export "_start") (result i32) (i32.const 0))';
  assert.match(await codeOf(`${memory} ${answers}`), /^component-is-module.*"_start"/);
  assert.match(await codeOf(`${memory} (global (export "_start") i32 (i32.const 0))`), /^component-is-module/);
  assert.match(await codeOf(`${memory} (func (export "_initialize"))`), /^component-is-module.*reactor/);
  assert.match(await codeOf(`${memory} (func (export "canonical_abi_realloc"))`), /before components.*current SDK/);
  assert.match(await codeOf(`${imported} (func (export "_start"))`), /^component-is-module.*exports no "memory"/);
  assert.match(await codeOf('(memory (export "memory") i64 1) (func (export "_start"))'), /^component-unsupported/);
  assert.equal(await codeOf('(func (export "_start"))'), 'linked');
});

test('each function gets the state of its own service, of two that take turns', async () => {
  const states: unknown[] = [];
  const other = (name: string): HostCoreModule => ({
    name,
    service: `of ${name}`,
    functions: { f: func([], (state) => states.push(state)), g: func([], (state) => states.push(state)) },
  });
  const bytes =
    await assemble(`(module (import "a" "f" (func $af (result i32))) (import "b" "f" (func $bf (result i32)))
    (import "a" "g" (func $ag (result i32))) (import "b" "g" (func $bg (result i32))) ${memory}
    (func (export "_start") (drop (call $af)) (drop (call $bf)) (drop (call $ag)) (drop (call $bg))))`);
  const plan = linkCoreCommand(bytes, readCoreModule(bytes), new HostRegistry([], [other('a'), other('b')]));
  assert.deepEqual(plan.services, ['of a', 'of b']);
  run(instantiatePlan(plan, { context: { state: (slot) => plan.services[slot] } }));
  assert.deepEqual(states, ['of a', 'of b', 'of a', 'of b']);
});
