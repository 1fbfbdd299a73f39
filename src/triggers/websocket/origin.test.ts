// Pages of the app's own host may connect, whatever ends TLS, and others when they are named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAllowedOrigin } from './origin.ts';

const own: [origin: string, authority: string][] = [
  ['http://example.com', 'example.com'],
  ['https://example.com', 'example.com'],
  ['https://example.com', 'example.com:443'],
  ['http://example.com', 'EXAMPLE.com:80'],
  ['http://127.0.0.1:3000', '127.0.0.1:3000'],
  ['http://[::1]:3000', '[::1]:3000'],
];
const foreign: [origin: string, authority: string][] = [
  ['http://example.com:81', 'example.com'],
  ['https://example.com', 'example.com:80'],
  ['https://evil.test', 'example.com'],
  ['https://example.com.evil.test', 'example.com'],
  ['https://evil.test/example.com', 'example.com'],
  ['https://evil.test@example.com:1', 'example.com'],
  ['null', 'null'],
  ['file://', ''],
  ['', 'example.com'],
  ['example.com', 'example.com'],
  ['chrome-extension://example.com', 'example.com'],
];

test('an app is open to its own pages, and to clients that are no browsers', () => {
  assert.equal(isAllowedOrigin(undefined, 'example.com', []), true);
  for (const [origin, authority] of own) assert.equal(isAllowedOrigin(origin, authority, []), true, origin);
  for (const [origin, authority] of foreign) assert.equal(isAllowedOrigin(origin, authority, []), false, origin);
});

test('others are named as browsers write them', () => {
  assert.equal(isAllowedOrigin('https://evil.test', 'example.com', ['https://evil.test']), true);
  assert.equal(isAllowedOrigin('https://evil.test:444', 'example.com', ['https://evil.test']), false);
  assert.equal(isAllowedOrigin('http://evil.test', 'example.com', ['https://evil.test']), false);
  for (const [origin, authority] of foreign) assert.equal(isAllowedOrigin(origin, authority, ['*']), true, origin);
});
