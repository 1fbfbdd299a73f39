// `load-mutated.ts <seed> <count>`: changes bytes of guests, loads each as an app, and asks it once when it loads. Prints
// a line before each (`next …`) and what came of it: refused, answered <status>, or wrong with the reason.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MayflyError } from '../../../src/errors.ts';
import { load } from '../../../src/library/load.ts';
import { guestPath } from '../../guests/build.ts';
import { type Random, seeded } from '../../support/random.ts';

const [seed = '1', count = '10'] = process.argv.slice(2);
/** Small ones: most of their bytes mean something. */
const originals = ['hello-c', 'composed-c', 'resources-c', 'echo-p3', 'cgi-c', 'wide-c'];
/** Loading takes milliseconds; what takes so long does not end. */
const PATIENCE_MS = 10_000;
const random = seeded(Number(seed));
const folder = mkdtempSync(join(tmpdir(), 'mayfly-mutated-'));
const file = join(folder, 'app.wasm');
const bytesOf = new Map<string, Uint8Array>();
for (const name of originals) bytesOf.set(name, readFileSync(await guestPath(name)));

for (let turn = 0; turn < Number(count); turn++) {
  const name = random.pick(originals);
  console.log(`next ${name} ${turn}`);
  const bytes = changed(bytesOf.get(name) as Uint8Array, random);
  writeFileSync(file, bytes);
  console.log(await outcome());
}
rmSync(folder, { recursive: true });
process.exit();

async function outcome(): Promise<string> {
  const start = performance.now();
  const result = await tryOut();
  const ms = performance.now() - start;
  return ms > PATIENCE_MS ? `wrong it took ${Math.round(ms)} ms: ${result}` : result;
}

async function tryOut(): Promise<string> {
  try {
    const app = await load(file);
    try {
      const response = await app.fetch(new Request('http://localhost/'));
      await response.text().catch(() => {});
      return `answered ${response.status}`;
    } finally {
      await app.close();
    }
  } catch (error) {
    if (error instanceof MayflyError && error.code !== 'internal') return `refused ${error.code}`;
    return `wrong ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' | ') : error}`;
  }
}

/** Some bytes flipped, a piece cut out, doubled or moved, or a number made large: one to four of these. */
function changed(original: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(original);
  for (let turn = 0; turn <= random.int(4); turn++) bytes = changedOnce(bytes, random);
  return bytes;
}

function changedOnce(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.int(bytes.length);
  const length = 1 + random.int(16);
  // Bytes changed in place more often than all else: only so do the sizes of sections stay right.
  switch (Math.max(0, random.int(10) - 4)) {
    case 0:
      return random.once(2) ? bytes.with(at, random.int(256)) : bytes.with(at, (bytes[at] ?? 0) ^ (1 << random.int(8)));
    case 1:
    case 2:
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case 3:
      return joined(bytes.subarray(0, at + length), bytes.subarray(at));
    case 4:
      return joined(bytes.subarray(0, at), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f), bytes.subarray(at + 1));
    default: {
      const from = random.int(bytes.length);
      return joined(bytes.subarray(0, at), bytes.subarray(from, from + length), bytes.subarray(at + length));
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
