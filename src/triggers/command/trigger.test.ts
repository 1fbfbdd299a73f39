// Commands run once, one after the other; the first that fails is the last, and its exit code is that of all.
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { GuestExit } from '../../errors.ts';
import { emptyInputStream } from '../../host/wasi/io/source-stream.ts';
import { WasiState } from '../../host/wasi/state.ts';
import { fakeApp } from '../fake-target.test-kit.ts';
import { commandTrigger } from './trigger.ts';

const limit = { timeout: 5_000 };
const entry = { command: { reusableAfterExit: true } };
const listen = { listen: { host: '127.0.0.1', port: 0 } };
const command = (component: string) => ({ type: 'command', id: component, component }) as const;

/** Runs commands whose handlers these are, in their order. */
function commands(
  handlers: Readonly<Record<string, () => unknown>>,
  more: Omit<Parameters<typeof fakeApp>[0], 'handlers' | 'triggers'> = {},
) {
  const begun: string[] = [];
  const noted = Object.entries(handlers).map(([id, handle]) => {
    const noting = (): unknown => {
      begun.push(id);
      return handle();
    };
    return [id, noting] as const;
  });
  const triggers = ['none', ...Object.keys(handlers)].map(command);
  const fake = fakeApp({ handlers: Object.fromEntries(noted), triggers, target: { entry }, ...more });
  const running = commandTrigger.load(fake.app);
  return { ...fake, running, begun, end: async () => (await running.run(listen)).ended };
}

test('all of them run, and 0 is what comes of it', limit, async () => {
  const { begun, end, lines, app } = commands({ a: () => {}, b: () => ({ tag: 'ok' }) });
  assert.equal(await end(), 0);
  assert.deepEqual([begun, lines], [['a', 'b'], []]);
  assert.deepEqual(commandTrigger.describe(app.locked, ''), []);
});

test('one that exits with a code, traps, or gives an error is the last', limit, async () => {
  for (const [fail, code, event] of [
    [() => Promise.reject(new GuestExit(7)), 7, 'guest-exited'],
    [() => Promise.reject(new WebAssembly.RuntimeError('unreachable')), 1, 'event-failed'],
  ] as const) {
    const { begun, end, eventsOf } = commands({ a: () => {}, b: fail, c: () => {} });
    assert.equal(await end(), code);
    assert.deepEqual(begun, ['a', 'b']);
    if (event === 'event-failed') {
      const [line] = eventsOf(event);
      assert.deepEqual([line?.fields.trigger, line?.fields.name, line?.fields.code], ['command', 'b', 'guest-trap']);
    }
  }
});

test('after a stop none begins, and the one under way may end', limit, async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { running, begun, end } = commands({ a: () => promise, b: () => {} });
  const ended = end();
  await new Promise(setImmediate);
  let isOver = false;
  const stopped = running.stop(60_000).then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  resolve();
  await stopped;
  assert.deepEqual([await ended, begun], [0, ['a']]);
});

test('a command gets its name and the arguments, nothing to read, and the stream where it writes', limit, async () => {
  const written: string[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  for (const options of [{ arguments: ['-x', 'y'], stdout }, {}]) {
    const wasi: { command?: Record<string, unknown> } = Object.create(WasiState.prototype);
    const { end } = commands({ tool: () => {} }, { target: { wasi, entry }, options });
    assert.equal(await end(), 0);
    const { arguments: given, environment, stdin, stdout: out } = wasi.command ?? {};
    assert.deepEqual(given, options.arguments ? ['tool', '-x', 'y'] : ['tool']);
    assert.deepEqual([environment, stdin === emptyInputStream], [[], true]);
    assert.equal(out === undefined, options.stdout === undefined);
    (out as { write(bytes: Uint8Array): void } | undefined)?.write(Buffer.from('words'));
  }
  assert.deepEqual(written, ['words']);
});
