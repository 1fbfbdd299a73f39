// Looks for modules on which V8 ends the process: `node test/hostile/fuzz-v8.ts [minutes] [first seed] [wasm-opt]`.
// Child processes make random modules, read, rewrite, compile, instantiate and call them, as loading a component does.
// With the path of Binaryen's wasm-opt every fourth module is one that its fuzzer makes.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Counts {
  modules: number;
  refused: number;
  invalid: number;
  ran: number;
}

const [minutes = '15', firstSeed = '1', wasmOpt = ''] = process.argv.slice(2);
const BATCH = 40;
/** A child that says nothing for so long hangs, which is a finding, too. */
const SILENCE_MS = 60_000;
/** As the product runs, and with other compilers, so that each sees the modules. */
const engineFlags = [[], [], ['--no-liftoff'], ['--no-wasm-lazy-compilation']];

const folder = mkdtempSync(join(tmpdir(), 'mayfly-fuzz-'));
const total: Counts = { modules: 0, refused: 0, invalid: 0, ran: 0 };
const findings: string[] = [];
const until = Date.now() + Number(minutes) * 60_000;

for (let seed = Number(firstSeed); Date.now() < until; seed += BATCH) {
  const flags = engineFlags[((seed / BATCH) % engineFlags.length) | 0] ?? [];
  const last = await runBatch(seed, seed + BATCH, flags);
  // What a finding leaves of the batch is run by itself.
  for (let next = last; next !== undefined && next + 1 < seed + BATCH; ) {
    next = await runBatch(next + 1, seed + BATCH, flags);
  }
}
const { modules, refused, invalid, ran } = total;
console.log(
  `${modules} modules: ${refused} refused by Mayfly, ${invalid} by V8, ${ran} ran; ${findings.length} findings`,
);
for (const finding of findings) console.log(finding);
process.exit(findings.length > 0 ? 1 : 0);

/** The seed on which the child ended, if it did not come to its own end. */
async function runBatch(from: number, to: number, flags: readonly string[]): Promise<number | undefined> {
  const script = join(import.meta.dirname, 'fuzz-v8-child.ts');
  const args = [...flags, '--no-warnings', '--max-old-space-size=600', script, `${from}`, `${to}`, folder, wasmOpt];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  let silence = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
    clearTimeout(silence);
    silence = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk).slice(-4000);
  });
  const ended = await new Promise<string>((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? String(code))),
  );
  clearTimeout(silence);
  const lines = output.trim().split('\n');
  for (const line of lines) count(line);
  if (ended === '0') return undefined;
  const seed = Number(/^seed (\d+)/.exec(lines.findLast((line) => line.startsWith('seed ')) ?? '')?.[1] ?? to);
  const reason = /(Fatal|FATAL|Check failed|Debug check|RangeError|Error)[^\n]*(\n[^\n]*)?/.exec(errors)?.[0] ?? '';
  findings.push(
    `seed ${seed} with "${flags.join(' ')}" ended with ${ended}: ${reason.replace(/\s+/g, ' ')}; ${folder}/${seed}.wasm`,
  );
  console.log(findings.at(-1));
  return seed;
}

function count(line: string): void {
  const [, outcome] = /^done (\w+)/.exec(line) ?? [];
  if (outcome === undefined) return;
  total.modules++;
  if (outcome === 'refused' || outcome === 'invalid' || outcome === 'ran') total[outcome]++;
}
