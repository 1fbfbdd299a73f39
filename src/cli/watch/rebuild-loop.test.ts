// The loop of watching builds and starts when it should, and leaves the app alone when something fails.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { within } from '../../triggers/http/wait.test-kit.ts';
import { RebuildLoop } from './rebuild-loop.ts';
import type { WatchList } from './watched.ts';
import { Watcher } from './watcher.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-rebuild-'));
after(() => rmSync(base, { recursive: true }));
const timeout = 10_000;

/** A loop whose builds copy `in` to `out`, fail when `in` says so, and whose starts fail when `out` says so. */
function looping(options: { skipBuild?: boolean; buildMs?: number; first?: string } = {}) {
  const folder = mkdtempSync(join(base, 'app-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const notes: string[] = [];
  const state = { in: options.first ?? 'one', out: '', manifest: '' };
  write('in', state.in);
  write('out', '');
  write('spin.toml', '');
  const list: WatchList = {
    sources: [{ folder, pattern: 'in' }],
    artifacts: [{ folder, pattern: 'out' }],
    manifest: join(folder, 'spin.toml'),
  };
  const watcher = new Watcher(list, { debounceMs: 10 });
  let noted = Promise.withResolvers<void>();
  const note = (text: string): void => {
    notes.push(text);
    noted.resolve();
    noted = Promise.withResolvers();
  };
  const loop = new RebuildLoop(list, watcher, {
    async readList() {
      if (state.manifest === 'broken') throw new Error('broken manifest');
      return list;
    },
    build: options.skipBuild
      ? undefined
      : async (abort) => {
          note(`build ${state.in}`);
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          const timer = setTimeout(resolve, options.buildMs ?? 0);
          abort.addEventListener('abort', () => reject(new Error('aborted')));
          await promise.finally(() => clearTimeout(timer));
          if (state.in === 'bad') throw new Error('bad source');
          state.out = state.in;
          write('out', state.out);
        },
    async start({ manifest }) {
      if (state.out === 'trap') throw new Error('it traps');
      note(`start ${state.out}${manifest ? ' anew' : ''}`);
    },
    isFinal: () => false,
    clear: () => {},
    say: note,
    report: (error) => note(`error: ${(error as Error).message}`),
  });
  const running = loop.run();
  after(async () => {
    loop.stop();
    await running;
  });
  return {
    set(name: 'in' | 'out' | 'manifest', text: string): void {
      state[name] = text;
      write(name === 'manifest' ? 'spin.toml' : name, text);
    },
    async said(text: string): Promise<string[]> {
      const wait = async (): Promise<void> => {
        while (!notes.includes(text)) await noted.promise;
      };
      await within(wait(), () => `"${text}" after ${notes.join(', ')}`);
      return notes.splice(0);
    },
  };
}

test('builds, starts, and does so again for each change', { timeout }, async () => {
  const { set, said } = looping();
  assert.deepEqual(await said('start one'), ['build one', 'start one']);
  set('in', 'two');
  assert.deepEqual(await said('start two'), ['build two', 'start two']);
  set('out', 'by hand');
  assert.deepEqual(await said('start by hand'), ['start by hand'], 'an artifact changes: nothing is built');
  set('manifest', 'changed');
  assert.deepEqual(await said('start two anew'), ['build two', 'start two anew']);
});

test('a build that fails leaves the app as it is, and so does a manifest that is broken', { timeout }, async () => {
  const { set, said } = looping();
  await said('start one');
  set('in', 'bad');
  assert.deepEqual(await said('The app serves on as before'), [
    'build bad',
    'error: bad source',
    'The app serves on as before',
  ]);
  set('manifest', 'broken');
  assert.deepEqual(await said('The app serves on as before'), [
    'error: broken manifest',
    'The app serves on as before',
  ]);
  set('manifest', 'mended');
  await said('build bad');
  await said('The app serves on as before');
  set('in', 'trap');
  assert.deepEqual(await said('The app serves on as before'), [
    'build trap',
    'error: it traps',
    'The app serves on as before',
  ]);
  set('in', 'three');
  assert.deepEqual(await said('start three'), ['build three', 'start three']);
});

test('a first build that fails is tried again when its sources change', { timeout }, async () => {
  const { set, said } = looping({ first: 'bad' });
  assert.deepEqual(await said('Waiting for a change of the app'), [
    'build bad',
    'error: bad source',
    'Waiting for a change of the app',
  ]);
  set('in', 'good');
  assert.deepEqual(await said('start good'), ['build good', 'start good']);
});

test('a change during a build ends it, and the build begins again', { timeout }, async () => {
  const { set, said } = looping({ buildMs: 300 });
  assert.deepEqual(await said('start one'), ['build one', 'start one']);
  set('in', 'two');
  await said('build two');
  set('in', 'three');
  assert.deepEqual(await said('start three'), ['build three', 'start three']);
});

test('without builds only artifacts and the manifest count', { timeout }, async () => {
  const { set, said } = looping({ skipBuild: true });
  assert.deepEqual(await said('start '), ['start ']);
  set('in', 'two');
  set('out', 'new');
  assert.deepEqual(await said('start new'), ['start new']);
});
