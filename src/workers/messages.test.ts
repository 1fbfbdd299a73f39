// An error of a worker arrives at the parent as it was sent, and anything else as a failure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { fromWire, isMessage, toWire } from './messages.ts';

test('an error arrives as it was sent', () => {
  const location = { file: 'spin.toml', line: 3 };
  const problem = new MayflyError('manifest-key-unknown', 'Unknown key "x"', { location, hint: 'Did you mean "y"?' });
  const error = new MayflyError('manifest-invalid', 'Cannot load', { problems: [problem] });
  const copy = fromWire(JSON.parse(JSON.stringify(toWire(error))));
  assert.equal(copy.code, 'manifest-invalid');
  assert.equal(copy.message, 'Cannot load');
  assert.equal(copy.hint, undefined);
  const [inner] = copy.problems;
  assert.deepEqual(
    [inner?.code, inner?.location, inner?.hint],
    ['manifest-key-unknown', location, 'Did you mean "y"?'],
  );
});

test('anything else becomes a worker that failed', () => {
  assert.deepEqual(toWire(new TypeError('no')), { code: 'worker-failed', message: 'no', problems: [] });
  assert.equal(fromWire({ code: 'nonsense' as 'internal', message: 'x', problems: [] }).code, 'worker-failed');
});

test('what is not ours is told apart', () => {
  for (const foreign of [undefined, null, 'ping', 3, {}, { type: 1 }]) assert.equal(isMessage(foreign), false);
  assert.equal(isMessage({ type: 'ping' }), true);
});
