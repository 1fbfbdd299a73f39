// Redirects are followed to where something may be fetched, and nowhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redirected } from './download.ts';

const leads = (from: string, to: string, isChecked = false): string =>
  redirected('https://example.com/a', new URL(from), to, isChecked).href;

test('a redirect may be relative, lead to another server, and to TLS', () => {
  assert.equal(leads('https://example.com/a/b', '../c'), 'https://example.com/c');
  assert.equal(leads('https://example.com/a', 'https://other.example.com/b'), 'https://other.example.com/b');
  assert.equal(leads('http://example.com/a', 'https://example.com/a'), 'https://example.com/a');
  assert.equal(leads('http://example.com/a', 'http://other.example.com/'), 'http://other.example.com/');
});

test('it leads away from TLS only for what has a digest, and never to another protocol', () => {
  assert.equal(leads('https://example.com/a', 'http://example.com/a', true), 'http://example.com/a');
  for (const to of ['http://example.com/a', 'file:///etc/passwd', 'data:,x', 'http://', 'ftp://example.com/']) {
    assert.throws(() => leads('https://example.com/a', to), { code: 'source-unavailable' }, to);
  }
  assert.throws(() => leads('https://example.com/a', 'file:///etc/passwd', true), { code: 'source-unavailable' });
});
