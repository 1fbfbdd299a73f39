// Authorities and content lengths are read as RFC 9110 has them, and nothing else passes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentLengthOf, parseAuthority } from './http-syntax.ts';

test('authorities', () => {
  for (const good of ['example.com', 'example.com:80', '127.0.0.1:1', '[::]:443', '[::]', 'a_b', 'x%20y', '', 'h:0']) {
    assert.ok(parseAuthority(good), good);
  }
  assert.deepEqual(parseAuthority('[::1]:443'), { host: '[::1]', port: 443 });
  assert.deepEqual(parseAuthority('h'), { host: 'h', port: undefined });
  const bad = [
    'a\nb',
    'h:99999',
    'h:',
    'h:x',
    'u@h',
    'a/b',
    'a b',
    '[::',
    '::1',
    'a:1:2',
    '[::1]x',
    'h#',
    'h\\',
    'h:+1',
  ];
  for (const text of bad) assert.equal(parseAuthority(text), undefined, text);
});

test('content-length', () => {
  assert.equal(contentLengthOf([]), undefined);
  assert.equal(contentLengthOf([['content-length', '12']]), 12);
  assert.equal(
    contentLengthOf([
      ['content-length', '12'],
      ['content-length', '12'],
    ]),
    12,
  );
  for (const bad of ['', '1,1', '+1', '0x1', ' 1', '1 ', '1e3', '9'.repeat(20)]) {
    assert.equal(contentLengthOf([['content-length', bad]]), 'invalid', bad);
  }
  assert.equal(
    contentLengthOf([
      ['content-length', '1'],
      ['content-length', '2'],
    ]),
    'invalid',
  );
});
