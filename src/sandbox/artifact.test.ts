// From a file to an artifact: what is refused before anything runs, shares of limits, and parts that belong together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../test/support/wat.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { MayflyError } from '../errors.ts';
import {
  type ArtifactOptions,
  INTERNALS,
  INTERRUPT,
  MEMORIES,
  prepare,
  prepareArtifact,
  restoreArtifact,
} from './artifact.ts';
import { globalPlaces, memoryPlaces } from './state-parts.ts';

const options: ArtifactOptions = {
  host: new HostRegistry(),
  maximumPages: 10,
  maximumTableElements: 100,
  interruptible: false,
};

const of = async (text: string): Promise<Uint8Array> => assemble(`(component ${text})`);
const module = (inside: string): string => `(core module $m ${inside}) (core instance (instantiate $m))`;

async function refusal(text: string, more: Partial<ArtifactOptions> = {}): Promise<MayflyError> {
  try {
    await prepareArtifact(await of(text), { ...options, ...more });
  } catch (error) {
    assert.ok(error instanceof MayflyError, String(error));
    return error;
  }
  return assert.fail('accepted');
}

test('a component is validated, not only decoded and linked', async () => {
  const invalid: readonly (readonly [string, RegExp])[] = [
    ['(type (enum "a" "A"))', /conflicts with the previous enum case name/],
    ['(type (record))', /At least one record field name/],
    ['(component (type (list u8 0)))', /cannot be empty/],
  ];
  for (const [text, message] of invalid) {
    const { code, message: said } = await refusal(text);
    assert.equal(code, 'component-corrupt');
    assert.match(said, message);
  }
});

test('code that V8 does not take is refused', async () => {
  const { code, message } = await refusal(module('(func (result i32))'));
  assert.equal(code, 'component-corrupt');
  assert.match(message, /^A core module of the component does not compile: /);
});

test('memories of 64 bits, and middleware that is a core module', async () => {
  assert.equal((await refusal(module('(memory i64 1)'))).code, 'component-unsupported');
  const core = await assemble('(module)');
  const chain = { dependencies: [], middleware: [{ configuration: 1 }] };
  const { code, hint = '' } = await refusal('', { joined: [core], composition: chain });
  assert.equal(code, 'component-unsupported');
  assert.match(hint, /^One of the files is a core module without a world: /);
  assert.equal((await refusal('', { joined: [await of('')], composition: chain })).code, 'guest-no-handler');
});

test('tables may start with as many elements as the limit says, all together, and not with one more', async () => {
  const tables = module('(table 60 funcref) (table 40 funcref)');
  await prepareArtifact(await of(tables), options);
  const { code, message } = await refusal(tables, { maximumTableElements: 99 });
  assert.equal(code, 'component-over-limit');
  assert.equal(message, 'The tables start with 100 elements. Limit reached: table_elements (99)');
  const twice = '(core module $m (table 60 funcref)) (core instance (instantiate $m)) (core instance (instantiate $m))';
  assert.equal((await refusal(twice)).code, 'component-over-limit');
});

/** What the tables of a module may grow to, in the code that was made of it. */
async function maxima(inside: string, given: Partial<ArtifactOptions> = {}): Promise<unknown[]> {
  const { code } = await prepare(await of(module(inside)), { ...options, ...given });
  const { readCoreModule } = await import('../component/rewrite/read-core-module.ts');
  return readCoreModule(code.modules[0] as Uint8Array).tables.map(({ max }) => max);
}

test('the limit of tables is shared out among those of a component that grows any', async () => {
  const grow = '(func (drop (table.grow 0 (ref.null func) (i32.const 1))))';
  assert.deepEqual(await maxima('(table 1 funcref) (table 1 funcref)'), [100n, 100n]);
  assert.deepEqual(await maxima(`(table 1 funcref) (table 1 funcref) (table 1 funcref) ${grow}`), [33n, 33n, 33n]);
  assert.deepEqual(await maxima(`(table 1 10 funcref) ${grow}`), [10n]);
});

test('memories share what is left of the limit, those that may grow', async () => {
  const places = async (inside: string, limit = 10): Promise<unknown[]> =>
    memoryPlaces(await prepareArtifact(await of(module(inside)), options), limit).map(
      ({ index, initialPages, maximumPages }) => [index, initialPages, maximumPages],
    );
  assert.deepEqual(await places('(memory 2)'), [[0, 2, 10]]);
  assert.deepEqual(await places('(memory 2 4)'), [[0, 2, 4]]);
  assert.deepEqual(await places('(memory 1) (memory 2)'), [
    [0, 1, 4],
    [1, 2, 5],
  ]);
  assert.deepEqual(await places('(memory 3 3) (memory 2)'), [
    [0, 3, 3],
    [1, 2, 7],
  ]);
  await assert.rejects(places('(memory 3) (memory 2)', 4), {
    code: 'component-over-limit',
    message: 'The component starts with 320 KiB of memory. Limit reached: memory (256 KiB)',
  });
  assert.deepEqual(await places('(memory 3) (memory 2)', 5), [
    [0, 3, 3],
    [1, 2, 2],
  ]);
});

test('globals that have to be put back: mutable ones of number types, of each instance', async () => {
  const inside = `(global i32 (i32.const 1)) (global (mut i32) (i32.const 1)) (global (mut funcref) (ref.null func))
    (global (mut v128) (v128.const i64x2 0 0)) (global (mut i64) (i64.const 1)) (global (mut f32) (f32.const 1))
    (global (mut f64) (f64.const 1))`;
  const text = `${module(inside)} (core instance (instantiate $m))`;
  const artifact = await prepareArtifact(await of(text), options);
  const names = [1, 4, 5, 6].map((index) => `${INTERNALS}global${index}`);
  assert.deepEqual(
    globalPlaces(artifact).map(({ slot, exportName }) => [slot, exportName]),
    [0, 1].flatMap((slot) => names.map((name) => [slot, name])),
  );
});

test('modules import their memories and, when they may be stopped, the flag', async () => {
  const imports = async (interruptible: boolean): Promise<string[]> => {
    const text = module('(memory 1 1 shared) (func (loop (br 0)))');
    const artifact = await prepareArtifact(await of(text), { ...options, interruptible });
    return WebAssembly.Module.imports(artifact.modules[0] as WebAssembly.Module).map(
      (one) => `${one.module} ${one.name}`,
    );
  };
  assert.deepEqual(await imports(false), [`${MEMORIES} memory0`]);
  assert.deepEqual(await imports(true), [`${MEMORIES} memory0`, `${INTERRUPT.module} ${INTERRUPT.name}`]);
});

test('a core module without a world is a command, a component is none', async () => {
  assert.equal((await prepareArtifact(await of(''), options)).isCommand, false);
  const core = await assemble('(module (memory (export "memory") 1) (func (export "_start")))');
  assert.equal((await prepareArtifact(core, options)).isCommand, true);
});

test('what was prepared is put together again, and what does not belong to it is refused', async () => {
  const bytes = await of(
    `${module('(memory 1) (data (i32.add (i32.const 1) (i32.const 2)) "x")')} (core module $n) (core instance (instantiate $n))`,
  );
  const { artifact, code } = await prepare(bytes, options);
  assert.deepEqual(
    code.whole.map((one) => one !== undefined),
    [true, false],
  );
  const again = await restoreArtifact(bytes, options, code.facts, Promise.resolve(code));
  assert.equal(again.modules.length, artifact.modules.length);
  assert.deepEqual(
    again.plan.steps.map(({ module: index }) => index),
    [0, 1],
  );
  const wrong: readonly (readonly [typeof code.facts, Partial<typeof code>])[] = [
    [code.facts.slice(1), {}],
    [[...code.facts, ...code.facts], {}],
    [code.facts, { modules: code.modules.slice(1) }],
    [code.facts, { whole: code.whole.slice(1) }],
    [code.facts, { modules: [...code.modules, ...code.modules] }],
  ];
  for (const [facts, parts] of wrong) {
    const result = restoreArtifact(bytes, options, facts, Promise.resolve({ ...code, ...parts }));
    await assert.rejects(result, { code: 'internal', message: /core modules than were prepared/ });
  }
  await assert.rejects(restoreArtifact(bytes, options, code.facts, Promise.reject(new Error('damaged'))), /damaged/);
});
