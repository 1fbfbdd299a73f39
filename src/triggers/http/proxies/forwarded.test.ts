// What is read of `forwarded` and `x-forwarded-*`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardedHops, xForwardedHops } from './forwarded.ts';

const hop = (address: string | undefined, port = 0, proto?: string, host?: string): object => ({
  from: address === undefined ? undefined : { address, port },
  proto,
  host,
});
const forwarded = (...values: string[]): unknown => forwardedHops(values.map((value) => ['forwarded', value]));

test('forwarded: the examples of RFC 7239, and what its grammar allows', () => {
  for (const [text, ...hops] of [
    ['for=192.0.2.43', hop('192.0.2.43')],
    ['For="[2001:db8:cafe::17]:4711"', hop('2001:db8:cafe::17', 4711)],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', hop('192.0.2.60', 0, 'http')],
    ['for=192.0.2.43, for=198.51.100.17', hop('192.0.2.43'), hop('198.51.100.17')],
    ['for="_gazonk"', hop(undefined)],
    ['for=unknown', hop(undefined)],
    ['for="192.0.2.1:80" ; host="example.org:8080" ;PROTO=HTTPS', hop('192.0.2.1', 80, 'https', 'example.org:8080')],
    ['for="1\\92.0.2.1",by="a,b;c=\\"d"', hop('192.0.2.1'), hop(undefined)],
    ['for=192.0.2.1;secret=x', hop('192.0.2.1')],
  ] as const) {
    assert.deepEqual(forwarded(text), hops, text);
  }
  assert.deepEqual(forwarded('for=192.0.2.1', 'for=192.0.2.2'), [hop('192.0.2.1'), hop('192.0.2.2')]);
  assert.equal(forwardedHops([['x', 'y']]), undefined);
});

test('forwarded: what is none is invalid', () => {
  const bad = [
    '',
    ',',
    'for',
    'for=',
    'for=a b',
    'for="x',
    'for=1.2.3.4;for=1.2.3.5',
    'proto=ftp',
    'host="a/b"',
    'for=1.2.3.4;',
  ];
  for (const text of bad) assert.equal(forwarded(text), 'invalid', text);
  // An open quote must not swallow what a proxy adds behind it.
  assert.equal(forwarded('for="x', 'for=192.0.2.1'), 'invalid');
});

const x = (fields: Readonly<Record<string, string>>): unknown =>
  xForwardedHops(Object.entries(fields).map(([name, value]) => [`x-forwarded-${name}`, value]));

test('x-forwarded: addresses of both families, with ports, and one scheme and host for all', () => {
  assert.deepEqual(x({ for: '192.0.2.1, 2001:db8::1,[2001:db8::2]:80 ,192.0.2.2:8080', proto: 'https', host: 'a' }), [
    hop('192.0.2.1', 0, 'https', 'a'),
    hop('2001:db8::1', 0, 'https', 'a'),
    hop('2001:db8::2', 80, 'https', 'a'),
    hop('192.0.2.2', 8080, 'https', 'a'),
  ]);
  assert.deepEqual(x({ for: '192.0.2.1, 192.0.2.2', proto: 'https, http' }), [
    hop('192.0.2.1', 0, 'https'),
    hop('192.0.2.2', 0, 'http'),
  ]);
  assert.deepEqual(x({ proto: 'http,wss' }), [hop(undefined, 0, 'https')]);
  assert.deepEqual(x({ for: 'unknown, 999.1.1.1, 1.2.3.4:99999' }), [hop(undefined), hop(undefined), hop(undefined)]);
  assert.equal(x({}), undefined);
  assert.equal(x({ proto: 'gopher' }), 'invalid');
  assert.equal(x({ host: 'a b' }), 'invalid');
});

test('a long list is read in little time', () => {
  const start = performance.now();
  forwarded(Array.from({ length: 5000 }, () => 'for=10.0.0.1').join(','));
  forwarded(`for="${'\\a'.repeat(30_000)}`);
  x({ for: Array.from({ length: 10_000 }, () => '10.0.0.1').join(',') });
  assert.ok(performance.now() - start < 2000);
});
