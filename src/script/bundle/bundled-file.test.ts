// A bundle that is kept as a file is the same when it is read again; what is none is told as one.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { formatBundled, readBundled } from './bundled-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-bundled-'));
after(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'program.js');
  writeFileSync(path, text);
  return path;
}

test('the text and the map come back, with the names that the sources were given', async () => {
  const map = { sources: ['/home/me/app/src/a.ts', null], sourcesContent: ['a', null], mappings: 'AAAA' };
  // A text may speak of source maps itself.
  const code = 'const text = "\\n//# sourceMappingURL=data:application/json;base64,e30=";\nrun(text);';
  const text = formatBundled(code, map, (source) => source.replace('/home/me/app/', ''));
  assert.doesNotMatch(Buffer.from(text.split('base64,').at(-1) ?? '', 'base64').toString(), /home/);
  const read = await readBundled(file(text));
  assert.equal(read.code, code);
  assert.deepEqual({ ...read.map }, { version: 3, ...map, sources: ['src/a.ts', null] });
});

test('a file that is no bundle says so', async () => {
  const mark = '\n//# sourceMappingURL=data:application/json;base64,';
  for (const text of [
    '',
    'run();',
    `run();${mark}`,
    `run();${mark}e30=`,
    `run();${mark}${btoa('{"sources":1,"mappings":""}')}`,
  ]) {
    await assert.rejects(readBundled(file(text)), { code: 'script-invalid', message: /is no bundled program/ }, text);
  }
  await assert.rejects(readBundled(join(folder, 'none.js')), { code: 'script-invalid' });
});
