// A module for debuggers has one map of its lines, at the offsets that its code has now.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ByteSink } from '../../component/rewrite/byte-sink.ts';
import { SectionId } from '../../component/rewrite/core-module.ts';
import { readCoreModule } from '../../component/rewrite/read-core-module.ts';
import { readSectionRanges } from '../../component/rewrite/read-sections.ts';
import { rewriteCoreModule } from '../../component/rewrite/rewrite-core-module.ts';
import { debugInformationOf } from './debug-information.ts';
import { type DebugSources, withSourceMap } from './debug-module.ts';
import { findMappedLines } from './source-map.ts';

const plain = readFileSync('test/guests/built/cgi-c.wasm');

function withCustom(name: string, text: string): Uint8Array<ArrayBuffer> {
  const sink = new ByteSink(plain.length + text.length + 100);
  sink.copy(plain);
  const start = sink.beginSection(SectionId.custom);
  sink.name(name);
  sink.name(text);
  sink.endSized(start);
  return sink.result();
}

const sources = (map: string): DebugSources => ({
  find: (path) => ({ url: `file:///src/${path}`, text: `text of ${path}` }),
  readMap: (url) => (url === 'a.map' ? map : undefined),
});

function rewritten(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return rewriteCoreModule(bytes, readCoreModule(bytes), { importMemories: 'm', exportInternals: 'x:', image: true });
}

const codeStart = (bytes: Uint8Array): number =>
  readSectionRanges(bytes).find(({ id }) => id === SectionId.code)!.start;

test('a map moves along with the code, and takes the place of its name', () => {
  const original = withCustom('sourceMappingURL', 'a.map');
  const written = rewritten(original);
  const moved = codeStart(written) - codeStart(original);
  assert.notEqual(moved, 0);
  // Line 5 of one file, from byte 0 on.
  const map = JSON.stringify({ version: 3, sources: ['in.ts'], mappings: 'AAIA' });
  const made = withSourceMap(original, written, sources(map));
  const maps = readSectionRanges(made).filter(({ name }) => name === 'sourceMappingURL');
  assert.equal(maps.length, 1);
  const url = debugInformationOf(made)?.mapUrl ?? '';
  const json = Buffer.from(url.split(',')[1] ?? '', 'base64').toString();
  assert.deepEqual(JSON.parse(json).sources, ['file:///src/in.ts']);
  assert.deepEqual(JSON.parse(json).sourcesContent, ['text of in.ts']);
  assert.deepEqual(findMappedLines(json, [moved - 1]).size, moved > 0 ? 0 : 1);
  assert.equal(findMappedLines(json, [moved]).get(moved)?.line, 5);
  assert.ok(WebAssembly.validate(made));
});

test('a module without lines, or whose code was changed, stays as it is', () => {
  const none = rewritten(plain);
  assert.equal(withSourceMap(plain, none, sources('')), none);
  const original = withCustom('sourceMappingURL', 'a.map');
  for (const map of ['', '{', '{"version":2}', '{"version":3,"mappings":5}']) {
    const written = rewritten(original);
    assert.equal(withSourceMap(original, written, sources(map)), written, map);
  }
  const interrupt = { module: 'i', name: 'flag', pollAddress: undefined };
  const checked = rewriteCoreModule(original, readCoreModule(original), { importMemories: 'm', interrupt });
  assert.equal(withSourceMap(original, checked, sources('{}')), checked);
});

test('what is no DWARF gives no map', () => {
  const original = withCustom('.debug_line', '\xff\xff\xff\x7f');
  const written = rewritten(original);
  assert.equal(withSourceMap(original, written, sources('')), written);
});
