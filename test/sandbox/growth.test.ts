// A program whose memory grows in each request gets its sandbox back: it finds sizes, zeros and traps as in a memory of its own,
// nothing of the request before, and the host reads and writes no byte beyond the size that the guest knows.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryView } from '../../src/component/abi/memory.ts';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { load } from '../../src/library/load.ts';
import { prepareArtifact } from '../../src/sandbox/artifact.ts';
import { createFactory, type SandboxFactory } from '../../src/sandbox/factory.ts';
import { canPoll } from '../../src/sandbox/interrupt/poll-pages.ts';
import type { ResetStrategyName } from '../../src/sandbox/memory/imaged-memory.ts';
import { preferTracking } from '../../src/sandbox/memory/kernel.ts';
import { detectResetStrategies } from '../../src/sandbox/memory/reset-strategies.ts';
import { tryScan } from '../../src/sandbox/memory/trial.ts';
import type { WriteTracking } from '../../src/sandbox/memory/written-pages.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { testLog } from '../../src/telemetry/log.test-kit.ts';
import { seeded } from '../support/random.ts';
import { assemble } from '../support/wat.ts';

const PAGE = 65_536;
const INITIAL = 2;
const MAXIMUM = 6;

const guest = `(module (memory (export "memory") ${INITIAL} 100) (data (i32.const 100) "image")
  (func (export "_start"))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "load64") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "loadFar") (param i32) (result i32) (i32.load offset=${PAGE} (local.get 0)))
  (func (export "vector") (param i32) (result i64) (i64x2.extract_lane 1 (v128.load (local.get 0))))
  (func (export "store8") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "store64") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "loops") (param i32 i32) (result i32)
    (loop (drop (memory.size)) (memory.fill (local.get 0) (local.get 1) (i32.const 3))
      (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1))))) (memory.size)))`;

type Exports = Readonly<Record<string, (...args: readonly (number | bigint)[]) => unknown>>;

const strategies = detectResetStrategies().available.filter(({ available }) => available);
const mapped = strategies.filter(({ name }) => name !== 'copy');
/** With the ways of finding out which pages were written. */
const ways: readonly { readonly name: ResetStrategyName; readonly tracking: WriteTracking }[] = [
  ...mapped.map(({ name }) => ({ name, tracking: 'marks' as const })),
  ...(tryScan('file') === undefined ? [{ name: 'scan', tracking: 'file' } as const] : []),
];
const skip = mapped.length === 0 || !canPoll() ? 'nothing can be mapped here' : false;

interface GuestOptions {
  readonly text?: string;
  readonly tracking?: WriteTracking;
  readonly maximumPages?: number;
}

async function factoryOf(
  strategy: ResetStrategyName,
  { text = guest, tracking = 'marks', maximumPages = MAXIMUM }: GuestOptions = {},
): Promise<SandboxFactory> {
  const limits = { maximumPages, maximumTableElements: 10, interruptible: false };
  const artifact = await prepareArtifact(await assemble(text), { host: new HostRegistry(), ...limits });
  const basics = { strategy, verify: true, maximumPages, handleLimit: 10, extraImports: {} } as const;
  preferTracking(tracking);
  try {
    return await createFactory(artifact, { ...basics, preinitialize: undefined });
  } finally {
    preferTracking('marks');
  }
}

const make = (factory: SandboxFactory): Sandbox => factory.make({ state: () => undefined });
const exportsOf = (sandbox: Sandbox): Exports => sandbox.instance.core[0] as unknown as Exports;
const memoryOf = (exports: Exports): WebAssembly.Memory => exports.memory as unknown as WebAssembly.Memory;

/** What a call gives, or the message of its trap. */
function outcome(exports: Exports, name: string, args: readonly (number | bigint)[]): unknown {
  try {
    return exports[name]?.(...args);
  } catch (error) {
    assert.ok(error instanceof WebAssembly.RuntimeError, String(error));
    return error.message;
  }
}

/** The same guest in a memory that grows as the engine lets it. */
async function plain(): Promise<Exports> {
  const bytes = (await assemble(guest.replace(`${INITIAL} 100`, `${INITIAL} ${MAXIMUM}`))) as Uint8Array<ArrayBuffer>;
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Exports;
}

for (const { name: strategy } of strategies) {
  test(`random calls do the same as in a memory of their own, request after request, by ${strategy}`, async () => {
    const factory = await factoryOf(strategy);
    let sandbox = make(factory);
    let [traps, grown] = [0, 0];
    for (let request = 1; request <= 60; request++) {
      const random = seeded(request);
      const [own, other] = [await plain(), exportsOf(sandbox)];
      const address = (): number =>
        random.pick([0, INITIAL, INITIAL + 1, MAXIMUM - 1, MAXIMUM, 65_535]) * PAGE + random.int(40) - 20;
      const length = (): number => random.pick([0, 1, 20, PAGE, 3 * PAGE, -1]) + random.int(3);
      for (let step = 0; step < 60; step++) {
        const calls: readonly (readonly [string, ...(number | bigint)[]])[] = [
          ['size'],
          ['grow', random.pick([0, 1, 1, 2, MAXIMUM, -1])],
          ...['load8', 'load64', 'loadFar', 'vector'].map((name) => [name, address()] as const),
          ['store8', address(), random.int(256)],
          ['store64', address(), random.bits64()],
          ['copy', address(), address(), length()],
          ['fill', address(), random.int(256), length()],
          ['loops', address(), 1 + random.int(20)],
        ];
        const [name, ...args] = random.pick(calls);
        const expected = outcome(own, name, args);
        assert.deepEqual(outcome(other, name, args), expected, `request ${request}, step ${step}: ${name}(${args})`);
        if (typeof expected === 'string') traps++;
      }
      const size = Number(outcome(own, 'size', []));
      if (size > INITIAL) grown++;
      assert.equal(sandbox.memoryBytes, size * PAGE);
      const view = new MemoryView(memoryOf(other));
      assert.ok(Buffer.from(view.bytes).equals(Buffer.from(memoryOf(own).buffer)), `memory of request ${request}`);
      const isBack = sandbox.reset();
      assert.equal(isBack, (strategy !== 'copy' && canPoll()) || size === INITIAL);
      if (isBack) assert.equal(sandbox.memoryBytes, INITIAL * PAGE);
      else {
        sandbox.discard();
        sandbox = make(factory);
      }
    }
    assert.ok(traps > 100 && grown > 30, `${traps} traps, ${grown} requests that grew`);
    factory.close();
  });
}

for (const { name: strategy, tracking } of ways) {
  const by = strategy === 'scan' ? `${strategy} with ${tracking}` : strategy;

  test(`what was beyond the image is zero or out of reach in the next request, by ${by}`, { skip }, async () => {
    const factory = await factoryOf(strategy, { tracking });
    let sandbox = make(factory);
    for (let request = 0; request < 40; request++) {
      const guest = exportsOf(sandbox);
      const end = INITIAL * PAGE;
      for (const [name, ...args] of [
        ['load8', end],
        ['load64', end - 7],
        ['vector', end - 15],
        ['loadFar', end - PAGE],
        ['store8', end, 1],
        ['store64', end - 1, 1n],
        ['copy', 0, end - 1, 2],
        ['copy', end - 1, 0, 2],
        ['fill', end - 1, 1, 2],
      ] as const) {
        assert.equal(outcome(guest, name, args), 'memory access out of bounds', `${name}, request ${request}`);
      }
      assert.equal(outcome(guest, 'load8', [100]), 'i'.charCodeAt(0));
      const added = 1 + (request % (MAXIMUM - INITIAL));
      assert.equal(outcome(guest, 'grow', [added]), INITIAL);
      const view = new MemoryView(memoryOf(guest));
      assert.equal(view.bytes.length, end + added * PAGE);
      assert.ok(Buffer.alloc(added * PAGE).equals(view.bytes.subarray(end)), `secrets in request ${request}`);
      outcome(guest, 'fill', [100, 0xee, end + added * PAGE - 100]);
      assert.equal(view.bytes.at(-1), 0xee);
      assert.equal(outcome(guest, 'load8', [end + added * PAGE]), 'memory access out of bounds');
      // By way of the sandbox and by way of its memories alone, which another sandbox then gets.
      if (request % 3 !== 0) assert.equal(sandbox.reset(), true);
      else {
        sandbox.discard();
        sandbox = make(factory);
      }
      assert.ok(view.bytes.length <= end, 'the host sees no more than the guest');
    }
    factory.close();
  });

  test(`a memory of which more is written than is kept is empty, too, by ${by}`, { skip }, async () => {
    const factory = await factoryOf(strategy, { tracking, maximumPages: 200 });
    const sandbox = make(factory);
    for (const pages of [90, 10, 98]) {
      const guest = exportsOf(sandbox);
      assert.equal(outcome(guest, 'grow', [pages]), INITIAL);
      const view = new MemoryView(memoryOf(guest));
      assert.ok(view.bytes.subarray(INITIAL * PAGE).every((byte) => byte === 0));
      outcome(guest, 'fill', [INITIAL * PAGE, 1, pages * PAGE]);
      assert.equal(sandbox.reset(), true);
    }
    assert.equal(outcome(exportsOf(sandbox), 'grow', [99]), -1, 'its own maximum counts');
    factory.close();
  });

  test(`a discarded sandbox does not grow, and shows nothing, by ${by}`, { skip }, async () => {
    const factory = await factoryOf(strategy, { tracking });
    const sandbox = make(factory);
    const guest = exportsOf(sandbox);
    const view = new MemoryView(memoryOf(guest));
    assert.equal(outcome(guest, 'grow', [1]), INITIAL);
    sandbox.discard(true);
    assert.equal(outcome(guest, 'grow', [1]), -1);
    view.refresh();
    assert.equal(view.bytes.length, 0);
    factory.close();
  });
}

test('a module that the engine compares with the size itself keeps what the engine does', { skip }, async () => {
  const atomic = guest.replace(
    '(func (export "_start"))',
    '(func (export "_start")) (func (export "atomic") (param i32) (result i32) (i32.atomic.load (local.get 0)))',
  );
  const factory = await factoryOf(mapped[0]!.name, { text: atomic });
  const sandbox = make(factory);
  assert.equal(outcome(exportsOf(sandbox), 'grow', [1]), INITIAL);
  assert.equal(outcome(exportsOf(sandbox), 'atomic', [INITIAL * PAGE]), 0);
  assert.equal(sandbox.reset(), false);
  factory.close();
});

/** Grows, and prints what lies there, from an address that the length of the body chooses. */
const printer = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 64) "content-type: text/plain\\0a\\0agrown")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 256)) (i32.store (i32.const 4) (i32.const 100))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (memory.grow (i32.const 1)))
    (memory.copy (i32.const ${PAGE + 100}) (i32.const 64) (i32.const 31))
    (i32.store (i32.const 0) (i32.add (i32.const ${PAGE + 100}) (i32.mul (i32.load (i32.const 8)) (i32.const 8000))))
    (i32.store (i32.const 4) (i32.const 31))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

test('pointers into what has grown are the guest’s, and those beyond end it without harm to the host', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-growth-'));
  const file = join(folder, 'printer.wasm');
  await writeFile(file, await assemble(printer));
  const app = await load(file, { log: testLog().log, verifyResets: true });
  try {
    for (let round = 0; round < 12; round++) {
      const good = await app.fetch(new Request('http://localhost/', { method: 'POST' }));
      assert.equal(await good.text(), 'grown');
      const bad = await app.fetch(new Request('http://localhost/', { method: 'POST', body: 'x'.repeat(9 + round) }));
      assert.equal(bad.status, 500);
    }
  } finally {
    await app.close();
    await rm(folder, { recursive: true });
  }
});
