// Connection strings are read as URLs and as keys with values; what is not said is not made up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from './address.ts';

const plain = {
  user: undefined,
  password: undefined,
  database: undefined,
  options: undefined,
  applicationName: undefined,
  tls: 'prefer',
  tlsAtOnce: false,
  connectTimeout: undefined,
  session: 'any',
};
const host = (name: string, port?: number, hostaddr?: string) => ({
  host: name,
  hostaddr,
  port: port ?? 5432,
  portIsSaid: port !== undefined,
});

for (const [text, expected] of [
  ['postgres://db', { hosts: [host('db')] }],
  ['postgresql://u%40:p%3A:x@db:1/n%2Fm', { hosts: [host('db', 1)], user: 'u@', password: 'p::x', database: 'n/m' }],
  ['postgres://u@[::1]:7', { hosts: [host('::1', 7)], user: 'u' }],
  ['postgres://a:1,b:2/db', { hosts: [host('a', 1), host('b', 2)], database: 'db' }],
  ['postgres://a,b?port=9', { hosts: [host('a', 9), host('b', 9)] }],
  ['postgres:///db?host=a&sslmode=require', { hosts: [host('a')], database: 'db', tls: 'require' }],
  ['host=a user=u', { hosts: [host('a')], user: 'u' }],
  [" host = a  password='it\\'s \\\\ x' ", { hosts: [host('a')], password: "it's \\ x" }],
  ["host=a password='' options='-c a=b'", { hosts: [host('a')], password: '', options: '-c a=b' }],
  ['hostaddr=127.0.0.1 host=a port=3', { hosts: [host('a', 3, '127.0.0.1')] }],
  ['hostaddr=::1', { hosts: [host('::1', undefined, '::1')] }],
  ['host=a connect_timeout=2 keepalives=1', { hosts: [host('a')], connectTimeout: 2000 }],
  ['host=a sslmode=require sslnegotiation=direct', { hosts: [host('a')], tls: 'require', tlsAtOnce: true }],
  ['user=u', { hosts: [], user: 'u' }],
] as const) {
  test(`${text} is read`, () => assert.deepEqual(parseAddress(text), { ...plain, ...expected }));
}

for (const text of [
  'nonsense',
  'host',
  'host=a what=b',
  'host=a __proto__=b',
  'host=a sslmode=verify-full',
  'host=a sslnegotiation=direct',
  'host=a port=x',
  'host=a port=65536',
  'host=a,b port=1,2,3',
  'host=a,b hostaddr=127.0.0.1',
  'hostaddr=name',
  "host='a",
  'postgres://a:1:2',
  'postgres://u:%zz@a',
  'postgres://a/?x',
  'host=a password=\0',
  'postgres://a/%00',
  `host=${'a'.repeat(9000)}`,
]) {
  test(`${JSON.stringify(text.slice(0, 40))} is no address`, () => {
    assert.throws(() => parseAddress(text), { name: 'PgFault', message: 'invalid connection string' });
  });
}
