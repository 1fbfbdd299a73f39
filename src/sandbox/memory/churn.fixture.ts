// Makes and drops thousands of memories, and prints what the process holds before and after as JSON.
// memory-image.test.ts runs this in a process of its own with --expose-gc.

import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { processMemoryBudget } from './budget.ts';
import type { ResetStrategyName } from './imaged-memory.ts';
import { createMemoryImage } from './memory-image.ts';

const strategy = process.argv[2] as ResetStrategyName;
const rounds = Number(process.argv[3]);
const { gc } = globalThis as { gc?: () => void };

const image = createMemoryImage(new Uint8Array(4 * 65_536).fill(9), strategy);
for (let round = 0; round < 200; round++) useMemory(round);
const before = await measure();
for (let round = 0; round < rounds; round++) {
  useMemory(round);
  if (round % 20 === 0) useImage();
  if (round % 250 === 0) await collect();
}
const after = await measure();
image.close();
process.stdout.write(JSON.stringify({ before, after }));

/** Every third memory is only forgotten, as by a caller with a defect; every seventh has grown. */
function useMemory(round: number): void {
  const imaged = image.create(16);
  const bytes = new Uint8Array(imaged.memory.buffer);
  for (let at = round % 4096; at < bytes.byteLength; at += 10_000) bytes[at] = round;
  if (!imaged.reset() || imaged.firstDifference() !== undefined) throw new Error('not put back');
  if (round % 7 === 0) imaged.memory.grow(2);
  new Uint8Array(imaged.memory.buffer).fill(1);
  if (round % 3 !== 0) imaged.discard();
}

function useImage(): void {
  const other = createMemoryImage(new Uint8Array(65_536).fill(5), strategy);
  const imaged = other.create();
  other.close();
  imaged.reset();
  imaged.discard();
}

async function collect(): Promise<void> {
  for (let pass = 0; pass < 3; pass++) {
    gc?.();
    await setImmediate();
  }
}

async function measure(): Promise<Record<string, number>> {
  await collect();
  return {
    memories: processMemoryBudget().live,
    maps: readFileSync('/proc/self/maps', 'utf8').split('\n').length,
    descriptors: readdirSync('/proc/self/fd').length,
    megabytes: Math.round(process.memoryUsage.rss() / 2 ** 20),
  };
}
