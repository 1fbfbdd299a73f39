// What guests print, and what they are called, reaches terminals and logs as text of a bounded size, and nothing else.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { load } from '../../src/index.ts';
import { type Served, up } from '../support/up.ts';
import { assemble } from '../support/wat.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-hostile-log-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const printed = '\x1b[2J\x1b]0;title\x07red\x7f\u009b31m\u202e!\rerror: a line of somebody else\nnext\r\ntab\tend\n';
/** Nothing that a terminal takes for more than text. */
const controls = /(?![\t\n])[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;

function escaped(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** The module with a name section that gives its functions these names, the first one those of index `from`. */
function named(module: Uint8Array, from: number, names: readonly string[]): Uint8Array {
  const entries = names.map((name, index) => {
    const text = Buffer.from(name);
    return Buffer.concat([Buffer.from([...leb(from + index), ...leb(text.length)]), text]);
  });
  const map = Buffer.concat([Buffer.from(leb(names.length)), ...entries]);
  const section = Buffer.concat([Buffer.from('\x04name\x01'), Buffer.from(leb(map.length)), map]);
  return Buffer.concat([module, Buffer.from([0, ...leb(section.length)]), section]);
}

const nul = (text: string): Buffer => Buffer.from(text);

/** Prints to stderr, answers on stdout. */
async function printing(text: string): Promise<Uint8Array> {
  const answer = nul('content-type: text/plain\n\nhi');
  const bytes = nul(text);
  return assemble(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 4)
    (data (i32.const 256) "${escaped(answer)}")
    (data (i32.const 1024) "${escaped(bytes)}")
    (func $out (param $fd i32) (param $at i32) (param $length i32)
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $length))
      (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 16))))
    (func (export "_start")
      (call $out (i32.const 2) (i32.const 1024) (i32.const ${bytes.length}))
      (call $out (i32.const 1) (i32.const 256) (i32.const ${answer.length}))))`);
}

/** Traps below functions with names of 99 KB, which hold what would keep a careless expression busy. */
async function trapping(): Promise<Uint8Array> {
  const calls = Array.from({ length: 13 }, (_, index) => `(func (call ${index + 1}))`);
  const module = await assemble(`(module ${calls.join('')} (func unreachable) (memory (export "memory") 1)
    (export "_start" (func 0)))`);
  const parts = ['\x1b[31m evil\r', '\n    at a (wasm://', ' (wasm://x', '_RNvC', '_ZN9', '\u202e'];
  const names = Array.from({ length: 14 }, (_, index) =>
    (parts[index % parts.length] as string).repeat(100_000).slice(0, 30_000),
  );
  return named(module, 0, names);
}

before(async () => {
  writeFileSync(join(folder, 'ansi.wasm'), await printing(printed));
  writeFileSync(join(folder, 'many.wasm'), await printing('a line\n'.repeat(2000)));
  writeFileSync(join(folder, 'big.wasm'), await trapping());
  mkdirSync(join(folder, 'rw'));
  writeFileSync(join(folder, 'rw/victim.txt'), 'untouched');
  const ids = ['ansi', 'many', 'big'];
  const tables = ids.map(
    (id) => `[[trigger.http]]\nroute = "/${id}"\ncomponent = "${id}"\n[component.${id}]\nsource = "${id}.wasm"\n`,
  );
  writeFileSync(join(folder, 'spin.toml'), `spin_manifest_version = 2\napplication.name = "log"\n${tables.join('')}`);
});

async function withApp(args: readonly string[], run: (served: Served) => Promise<void>): Promise<void> {
  const served = await up(['-f', folder, ...args]);
  try {
    await run(served);
  } finally {
    served.process.kill('SIGKILL');
  }
}

const ask = (served: Served, path: string): Promise<Response> =>
  fetch(served.url + path, { signal: AbortSignal.timeout(20_000) });

test('what a guest prints moves no cursor and passes for no line of the log', async () => {
  await withApp(['--log-dir', join(folder, 'logs')], async (served) => {
    assert.equal(await (await ask(served, '/ansi')).text(), 'hi');
    await served.printed(/tab\tend/);
    assert.doesNotMatch(served.output(), controls);
    assert.match(served.output(), /^ansi \| ␛\[2J␛\]0;title␇red␡\\u009b31m\\u202e!␍error: a line of somebody else$/m);
    assert.match(served.output(), /^ansi \| next\nansi \| tab\tend$/m);
    // A file holds what was printed.
    assert.ok(readFileSync(join(folder, 'logs/ansi_stderr.txt'), 'utf8').startsWith('\x1b[2J'));
  });
});

test('a trap takes a few lines of the log, whatever functions are called', async () => {
  for (const args of [[], ['--verbose']]) {
    await withApp(args, async (served) => {
      const before = served.output().length;
      const start = performance.now();
      assert.equal((await ask(served, '/big')).status, 500);
      const took = performance.now() - start;
      await served.printed(/trapped: unreachable/);
      await sleep(100);
      const text = served.output().slice(before);
      assert.ok(text.length < 20_000, `${text.length} characters`);
      assert.doesNotMatch(text, controls);
      assert.ok(took < 5000, `${took} ms`);
    });
  }
});

test('a log of the embedder gets the same, as JSON', async () => {
  const lines: string[] = [];
  const app = await load(folder, { log: pino({ base: null }, { write: (line) => void lines.push(line) }) });
  try {
    await (await app.fetch(new Request('http://localhost/ansi'))).text();
    assert.equal((await app.fetch(new Request('http://localhost/big'))).status, 500);
  } finally {
    await app.close();
  }
  const text = lines.join('');
  assert.match(text, /red/);
  assert.match(text, /trapped: unreachable/);
  assert.ok(text.length < 30_000, `${text.length} characters`);
  for (const line of lines) {
    assert.doesNotMatch(line, controls);
    const { msg, err } = JSON.parse(line) as { msg: string; err?: { message: string; stack: string } };
    for (const part of [msg, err?.message ?? '', err?.stack ?? '']) assert.doesNotMatch(part, controls);
    assert.doesNotMatch(msg, /\n/);
  }
});

for (const args of [[], ['--workers', '1']]) {
  test(`the server goes on when nobody reads what it prints: ${args.join(' ') || 'one process'}`, async () => {
    await withApp(args, async (served) => {
      served.process.stdout?.destroy();
      served.process.stderr?.destroy();
      for (let round = 0; round < 5; round++) {
        for (const path of ['/many', '/ansi']) assert.equal(await (await ask(served, path)).text(), 'hi', path);
        assert.equal((await ask(served, '/big')).status, 500);
        await sleep(20);
      }
      assert.equal(served.process.exitCode, null);
      assert.equal(await served.stop(), 0);
    });
  });
}

test('a log folder that a guest may write leads the log nowhere else', async () => {
  const logs = join(folder, 'rw');
  symlinkSync('victim.txt', join(logs, 'ansi_stderr.txt'));
  mkdirSync(join(logs, 'many_stderr.txt'));
  await withApp(['--log-dir', logs], async (served) => {
    for (let round = 0; round < 2; round++) {
      for (const path of ['/many', '/ansi']) assert.equal(await (await ask(served, path)).text(), 'hi', path);
    }
    await served.printed(/Cannot write ansi_stderr\.txt/);
    await served.printed(/Cannot write many_stderr\.txt/);
    assert.equal(served.output().match(/Cannot write/g)?.length, 2);
  });
  assert.equal(readFileSync(join(logs, 'victim.txt'), 'utf8'), 'untouched');
  assert.deepEqual(readdirSync(join(logs, 'many_stderr.txt')), []);
});
