// Where a statement is wrong is found again by preparing parts of it, a few times and no more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareError } from './error-text.ts';

test('the place of a token is the one up to which the text has the same mistake', () => {
  const message = 'near "b": syntax error';
  const attempt = (text: string): string | undefined => (text === 'ä b a b' ? message : undefined);
  assert.equal(prepareError(message, 'ä b a b c', attempt), `${message} in ä b a b c at offset 7`);
});

test('a place is looked for sixteen times at most', () => {
  let tries = 0;
  const attempt = (): undefined => {
    tries++;
    return undefined;
  };
  const message = 'near "a": syntax error';
  assert.equal(prepareError(message, 'a '.repeat(1000), attempt), message);
  assert.equal(tries, 16);
});

test('names are found as words, whatever they are qualified with', () => {
  const attempt = (): undefined => undefined;
  const told = (message: string, statement: string): string => prepareError(message, statement, attempt);
  assert.match(told('no such column: b', 'SELECT ab, b FROM t'), /at offset 11$/);
  assert.match(told('no such column: t.b', 'SELECT "t"."b" FROM t'), /at offset 12$/);
  assert.match(told('wrong number of arguments to function abs()', 'SELECT abs(1, 2)'), /at offset 7$/);
  assert.match(told('no such column: a', 'a'), /at offset 0$/);
  assert.equal(told('no such column: c', 'SELECT ab'), 'no such column: c');
  assert.equal(told('something else', 'SELECT 1'), 'something else');
});
