// Recordings that were altered to hurt: whatever a guest is given by one, the replay comes to an end, with differences or an error.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockApp } from '../../src/app/lock.ts';
import { MayflyError } from '../../src/errors.ts';
import { parseRecording } from '../../src/replay/read-recording.ts';
import { loadToCall, replayRequest } from '../../src/runtime.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { guestPath } from '../guests/build.ts';
import { recordAllTo } from '../support/replays.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-hostile-recordings-'));
after(() => rmSync(folder, { recursive: true }));
const options = { log: silentLog, variables: {}, environment: {}, cacheDirectory: join(folder, 'cache') };

/** The lines of one recorded request. */
async function recorded(guest: string): Promise<{ readonly path: string; readonly lines: readonly unknown[] }> {
  const path = await guestPath(guest);
  const recordings = join(folder, guest);
  const app = await loadToCall(await lockApp(path), { ...options, record: recordAllTo(recordings) });
  const response = await app.fetch('http://app/a?b=c', { method: 'POST', body: 'some body' });
  await response.arrayBuffer();
  await app.close();
  const [name = ''] = readdirSync(recordings);
  const text = readFileSync(join(recordings, name), 'utf8');
  return {
    path,
    lines: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

type Next = (below: number) => number;

function random(seed: number): Next {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
}

const odd: readonly unknown[] = [
  ...[
    null,
    true,
    -1,
    0,
    1.5,
    2 ** 31,
    2 ** 53,
    '',
    '#0',
    '#1',
    '#99999999',
    'NaN',
    '18446744073709551615',
    'x'.repeat(70_000),
  ],
  ...[
    [],
    {},
    ['#1'],
    { ok: null },
    { err: null },
    { ok: '#2' },
    { $text: 'x' },
    { $base64: '////' },
    { $text: 'x'.repeat(70_000) },
  ],
];

/** The value with something else at one place in it. */
function altered(value: unknown, next: Next): unknown {
  if (typeof value !== 'object' || value === null || next(4) === 0) return odd[next(odd.length)];
  const entries = Object.entries(value);
  const at = next(entries.length || 1);
  const changed = entries.map(([key, one], index) => [key, index === at ? altered(one, next) : one] as const);
  return Array.isArray(value) ? changed.map(([, one]) => one) : Object.fromEntries(changed);
}

/** The lines with some left out, moved, repeated or altered; the first and the last two stay where they are. */
function hurt(lines: readonly unknown[], next: Next): unknown[] {
  const all = [...lines];
  const place = (): number => 1 + next(all.length - 3);
  for (let change = next(3); change >= 0; change--) {
    const at = place();
    const way = next(8);
    if (way === 0) all.splice(at, 1);
    else if (way === 1) all.splice(place(), 0, ...all.splice(at, 1));
    else if (way === 2) all.splice(at, 0, all[at]);
    else all[at] = altered(all[at], next);
  }
  return all;
}

for (const [guest, rounds] of [
  ['hello-c', 150],
  ['echo-c', 150],
  ['cgi-c', 100],
  ['echo-p3', 40],
] as const) {
  test(`${guest}: whatever its recording says, the replay ends`, { timeout: 300_000 }, async () => {
    const { path, lines } = await recorded(guest);
    const locked = await lockApp(path);
    const next = random(7);
    let replayed = 0;
    for (let round = 0; round < rounds; round++) {
      const text = hurt(lines, next).map((line) => `${JSON.stringify(line)}\n`);
      try {
        await replayRequest(locked, parseRecording(Buffer.from(text.join('')), 'r'), options);
        replayed++;
      } catch (error) {
        const known = error instanceof MayflyError && error.code === 'recording-corrupt';
        assert.ok(known, `round ${round}: ${error instanceof Error ? error.stack : error}`);
      }
    }
    assert.ok(replayed > rounds / 10, `${replayed} were played`);
  });
}
