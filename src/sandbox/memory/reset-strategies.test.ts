// The first reset strategy that works is chosen, a forced one that cannot work is refused, each with its reason.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { test } from 'node:test';
import type { ResetStrategyName } from './imaged-memory.ts';
import { processLibc } from './kernel.ts';
import { createMemoryImage } from './memory-image.ts';
import { describeResetStrategies, detectResetStrategies } from './reset-strategies.ts';
import { tryMadvise, tryScan } from './trial.ts';

const module = new URL('./reset-strategies.ts', import.meta.url).href;
const imageModule = new URL('./memory-image.ts', import.meta.url).href;

test('copy works everywhere, and auto takes the first that works', () => {
  const { available, chosen } = detectResetStrategies();
  assert.deepEqual(
    available.map(({ name }) => name),
    ['scan', 'madvise', 'copy'],
  );
  assert.equal(available.at(-1)?.available, true);
  assert.equal(chosen, available.find((one) => one.available)?.name);
});

test('what can be forced can be used', () => {
  for (const { name, available } of detectResetStrategies().available) {
    if (!available) continue;
    assert.equal(detectResetStrategies(name).chosen, name);
    assert.equal(createMemoryImage(new Uint8Array(65_536), name).create().reset(), true);
  }
});

test('an unknown name is an error that lists the known ones', () => {
  const unknown = 'teleport' as ResetStrategyName;
  assert.throws(() => detectResetStrategies(unknown), { code: 'reset-unavailable', message: /scan, madvise, copy/ });
});

test('the description marks the one in use', () => {
  const lines = describeResetStrategies('copy');
  assert.equal(lines.length, 3);
  assert.match(lines[2]!, /^copy +in use/);
  assert.ok(lines.slice(0, 2).every((line) => !line.includes('in use')));
});

for (const [name, flags] of [
  ['a Node without node:ffi', ['--no-experimental-ffi']],
  ['a Node that may not use node:ffi', ['--permission', '--allow-fs-read=*']],
] as const) {
  test(`${name} copies, says why, and refuses to be forced`, () => {
    const script = `
      import { detectResetStrategies } from '${module}';
      import { createMemoryImage } from '${imageModule}';
      const { available, chosen } = detectResetStrategies();
      const codes = [];
      for (const work of [() => detectResetStrategies('scan'), () => createMemoryImage(new Uint8Array(65536), 'madvise')]) {
        try { work(); codes.push('none'); } catch (error) { codes.push(error.code); }
      }
      console.log(JSON.stringify({ available, chosen, codes }));`;
    const command = ['--no-warnings', ...flags, '--input-type=module', '-e', script];
    const { available, chosen, codes } = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }));
    assert.equal(chosen, 'copy');
    assert.match(available[0].reason, /node:ffi|Linux|x64/);
    assert.deepEqual(codes, ['reset-unavailable', 'reset-unavailable']);
  });
}

test('trying the strategies prints no warning', () => {
  const script = `import { describeResetStrategies } from '${module}'; describeResetStrategies();`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.equal(stderr, '');
});

const libc = processLibc();
const [major = 0, minor = 0] = release().split('.').map(Number);
const isOld = major < 6 || (major === 6 && minor < 7);

test('on a kernel that has them, only what the system refuses keeps a process from the mapped strategies', {
  skip: typeof libc === 'string' ? libc : isOld && `Linux ${release()}`,
}, () => {
  assert.equal(tryMadvise(), undefined);
  assert.match(tryScan('file') ?? '', /^(it cannot open .*)?$/);
  assert.match(tryScan('marks') ?? '', /^(it cannot open .*|userfaultfd is refused .*)?$/);
});
