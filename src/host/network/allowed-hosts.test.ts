// An entry of `allowed_outbound_hosts` allows what it says, and nothing beside it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { MayflyError } from '../../errors.ts';
import type { ComponentContext } from '../service.ts';
import {
  AllowedHostFault,
  allowedHostsOf,
  isAllowed,
  isSelfAllowed,
  parseAllowedHost,
  parseAllowedHosts,
} from './allowed-hosts.ts';

/** `scheme://host[:port]` as a destination. */
function to(url: string): { scheme: string; host: string; port?: number } {
  const [, scheme, host, port] = /^([a-z]+):\/\/(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(url)!;
  return port === undefined ? { scheme: scheme!, host: host! } : { scheme: scheme!, host: host!, port: Number(port) };
}

function check(rules: string[], allowed: string[], denied: string[]): void {
  const parsed = parseAllowedHosts(rules);
  for (const url of allowed) assert.equal(isAllowed(parsed, to(url)), true, `${rules} should allow ${url}`);
  for (const url of denied) assert.equal(isAllowed(parsed, to(url)), false, `${rules} should deny ${url}`);
}

test('a host under its scheme and port', () => {
  check(
    ['https://example.com', 'http://other.org:8383/'],
    ['https://example.com', 'https://example.com:443', 'https://EXAMPLE.com', 'http://other.org:8383'],
    [
      'http://example.com',
      'https://example.com:444',
      'https://sub.example.com',
      'http://other.org',
      'https://xexample.com',
    ],
  );
  check(['redis://db'], ['redis://db:6379', 'redis://db'], ['redis://db:6380', 'http://db:6379']);
});

test('nothing is allowed without entries', () => {
  check([], [], ['https://example.com', 'http://127.0.0.1', 'http://a.spin.internal']);
  assert.equal(isSelfAllowed([]), false);
});

test('wildcards for scheme, host, port', () => {
  check(['*://*:*'], ['https://a', 'redis://b:1', 'http://[::1]:5'], []);
  check(['*://example.com:80'], ['http://example.com', 'tcp://example.com:80'], ['https://example.com']);
  check(['https://*'], ['https://a.b'], ['https://a.b:8443', 'http://a.b']);
  check(['http://h:*'], ['http://h', 'http://h:65535'], ['http://i']);
});

test('subdomains, not the domain itself, not addresses', () => {
  check(
    ['http://*.Example.COM'],
    ['http://a.example.com', 'http://a.b.example.com'],
    ['http://example.com', 'http://myexample.com', 'http://example.com.evil.org', 'http://a.example.com:8080'],
  );
  check(['http://*.1.com'], [], ['http://127.0.0.1']);
});

test('port ranges do not include their end', () => {
  check(['http://h:8000..8002'], ['http://h:8000', 'http://h:8001'], ['http://h:8002', 'http://h:7999', 'http://h']);
  check(['http://h:65535..65536'], ['http://h:65535'], []);
  for (const ports of ['65536', '65536..65536', '65535..65537', '0..65537']) {
    assert.throws(() => parseAllowedHosts([`http://h:${ports}`]), AllowedHostFault, ports);
  }
});

test('address ranges match addresses in every spelling, and no names', () => {
  check(['*://127.0.0.1/24:63551'], ['tcp://127.0.0.1:63551', 'tcp://127.0.0.200:63551'], ['tcp://127.0.1.1:63551']);
  check(['http://10.0.0.0/8'], ['http://10.255.0.1', 'http://0x0a.1'], ['http://11.0.0.1', 'http://10.example.com']);
  check(['http://ff00::/8'], ['http://[ff01::1]'], ['http://[fe00::1]']);
  check(['https://2001:db8::/32:8443'], ['https://[2001:db8:1::5]:8443'], ['https://[2001:db8:1::5]']);
  check(['http://::1/128'], ['http://[::1]', 'http://[0:0:0:0:0:0:0:1]'], ['http://[::2]']);
});

test('addresses are compared as addresses', () => {
  check(['http://[2001:db8::1]'], ['http://[2001:DB8:0::1]'], ['http://[2001:db8::2]']);
  check(['http://127.0.0.1'], ['http://127.1', 'http://0x7f000001'], ['http://127.0.0.2']);
  check(['http://[::1]:*'], ['http://[::1]:1'], []);
});

test('the app itself: by self, self.alt or any host, under HTTP', () => {
  for (const rule of ['http://self', 'https://self.alt', '*://self:*', 'http://self/', 'https://*', '*://*:*']) {
    assert.equal(isSelfAllowed(parseAllowedHosts([rule])), true, rule);
  }
  for (const rule of ['redis://self', 'http://localhost:3000', 'http://*.alt', 'http://127.0.0.0/8']) {
    assert.equal(isSelfAllowed(parseAllowedHosts([rule])), false, rule);
  }
});

test('self is no host name: a host that a client could name is not allowed by it', () => {
  check(
    ['http://self', 'http://self.alt'],
    [],
    ['http://self', 'http://self.alt', 'http://localhost', 'http://evil.com'],
  );
});

test('service chaining hosts are hosts like others', () => {
  check(['http://a.spin.internal'], ['http://a.spin.internal'], ['http://b.spin.internal']);
  check(['http://*.spin.internal'], ['http://a.spin.internal', 'http://b.spin.internal'], ['http://spin.internal']);
});

test('an entry that a variable left empty counts as absent, everything else that is malformed is a fault', () => {
  assert.deepEqual(parseAllowedHosts(['', 'https://', 'http://']), []);
  const bad = [
    '*',
    '?',
    ':',
    'example.com',
    'example.com:8080',
    '[::1]:8080',
    'ht-tp://example.com',
    'ht-tp://example.com:80',
    '://example.com:80',
    '{http,https}://example.com',
    'http://{a,b}.com',
    'http://a.*.com',
    'http://*a.com',
    'http://**.com',
    'http://*.*.com',
    'http://*.',
    'http://*.:8080',
    'http://*.127.0.0.1',
    'http://*.192.168.001.001',
    'http://*.[::1]',
    'http://example.com/path',
    'http://example.com:80/path',
    'http://*.example.com/p',
    'http://127.0.0.0/24/p',
    'http://[::1]/p',
    'http://ff00::/8/extra',
    'http://example.com//',
    'http://self//',
    'http://[::1]//',
    'http://example.com:http',
    'http://example.com:99999',
    'http://example.com:8080..70000',
    'http://example.com:8080..',
    'http://example.com:8O8O',
    'http://example.com:80:90',
    'http://self:notaport',
    'http://[::1',
    'http://[::1]junk',
    'http://[::1]::80',
    'http://[v1.]',
    'http://::1',
    'http://10.0.0.0/33',
    'http://exa[mple.com',
    'http://exa\\mple.com',
    'http://example%.com',
    'http://example%GG.com',
    'http://user@example.com',
    'http://a b',
    'http://a?b',
    '*://example.com',
    'tcp://example.com',
  ];
  for (const text of bad) assert.throws(() => parseAllowedHost(text), AllowedHostFault, text);
});

test('a fault says which part of the entry is wrong', () => {
  for (const [text, words] of [
    ['http://example.com/path', /has a path/],
    ['http://{a,b}.com', /holds a list/],
    ['http://a.*.com', /has a \* inside a name/],
    ['http://*.*.com', /has a \* inside a name/],
    ['http://*.127.0.0.1', /after "\*\.", which is no domain/],
    ['http://a b', /which is no name or address/],
  ] as const) {
    assert.throws(() => parseAllowedHost(text), words, text);
  }
});

test('hosts that are none are denied, even where everything is allowed', () => {
  const all = parseAllowedHosts(['*://*:*']);
  for (const host of ['', 'a b', 'a/b', 'a@b', 'a?b', '[::1', '::1', 'a\\b', 'exa%mple']) {
    assert.equal(isAllowed(all, { scheme: 'http', host }), false, host);
  }
});

test('what a component may reach: each malformed entry is reported at its place, and the others count', () => {
  const location = { file: 'spin.toml', line: 7, column: 1 };
  const allowedOutboundHosts = ['https://a.example', 'nonsense', 'https://', 'http://b.example:port', 'http://self'];
  const problems: MayflyError[] = [];
  const context = {
    component: { id: 'c', allowedOutboundHosts, location },
    problem: (error: MayflyError) => void problems.push(error),
  };
  const allowed = allowedHostsOf(context as unknown as ComponentContext);
  assert.deepEqual(
    allowed.map(({ text }) => text),
    ['https://a.example', 'http://self'],
  );
  assert.deepEqual(
    problems.map(({ code, location: place, message }) => [code, place, message]),
    [
      [
        'manifest-allowed-host',
        location,
        'An entry of allowed_outbound_hosts of component "c" has no scheme, such as https:// or *://',
      ],
      [
        'manifest-allowed-host',
        location,
        'An entry of allowed_outbound_hosts of component "c" has the value of a variable as its port',
      ],
    ],
  );
});

test('an entry that a secret made wrong is reported without a letter of it', () => {
  const entries = ['https://a.example:hush', 'https://hu sh', 'hu-sh://a.example', 'https://*.hu sh', 'hush://a'];
  const problems: MayflyError[] = [];
  const context = {
    component: { id: 'c', allowedOutboundHosts: entries, location: { file: 'spin.toml' } },
    problem: (error: MayflyError) => void problems.push(error),
  };
  allowedHostsOf(context as unknown as ComponentContext);
  assert.equal(problems.length, entries.length);
  assert.doesNotMatch(inspect(problems.map(({ message, cause, hint }) => [message, cause, hint])), /hu.?sh/);
});
