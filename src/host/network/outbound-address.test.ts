// Addresses of servers have one spelling, in which they are compared; who may not reach one is told what to write, and the
// certificates of a connection are those of its component and host.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCACertificates } from 'node:tls';
import type { ClientTlsConfig } from '../../app/runtime-config/runtime-config.ts';
import { testLog } from '../../telemetry/log.test-kit.ts';
import type { SandboxContext } from '../service.ts';
import { defaultPort, parseAllowedHost } from './allowed-hosts.ts';
import { readClientTls } from './client-tls.ts';
import { normalHost } from './host-name.ts';
import { OutboundPermission, parseOutboundAddress } from './outbound-address.ts';
import { systemErrorText } from './system-error.ts';

test('a host has one spelling', () => {
  for (const [text, normal] of [
    ['Example.COM', 'example.com'],
    ['127.1', '127.0.0.1'],
    ['[::0001]', '[::1]'],
    ['ä.example', 'xn--4ca.example'],
    ['a.b.', 'a.b.'],
  ] as const) {
    assert.equal(normalHost(text), normal);
  }
  const none = [
    '',
    'a b',
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    'u@a',
    'a:80',
    '::1',
    '[::1',
    '[x]',
    '[::1]:80',
    '%',
    '999.1.1.1',
  ];
  for (const text of none) assert.equal(normalHost(text), undefined, text);
});

test('an address has scheme, host and port; what is none is none', () => {
  for (const [text, scheme, host, port] of [
    ['redis://Host:6379/1', 'redis', 'host', 6379],
    ['REDIS://host', 'redis', 'host', undefined],
    ['host:7', 'mqtt', 'host', 7],
    ['host', 'mqtt', 'host', undefined],
    ['u:p@host:7/x', 'mqtt', 'host', 7],
    ['postgres://[::1]:5432/db', 'postgres', '[::1]', 5432],
    ['  redis://host', 'redis', 'host', undefined],
  ] as const) {
    const found = parseOutboundAddress(text, 'mqtt');
    assert.deepEqual([found?.scheme, found?.host, found?.port], [scheme, host, port], text);
  }
  for (const text of ['', 'redis://', 'redis://:6379', 'redis://h:99999', 'redis://a b', '://', 'redis:///path']) {
    assert.equal(parseOutboundAddress(text, 'redis'), undefined, text);
  }
  const long = (length: number) => parseOutboundAddress(`redis://h/${'x'.repeat(length - 10)}`, 'redis');
  assert.equal(long(8192)?.host, 'h');
  assert.equal(long(8193), undefined);
});

test('what may not be reached stands in the log with the entry that mends it, and how many more there were', () => {
  const { log, lines } = testLog();
  const sandbox = { component: { id: 'c' }, log } as unknown as SandboxContext;
  const permission = new OutboundPermission([parseAllowedHost('redis://ok:6379')], sandbox);
  const allows = (text: string): boolean => permission.allows(parseOutboundAddress(text, 'redis') ?? assert.fail(text));
  assert.equal(allows('redis://ok:6379'), true);
  assert.equal(allows('redis://ok'), true);
  permission.finish();
  assert.equal(lines.length, 0);
  for (const text of ['redis://u:secret@no:1', 'redis://no', 'odd://no', 'odd://no:7'])
    assert.equal(allows(text), false, text);
  assert.deepEqual(
    lines.map(({ fields: { event, origin, entry } }) => [event, origin, entry]),
    [
      ['network-denied', 'redis://no:1', 'redis://no:1'],
      ['network-denied', 'redis://no', 'redis://no'],
      ['network-denied', 'odd://no', 'odd://no:*'],
    ],
  );
  for (let count = 0; count < 4; count++) allows('redis://ok:7');
  permission.finish();
  assert.equal(lines.length, 4);
  assert.equal(lines[3]?.fields.count, 5);
  assert.match(lines[3]?.message ?? '', /^5 more connections were refused/);
  assert.ok(!JSON.stringify(lines).includes('secret'));
  const other = testLog();
  const again = new OutboundPermission([], { ...sandbox, log: other.log });
  for (let count = 0; count < 3; count++)
    again.allows({ scheme: 'odd', host: 'no', port: 7, url: new URL('odd://no') });
  again.finish();
  assert.deepEqual(
    other.lines.map(({ fields }) => fields.entry),
    ['odd://no:7', 'odd://no:7', 'odd://no:7'],
    'where all of them are told there is no number',
  );
});

test('a scheme has the port that its servers have', () => {
  const ports = { http: 80, https: 443, redis: 6379, postgres: 5432, mysql: 3306, mqtt: 1883 };
  for (const [scheme, port] of Object.entries(ports)) assert.equal(defaultPort(scheme), port, scheme);
  assert.deepEqual(['ftp', 'constructor', ''].map(defaultPort), [undefined, undefined, undefined]);
});

test('errors of the system have the words of Rust', () => {
  const error = (code: string, message = 'in other words') => Object.assign(new Error(message), { code });
  for (const [given, text] of [
    [error('EPIPE'), 'Broken pipe (os error 32)'],
    [error('ENETUNREACH'), 'Network is unreachable (os error 101)'],
    [error('ECONNABORTED'), 'Software caused connection abort (os error 103)'],
    [error('ECONNRESET'), 'Connection reset by peer (os error 104)'],
    [error('ETIMEDOUT'), 'Connection timed out (os error 110)'],
    [error('ECONNREFUSED'), 'Connection refused (os error 111)'],
    [error('EHOSTUNREACH'), 'No route to host (os error 113)'],
    [error('ENOTFOUND'), 'failed to lookup address information: Name or service not known'],
    [error('EAI_AGAIN'), 'failed to lookup address information: Temporary failure in name resolution'],
    [new AggregateError([error('ECONNREFUSED'), error('EPIPE')]), 'Connection refused (os error 111)'],
    [error('constructor'), 'in other words'],
    [new Error('in words'), 'in words'],
    [null, 'null'],
  ] as const) {
    assert.equal(systemErrorText(given), text);
  }
});

test('the first entry for a component and a host counts', () => {
  const config = (componentIds: string[], hosts: string[]): ClientTlsConfig => ({
    componentIds,
    hosts,
    caRootsFile: undefined,
    caUsePlatformRoots: false,
    caUseWebpkiRoots: false,
    clientCertFile: undefined,
    clientPrivateKeyFile: undefined,
  });
  const tlsFor = readClientTls([
    config(['a', 'b'], ['one.example', '*.two.example']),
    { ...config(['*'], ['::1', '127.0.0.1', 'One.example']), caUseWebpkiRoots: true },
    config(['c'], ['*']),
  ]);
  const chosen = (component: string, host: string): number | undefined => tlsFor(component, host)?.ca.length;
  assert.equal(chosen('a', 'ONE.example'), 0);
  assert.equal(chosen('b', 'x.two.example'), 0);
  assert.equal(chosen('a', 'x.y.two.example'), 0);
  assert.equal(chosen('a', 'two.example'), undefined);
  assert.equal(chosen('a', 'three.example'), undefined);
  assert.ok((chosen('d', 'one.example') ?? 0) > 50, 'the list of Mozilla');
  assert.ok((chosen('c', '[::1]') ?? 0) > 50);
  assert.ok((chosen('c', '127.1') ?? 0) > 50);
  assert.equal(chosen('c', 'anything.example'), 0);
  const all = readClientTls([{ ...config(['*'], ['*']), caUsePlatformRoots: true, caUseWebpkiRoots: true }]);
  const roots = (['system', 'bundled'] as const).flatMap((type) => getCACertificates(type));
  assert.deepEqual(all('x', 'y')?.ca, roots);
  assert.deepEqual(tlsFor('c', 'anything.example'), { ca: [], cert: undefined, key: undefined });
  assert.equal(readClientTls([])('a', 'one.example'), undefined);
});
