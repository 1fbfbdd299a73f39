// Field values go between text and bytes without loss, and control characters are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfValue, valueOfText } from './field-text.ts';

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

test('text of any kind goes to bytes and back', () => {
  for (const text of ['', 'plain', 'a\tb', 'wörd', '日本', '👍', '\u{80}\u{10ffff}']) {
    assert.equal(valueOfText(text), latin1(text));
    assert.equal(textOfValue(latin1(text)), text);
  }
});

test('bytes that are no UTF-8 stay a character each', () => {
  assert.equal(textOfValue('\xff\xe9 a'), '\xff\xe9 a');
});

test('control characters are refused', () => {
  for (const text of ['\0', 'a\r\nb: c', '\n', '\x1b', '\x7f']) assert.equal(valueOfText(text), undefined);
});
