// What a guest may say of where a request goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAuthority, isPathWithQuery } from './message-line.ts';

test('an authority is a host with or without a port, or a port alone after its colon', () => {
  for (const text of [
    'host',
    'host:80',
    '127.0.0.1:1',
    '[::1]',
    '[::1]:80',
    ':3000',
    'user:pass@host:80',
    'user@host',
  ]) {
    assert.equal(isAuthority(text), true, text);
  }
  for (const text of ['', 'user@', 'host:x', 'host:99999', 'a b', 'host/path', '[::1', '?', ':']) {
    assert.equal(isAuthority(text), false, text);
  }
});

test('a path begins with a slash or a question mark, or is a star or nothing', () => {
  for (const text of ['', '*', '/', '/a?b=c', '?a', '/\u00e4']) assert.equal(isPathWithQuery(text), true, text);
  for (const text of ['a', '**', '/a b', '/a#b', '/\n', '/\x7f']) assert.equal(isPathWithQuery(text), false, text);
});
