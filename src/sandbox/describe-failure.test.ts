// A failure of a guest is told by its reason and the names on its stack, in lines of bounded length.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFailure, keepDeepStacks } from './describe-failure.ts';

function failure(...names: readonly string[]): Error {
  const error = new WebAssembly.RuntimeError('unreachable');
  const frames = names.map(
    (name, index) => `    at ${name} (wasm://wasm/${name.slice(0, 4)}-1a:wasm-function[${index}]:0x34)`,
  );
  error.stack = ['RuntimeError: unreachable', '    at host (file:///host.ts:1:1)', ...frames].join('\n');
  return error;
}

test('functions of the guest come by their names, the innermost first', () => {
  assert.deepEqual(describeFailure(failure('app.wasm.divide', 'app.wasm.main', 'wasm-function[2]')), {
    reason: 'unreachable',
    stack: ['divide', 'main', 'function 2'],
  });
  assert.deepEqual(describeFailure('gone'), { reason: 'gone', stack: [] });
});

test('of a panic in Rust, the functions that led to it are shown', () => {
  const machinery = [
    'abort',
    '_RNvNtNtNtCs8NZnfvJOJlS_3std3sys3pal4wasi14abort_internal',
    '_RNvCsjJ6pmSBbkgH_7___rustc17rust_begin_unwind',
    '_RNvNtCshC8mCvIWRpa_4core9panicking9panic_fmt',
  ];
  const own = Array.from({ length: 15 }, (_, index) => `_RNvC3app5part${index % 10}`);
  const { stack } = describeFailure(failure(...machinery, ...own));
  assert.equal(stack.length, 12);
  assert.deepEqual(stack.slice(0, 2), ['app::part0', 'app::part1']);
  assert.deepEqual(describeFailure(failure(...machinery)).stack.length, 4);
});

test('names and reasons are one line each, of a bounded length, whatever the guest is made of', () => {
  const long = 'x'.repeat(99_000);
  const busy = ' (wasm://'.repeat(11_000);
  const error = failure(`\x1b[31m${long}`, busy, `a\rb`, ...Array.from({ length: 30 }, () => long));
  error.message = `first\nerror: second ${long}`;
  const start = performance.now();
  const { reason, stack } = describeFailure(error);
  assert.ok(performance.now() - start < 1000);
  assert.ok(reason.length < 3000, `${reason.length}`);
  assert.ok(stack.join('').length < 4000, `${stack.join('').length}`);
  assert.doesNotMatch(reason + stack.join(''), /\p{Cc}/u);
  assert.match(stack[0] ?? '', /^␛\[31mxxx/);
  assert.equal(stack[2], 'a␍b');
});

test('a serving process keeps more of a stack than V8 does by itself, and never less than it was told', (t) => {
  const before = Error.stackTraceLimit;
  t.after(() => {
    Error.stackTraceLimit = before;
  });
  Error.stackTraceLimit = 10;
  keepDeepStacks();
  assert.ok(Error.stackTraceLimit > 10);
  Error.stackTraceLimit = 1_000;
  keepDeepStacks();
  assert.equal(Error.stackTraceLimit, 1_000);
});
