// Files of recordings: what is written is read, and what is cut off, altered or made to hurt is refused with its line.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { MayflyError } from '../errors.ts';
import { parseRecording, readRecording } from './read-recording.ts';

const head = {
  format: 'mayfly-recording',
  version: 1,
  mayfly: '0.1.0',
  at: '2026-11-28T00:00:00.000Z',
  requestId: 'id',
  app: { name: 'app', origin: '/app/spin.toml' },
  component: {
    id: 'c',
    middleware: [],
    digest: 'd',
    limits: { memoryBytes: 1, tableElements: 1, handles: 1 },
  },
  request: { method: 'GET', scheme: 'http', authority: 'a', target: '/', headers: [['a', 'b']] },
};
const events = [
  { n: 1, call: 'a:b/c#d', params: [], result: null, init: true },
  { n: 1, call: 'a:b/c#d', params: ['x', { $text: 'y' }], result: { ok: ['z'] }, waits: true },
  { steps: 2 },
  { settles: 1, result: null, inside: true },
  { stream: 3, does: 'write', result: { $base64: 'AA==' }, during: true },
  { n: 2, core: 'm#f', args: [1, '2'], reads: [[0, { $text: '' }]], writes: [], result: 0 },
  { n: 3, call: 'a:b/c#exit', params: [], throws: { kind: 'exit', message: 'm', exitCode: 1 } },
];
const end = [
  { response: { status: 200, headers: [], body: { length: 0, sha256: '', whole: true, bytes: { $text: '' } } } },
  { end: { calls: 3, exitCode: 0 } },
];
const text = (lines: readonly unknown[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const whole = text([head, ...events, ...end]);

test('a recording is read, packed or not; what came before the request stands apart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-recording-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const bytes of [Buffer.from(whole), gzipSync(whole)]) {
    const file = join(folder, 'r');
    writeFileSync(file, bytes);
    const recording = await readRecording(file);
    assert.deepEqual(recording.head, head);
    assert.deepEqual(recording.init, events.slice(0, 1));
    assert.deepEqual(recording.events, events.slice(1));
    assert.equal(recording.response.status, 200);
    assert.equal(recording.end.calls, 3);
  }
});

test('a file that is not there, or is none', async () => {
  await assert.rejects(readRecording('/nowhere/r'), { code: 'recording-missing' });
  await assert.rejects(readRecording(tmpdir()), { code: 'recording-missing' });
});

const refused = (given: string | Uint8Array, message: RegExp): void => {
  assert.throws(() => parseRecording(Buffer.from(given as string), 'r'), { code: 'recording-corrupt', message });
};

test('a mistake is told with its line', () => {
  refused('', /cut off/);
  refused(whole.slice(0, -1), /cut off/);
  refused(text([head, ...events]), /line 7 cannot be read: response/);
  refused(text([{ ...head, format: 'other' }, ...end]), /line 1 .*no recording/);
  refused(text([{ ...head, version: 2 }, ...end]), /has the version 2; this Mayfly reads 1/);
  refused(text([{ ...head, request: {} }, ...end]), /line 1 .*request\./);
  refused(text([head, { n: -1, call: 'x', params: [] }, ...end]), /line 2/);
  refused(text([head, { n: 1, call: 'x', params: [], fields: { __proto__x: [] } }, ...end]), /line 2/);
  refused(text([head, { stream: 1, does: 'harm' }, ...end]), /line 2/);
  refused(`${text([head])}{\n${text(end)}`, /line 2/);
  refused(gzipSync(whole).subarray(0, 40), /cannot be unpacked/);
});

test('a file that unpacks to more than may be, or is nested too deep, is refused', () => {
  refused(gzipSync(Buffer.alloc(300 * 1_048_576, ' ')), /cannot be unpacked/);
  const deep = `${'['.repeat(300)}${']'.repeat(300)}`;
  refused(`${text([head])}{"n":1,"call":"x","params":${deep}}\n${text(end)}`, /nested more than 200 deep/);
  const deepest = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  refused(`${text([head])}{"n":1,"call":"x","params":${deepest}}\n${text(end)}`, /line 2/);
});

/** A small generator, so that a failure can be had again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

test('whatever stands in a file, it is read or refused', () => {
  const next = random(1);
  const packed = gzipSync(whole);
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(round % 3 === 0 ? packed : whole);
    for (let change = next(4); change >= 0; change--) bytes[next(bytes.length)] = next(256);
    const cut = round % 5 === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
    try {
      parseRecording(cut, 'r');
    } catch (error) {
      assert.ok(error instanceof MayflyError && error.code === 'recording-corrupt', `round ${round}: ${error}`);
    }
  }
});
