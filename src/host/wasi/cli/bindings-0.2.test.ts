// wasi:cli 0.2 gives a guest its environment, arguments, exit and output, and no terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { GuestExit } from '../../../errors.ts';
import { ioInterfaces } from '../io/bindings-0.2.ts';
import { bytesInputStream } from '../io/source-stream.ts';
import { inputStreamContract } from '../io/stream.contract.ts';
import { createWasiService } from '../service.ts';
import { WasiState } from '../state.ts';
import { caller, testSandbox, testState } from '../wasi.test-kit.ts';
import { cliInterfaces } from './bindings-0.2.ts';

test('environment and arguments are those of the component', () => {
  const call = caller(cliInterfaces, testState({ environment: [['A', '1']], arguments: ['x', 'y'] }));
  assert.deepEqual(call('wasi:cli/environment', 'get-environment'), [['A', '1']]);
  assert.deepEqual(call('wasi:cli/environment', 'get-arguments'), ['x', 'y']);
  assert.equal(call('wasi:cli/environment', 'initial-cwd'), undefined);
});

test('a command has its own variables beside those of the component, before which they come', () => {
  const state = testState({
    environment: [
      ['A', '1'],
      ['B', '2'],
    ],
    arguments: ['x'],
  });
  const environment = [
    ['B', '3'],
    ['C', '4'],
  ] as const;
  state.command = { arguments: ['y'], environment, stdin: bytesInputStream(new Uint8Array()), stdout: undefined };
  const call = caller(cliInterfaces, state);
  assert.deepEqual(call('wasi:cli/environment', 'get-environment'), [
    ['A', '1'],
    ['B', '3'],
    ['C', '4'],
  ]);
  assert.deepEqual(call('wasi:cli/environment', 'get-arguments'), ['y']);
});

test('exit throws what the caller of the guest catches', () => {
  const call = caller(cliInterfaces, testState());
  const code = (expected: number) => (error: unknown) => error instanceof GuestExit && error.code === expected;
  assert.throws(() => call('wasi:cli/exit', 'exit', { tag: 'ok' }), code(0));
  assert.throws(() => call('wasi:cli/exit', 'exit', { tag: 'err' }), code(1));
  assert.throws(() => call('wasi:cli/exit', 'exit-with-code', 42), code(42));
});

test('there is no terminal', () => {
  const call = caller(cliInterfaces, testState());
  for (const stream of ['stdin', 'stdout', 'stderr']) {
    assert.equal(call(`wasi:cli/terminal-${stream}`, `get-terminal-${stream}`), undefined);
  }
});

test('lines of stdout and stderr go to the log, the last one at the end of the request', () => {
  const lines: string[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line.trim()) });
  const service = createWasiService();
  const state = new WasiState(testState().configured, testSandbox({ log }));
  const call = caller([...cliInterfaces, ...ioInterfaces], state);
  for (const [stream, text] of [
    ['stdout', 'a\nb'],
    ['stderr', 'c'],
    ['stdout', 'd'],
  ] as const) {
    const self = call(`wasi:cli/${stream}`, `get-${stream}`);
    const bytes = Buffer.from(text);
    const result = call('wasi:io/streams', '[method]output-stream.blocking-write-and-flush', self, bytes);
    assert.deepEqual(result, { tag: 'ok', val: undefined });
    (self as { drop(): void }).drop();
  }
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [{ level: 30, event: 'guest-output', stream: 'stdout', msg: 'a' }],
  );
  service.finish?.(state);
  assert.deepEqual(
    lines.slice(1).map((line) => JSON.parse(line).msg),
    ['bd', 'c'],
  );
});

inputStreamContract('stdin', (content) => testState({ stdio: { stdin: () => bytesInputStream(content) } }).stdin);

test('stdin is at its end by default', () => {
  assert.equal(testState().stdin.read(1), undefined);
});
