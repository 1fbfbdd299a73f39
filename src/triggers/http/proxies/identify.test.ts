// Whose word counts about who sent a request, and what a client cannot pretend.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../../errors.ts';
import { get } from '../app.test-kit.ts';
import { type Identified, identify } from './identify.ts';
import { TrustedProxies } from './trusted.ts';

const trusted = new TrustedProxies(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7']);

interface Seen {
  readonly address: string;
  readonly scheme: string;
  readonly authority: string;
  readonly host: string | undefined;
}

function ask(from: string, fields: readonly (readonly [string, string])[]): Seen | number {
  const headers = [['host', 'here'], ...fields] as [string, string][];
  const found = identify(get('/', { authority: 'here', headers }), { host: from, text: `${from}:1` }, trusted);
  if (typeof found === 'number') return found;
  const { address, request }: Identified = found;
  const host = request.headers.find(([name]) => name === 'host')?.[1];
  return { address, scheme: request.scheme, authority: request.authority, host };
}

const seen = (address: string, scheme = 'http', authority = 'here'): Seen => ({
  address,
  scheme,
  authority,
  host: authority,
});

test('an address that is not trusted gets no other identity, whatever it says', () => {
  const fields = [
    ['x-forwarded-for', '1.2.3.4'],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-host', 'there'],
    ['forwarded', 'for=4.3.2.1'],
  ] as const;
  assert.deepEqual(ask('203.0.113.1', fields), seen('203.0.113.1:1'));
  assert.deepEqual(ask('', fields), seen(':1'));
});

test('a trusted proxy says who asks, by which scheme, and for what host', () => {
  assert.deepEqual(ask('10.1.2.3', []), seen('10.1.2.3:1'));
  assert.deepEqual(ask('10.1.2.3', [['x-forwarded-for', '1.2.3.4']]), seen('1.2.3.4:0'));
  assert.deepEqual(ask('::ffff:10.1.2.3', [['x-forwarded-for', '1.2.3.4']]), seen('1.2.3.4:0'));
  assert.deepEqual(ask('10.1.2.3', [['x-forwarded-proto', 'https']]), seen('10.1.2.3:1', 'https'));
  const all = [['forwarded', 'for="[2001:db9::1]:5";proto=https;host=there:81']] as const;
  assert.deepEqual(ask('192.0.2.7', all), seen('[2001:db9::1]:5', 'https', 'there:81'));
});

test('a chain is followed back to the first address that is not trusted, and no further', () => {
  const chain = (text: string) => ask('10.1.2.3', [['x-forwarded-for', text]]);
  assert.deepEqual(chain('6.6.6.6, 1.2.3.4, 10.9.9.9'), seen('1.2.3.4:0'));
  assert.deepEqual(chain('10.8.8.8, 10.9.9.9'), seen('10.8.8.8:0'));
  assert.deepEqual(chain('6.6.6.6, unknown, 10.9.9.9'), seen('10.9.9.9:0'));
  assert.deepEqual(chain('nonsense'), seen('10.1.2.3:1'));
  const protos = [
    ['x-forwarded-for', '6.6.6.6, 1.2.3.4, 10.9.9.9'],
    ['x-forwarded-proto', 'http, https, http'],
  ] as const;
  assert.deepEqual(ask('10.1.2.3', protos), seen('1.2.3.4:0', 'https'));
  const elements = [['forwarded', 'for=6.6.6.6;host=evil, for=1.2.3.4;host=there, for=10.9.9.9;proto=http']] as const;
  assert.deepEqual(ask('10.1.2.3', elements), seen('1.2.3.4:0', 'http', 'there'));
});

test('a client that sends one field past a proxy that sets another one gains nothing', () => {
  const proxy = ['x-forwarded-for', '1.2.3.4'] as const;
  assert.equal(ask('10.1.2.3', [['forwarded', 'for=10.0.0.1'], proxy]), 400);
  assert.equal(
    ask('10.1.2.3', [['forwarded', 'for=6.6.6.6, for=1.2.3.4;proto=https'], proxy, ['x-forwarded-proto', 'http']]),
    400,
  );
  assert.equal(ask('10.1.2.3', [['forwarded', 'for="'], proxy]), 400);
  assert.deepEqual(
    ask('10.1.2.3', [['forwarded', 'for="1.2.3.4:9";proto=https'], proxy, ['x-forwarded-proto', 'https']]),
    seen('1.2.3.4:9', 'https'),
  );
});

test('who is trusted: addresses, networks, and the path of a socket', () => {
  const has = (host: string, ...entries: string[]): boolean => new TrustedProxies(entries).has({ host });
  assert.equal(has('', '10.0.0.0/8'), false);
  assert.equal(has('', 'unix'), true);
  assert.equal(has('10.0.0.1', 'unix'), false);
  assert.equal(has('127.0.0.1', '127.0.0.1'), true);
  assert.equal(has('127.0.0.2', '127.0.0.1'), false);
  assert.equal(has('::1', '::1'), true);
  assert.equal(has('10.0.0.1', '0.0.0.0/0'), true);
  assert.equal(has('::1', '0.0.0.0/0'), false);
  for (const bad of [
    '',
    'example.org',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '10.0.0/8',
    '*',
    '10.0.0.0/-1',
  ]) {
    assert.throws(
      () => new TrustedProxies([bad]),
      (error) => error instanceof MayflyError && error.code === 'usage',
      bad,
    );
  }
});
