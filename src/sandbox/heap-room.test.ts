// A heap has room in its image, so that requests which allocate a little do not grow their memory: for modules of Rust, whose
// allocator takes it, and for those alone. Whatever the allocator does, the component is loaded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../test/support/wat.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { prepareArtifact } from './artifact.ts';
import { createFactory } from './factory.ts';

const RUST = '(@custom "producers" "\\01\\08language\\01\\04Rust\\00")';
const C = '(@custom "producers" "\\01\\08language\\01\\03C11\\00")';

/** Allocates at the top, and gives back what is cut off there; `before` is what it does first. */
const guest = (producers: string, before = '', more = ''): string => `(component
  (core module $m ${producers} (memory (export "memory") 2)
    (global $top (mut i32) (i32.const 1024)) ${more}
    (func $alloc (param $size i32) (result i32) (local $at i32)
      (local.set $at (global.get $top))
      (global.set $top (i32.add (local.get $at) (local.get $size)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
        (drop (memory.grow (i32.add (i32.const 1) (i32.div_u (local.get $size) (i32.const 65536))))))
      (local.get $at))
    (func (export "cabi_realloc") (param $at i32) (param $old i32) (param $align i32) (param $new i32) (result i32)
      ${before}
      (if (i32.eqz (local.get $old)) (then (return (call $alloc (local.get $new)))))
      (global.set $top (i32.add (local.get $at) (local.get $new)))
      (local.get $at))
    ;; Gives the first byte of a new block, which is 0, and leaves something in all of it.
    (func (export "need") (param $size i32) (result i32) (local $at i32) (local $found i32)
      (local.set $at (call $alloc (local.get $size)))
      (local.set $found (i32.load8_u (local.get $at)))
      (memory.fill (local.get $at) (i32.const 7) (local.get $size))
      (local.get $found))
    (func (export "pages") (result i32) (memory.size)))
  (core instance $i (instantiate $m))
  (func (export "need") (param "size" u32) (result u32) (canon lift (core func $i "need")))
  (func (export "pages") (result u32) (canon lift (core func $i "pages"))))`;

/** Asks three sandboxes for a block; gives what they found, and whether they could be put back. */
async function needing(wat: string, size: number, maximumPages = 256): Promise<readonly (readonly unknown[])[]> {
  const host = new HostRegistry();
  const limits = { maximumPages, maximumTableElements: 10 };
  const artifact = await prepareArtifact(await assemble(wat), { host, ...limits, interruptible: false });
  const basics = { strategy: 'copy', verify: true, maximumPages, handleLimit: 10, extraImports: {} } as const;
  const factory = await createFactory(artifact, { ...basics, preinitialize: undefined });
  assert.equal(factory.kept, true);
  const sandbox = factory.make({ state: () => undefined });
  const answers: unknown[][] = [];
  const func = artifact.plan.exports.get('need');
  assert.ok(func?.kind === 'func');
  for (let time = 0; time < 3; time++) {
    sandbox.begin({ state: () => undefined }, undefined);
    const found = await sandbox.call(func.func, [size]);
    answers.push([found, sandbox.reset()]);
    if (!answers.at(-1)?.[1]) break;
  }
  sandbox.discard();
  factory.close();
  return answers;
}

const kept = [0, 1, 2].map(() => [0, true]);

test('what requests allocate does not grow the memory of a module of Rust', async () => {
  assert.deepEqual(await needing(guest(RUST), 300_000), kept);
  assert.deepEqual(await needing(guest(RUST), 1_000_000), kept);
});

test('more than the room grows it', async () => {
  assert.deepEqual(await needing(guest(RUST), 2_000_000), [[0, false]]);
});

test('modules of others are left as they are', async () => {
  for (const producers of ['', C]) assert.deepEqual(await needing(guest(producers), 300_000), [[0, false]]);
});

test('a small memory gets less room, or none', async () => {
  assert.deepEqual(await needing(guest(RUST), 150_000, 20), kept);
  assert.deepEqual(await needing(guest(RUST), 150_000, 5), [[0, false]]);
  assert.deepEqual(await needing(guest(RUST), 1000, 2), kept);
});

test('an allocator that fails, or gives nothing, is left alone', async () => {
  for (const before of [
    'unreachable',
    '(return (i32.const 0))',
    '(return (i32.const -1))',
    '(if (local.get $old) (then unreachable))',
    '(drop (memory.grow (i32.const 100000)))',
  ]) {
    const [first] = await needing(guest(RUST, before), 1000);
    assert.equal(first?.[0], 0, before);
  }
});
