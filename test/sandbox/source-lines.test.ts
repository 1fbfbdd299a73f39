// Traps name the line of source where a module has DWARF or a source map, whatever the rewriter put into its code.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ByteSink } from '../../src/component/rewrite/byte-sink.ts';
import { SectionId } from '../../src/component/rewrite/core-module.ts';
import { readSectionRanges } from '../../src/component/rewrite/read-sections.ts';
import { load } from '../../src/index.ts';
import { BytesFault } from '../../src/sandbox/source-lines/byte-reader.ts';
import { debugInformationOf } from '../../src/sandbox/source-lines/debug-information.ts';
import { findDwarfLines, type LineSections } from '../../src/sandbox/source-lines/dwarf-lines.ts';
import { testLog } from '../../src/telemetry/log.test-kit.ts';
import { compileSource } from '../guests/support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-source-lines-'));
after(() => rmSync(folder, { recursive: true }));

const built = new Map<string, Uint8Array>();
before(
  async () => {
    for (const flag of ['-gdwarf-4', '-gdwarf-5']) {
      const flags = ['--target=wasm32-wasip1', '-O1', flag];
      built.set(flag, await compileSource('test/guests/crash-c/crash.c', flags));
    }
  },
  { timeout: 120_000 },
);

const bytesOf = (flag: string): Uint8Array => built.get(flag) ?? assert.fail(flag);

async function trapOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${name}.wasm`);
  writeFileSync(path, bytes);
  const { log, lines } = testLog();
  const app = await load(path, { log });
  try {
    assert.equal((await app.fetch(new Request('http://localhost/'))).status, 500);
    assert.equal((await app.fetch(new Request('http://localhost/'))).status, 500);
  } finally {
    await app.close();
  }
  const [one, two] = lines.flatMap(({ fields }) => Object(fields.err).message ?? []);
  assert.equal(one, two);
  return one;
}

const wanted = 'unreachable in divide (main.c:5) < sum (main.c:14) < __original_main (main.c:21) < _start';

test('of DWARF 4 and 5', { timeout: 60_000 }, async () => {
  for (const flag of ['-gdwarf-4', '-gdwarf-5'])
    assert.equal(await trapOf(flag, bytesOf(flag)), `The guest trapped: ${wanted}`);
});

test('of a component that comes out of the cache, as long as its file is the same', { timeout: 60_000 }, async () => {
  const path = join(folder, 'cached.wasm');
  writeFileSync(path, bytesOf('-gdwarf-5'));
  const cacheDirectory = join(folder, 'cache');
  for (const round of ['prepared', 'cached', 'changed']) {
    const { log, lines } = testLog();
    const app = await load(path, { log, cacheDirectory });
    if (round === 'changed') writeFileSync(path, bytesOf('-gdwarf-4'));
    await app.fetch(new Request('http://localhost/'));
    await app.close();
    assert.equal(
      lines.some(({ fields }) => fields.event === 'cache-used'),
      round !== 'prepared',
    );
    const { message } = Object(lines.find(({ fields }) => fields.err)?.fields.err);
    assert.equal(message.includes('main.c:5'), round !== 'changed', `${round}: ${message}`);
  }
});

/** The module without its debug sections, and with the name of a source map. */
function withMap(bytes: Uint8Array, url: string): Uint8Array {
  const sink = new ByteSink(bytes.length);
  sink.copy(bytes, 0, 8);
  for (const { id, header, end, name } of readSectionRanges(bytes)) {
    if (id !== SectionId.custom || name === 'name') sink.copy(bytes, header, end);
  }
  const start = sink.beginSection(SectionId.custom);
  sink.name('sourceMappingURL');
  sink.name(url);
  sink.endSized(start);
  return sink.result();
}

test('of a source map beside the component, and of one within it', { timeout: 60_000 }, async () => {
  // All of the code is line 8 of one file.
  const map = JSON.stringify({ version: 3, sources: ['index.ts'], mappings: 'AAOA' });
  writeFileSync(join(folder, 'app.map'), map);
  const bytes = bytesOf('-gdwarf-4');
  const all = 'divide (index.ts:8) < sum (index.ts:8) < __original_main (index.ts:8) < _start (index.ts:8)';
  assert.equal(await trapOf('map', withMap(bytes, './app.map')), `The guest trapped: unreachable in ${all}`);
  const inline = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
  assert.equal(await trapOf('inline', withMap(bytes, inline)), `The guest trapped: unreachable in ${all}`);
});

test('a map anywhere else is not read', { timeout: 60_000 }, async () => {
  const bytes = bytesOf('-gdwarf-4');
  writeFileSync(join(folder, 'secret.json'), '{"version":3,"sources":["x"],"mappings":"AAAA"}');
  for (const url of ['../app.map', '/etc/passwd', 'secret.json', 'http://localhost/a.map', 'a/app.map', 'none.map']) {
    assert.doesNotMatch(await trapOf('elsewhere', withMap(bytes, url)), /:\d/, url);
  }
});

function sectionsOf(flag: string): LineSections {
  return debugInformationOf(bytesOf(flag))?.dwarf ?? assert.fail('no DWARF');
}

test('lines are those that the compiler wrote, from address to address', () => {
  for (const flag of ['-gdwarf-4', '-gdwarf-5']) {
    const sections = sectionsOf(flag);
    const addresses = Array.from({ length: 3000 }, (_, at) => at);
    const mine = [...findDwarfLines(sections, addresses).values()].filter(({ file }) => file === 'main.c');
    assert.ok(mine.length > 50, `${mine.length} addresses`);
    assert.deepEqual(
      mine.filter(({ line }) => line < 4 || line > 23),
      [],
      flag,
    );
  }
});

test('hostile DWARF costs no more than a budget, and breaks nothing', { timeout: 60_000 }, () => {
  const { lines, ...texts } = sectionsOf('-gdwarf-5');
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  for (let round = 0; round < 2000; round++) {
    const changed = lines.slice(0, 1 + random(lines.length));
    for (let left = random(8); left >= 0; left--) changed[random(changed.length)] = random(256);
    try {
      findDwarfLines({ lines: changed, ...texts }, [10, 100, 1000]);
    } catch (error) {
      assert.ok(error instanceof BytesFault, String(error));
    }
  }
  // A unit of 32 MiB whose program only adds to its line, and never comes to an end of its own.
  const endless = new Uint8Array(32 * 1024 * 1024).fill(0x14);
  new DataView(endless.buffer).setUint32(0, endless.length - 4, true);
  endless.set([4, 0, 20, 0, 0, 0, 1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0], 4);
  const start = performance.now();
  findDwarfLines({ lines: endless, lineTexts: undefined, texts: undefined }, [4]);
  assert.ok(performance.now() - start < 5000, `${performance.now() - start} ms`);
});
