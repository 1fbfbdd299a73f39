// Memory and tables of a sandbox are bounded together, however many the component has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { MayflyError } from '../../src/errors.ts';
import { type Artifact, prepareArtifact } from '../../src/sandbox/artifact.ts';
import { createFactory, type SandboxFactory } from '../../src/sandbox/factory.ts';
import { assemble } from '../support/wat.ts';

interface Grower {
  readonly artifact: Artifact;
  readonly factory: SandboxFactory;
  /** Calls an export without parameters. */
  call(name: string): Promise<unknown>;
}

async function grower(text: string, pages: number, elements: number, preinitialize?: boolean): Promise<Grower> {
  const artifact = await prepareArtifact(await assemble(text), {
    host: new HostRegistry(),
    maximumPages: pages,
    maximumTableElements: elements,
    interruptible: false,
  });
  const basics = { strategy: 'copy', verify: true, maximumPages: pages, handleLimit: 10, extraImports: {} } as const;
  const factory = await createFactory(artifact, { ...basics, preinitialize });
  const context = { state: () => undefined };
  const sandbox = factory.make(context);
  sandbox.begin(context, undefined);
  return {
    artifact,
    factory,
    async call(name) {
      const found = artifact.plan.exports.get(name);
      assert.ok(found?.kind === 'func');
      return sandbox.call(found.func, []);
    },
  };
}

/** Grows page by page, or element by element, until it may not; the result is the size then. */
const growing = (memory: string): string => `(core module $m ${memory}
  (func (export "grow") (result i32) (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size)))`;

test('two memories share what the limit leaves', async () => {
  for (const preinitialize of [undefined, false]) {
    const { call } = await grower(
      `(component ${growing('(memory 2)')}
        (core instance $a (instantiate $m)) (core instance $b (instantiate $m))
        (func (export "a") (result u32) (canon lift (core func $a "grow")))
        (func (export "b") (result u32) (canon lift (core func $b "grow"))))`,
      10,
      100,
      preinitialize,
    );
    assert.deepEqual([await call('a'), await call('b')], [5, 5]);
  }
});

test('one that cannot grow takes no share, and a declared maximum counts', async () => {
  const { call } = await grower(
    `(component ${growing('(memory 2)')} (core module $fixed (memory 3 3)) ${growing('(memory 1 2)').replace('$m', '$small')}
      (core instance $a (instantiate $m)) (core instance (instantiate $fixed)) (core instance $b (instantiate $small))
      (func (export "a") (result u32) (canon lift (core func $a "grow")))
      (func (export "b") (result u32) (canon lift (core func $b "grow"))))`,
    16,
    100,
  );
  assert.deepEqual([await call('a'), await call('b')], [7, 2]);
});

const overLimit = (pattern: RegExp) => (error: unknown) =>
  error instanceof MayflyError && error.code === 'component-over-limit' && pattern.test(error.message);

test('too much to start with is an error at load that names the limit', async () => {
  const two = `(component (core module $m (memory 6) (table 60 funcref))
    (core instance (instantiate $m)) (core instance (instantiate $m)))`;
  await assert.rejects(grower(two, 10, 1000), overLimit(/768 KiB of memory. Limit reached: memory \(640 KiB\)/));
  await assert.rejects(grower(two, 100, 100), overLimit(/120 elements. Limit reached: table_elements \(100\)/));
});

test('tables that grow share their limit', async () => {
  const { call, factory } = await grower(
    `(component (core module $m (table 1 funcref) (table 2 funcref)
        (func (export "grow") (result i32)
          (loop (br_if 0 (i32.ne (table.grow 0 (ref.null func) (i32.const 1)) (i32.const -1))))
          (loop (br_if 0 (i32.ne (table.grow 1 (ref.null func) (i32.const 1)) (i32.const -1))))
          (i32.add (table.size 0) (table.size 1))))
      (core instance $a (instantiate $m))
      (func (export "grow") (result u32) (canon lift (core func $a "grow"))))`,
    10,
    1000,
  );
  assert.match(factory.reason ?? '', /table\.grow/);
  assert.equal(await call('grow'), 1000);
});

test('a component has a hundred memories at most: each takes addresses of the process', async () => {
  const memories = (count: number): string =>
    `(component (core module $m (memory 0)) ${'(core instance (instantiate $m))'.repeat(count)})`;
  (await grower(memories(100), 10, 100)).factory.close();
  for (const preinitialize of [undefined, false]) {
    await assert.rejects(grower(memories(101), 10, 100, preinitialize), {
      code: 'component-over-limit',
      message: /Limit reached: memories \(100\)/,
    });
  }
});
