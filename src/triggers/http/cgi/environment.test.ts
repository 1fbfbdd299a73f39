// A CGI program gets the command line and the variables that RFC 3875 and Spin's executor give it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../app.test-kit.ts';
import { type CgiRoute, commandLine, metaVariables } from './environment.ts';

function route(over: Partial<CgiRoute['match']> = {}): CgiRoute {
  const match = { route: '/a/...', matchedRoute: '/a/...', componentRoute: '/a', pathInfo: '/b', params: [], ...over };
  return { match, argv: '' };
}

function variables(...args: Parameters<typeof metaVariables>): Map<string, string> {
  const all = metaVariables(...args);
  assert.equal(new Map(all).size, all.length, 'no variable is given twice');
  return new Map(all);
}

test('the command line is filled in and split at spaces', () => {
  const template = `php $${'{SCRIPT_NAME}'} $${'{ARGS}'}`;
  assert.deepEqual(commandLine(template, '/a.php?x=1&y'), ['php', '/a.php', 'x=1', 'y']);
  assert.deepEqual(commandLine(template, '/a.php'), ['php', '/a.php']);
  assert.deepEqual(commandLine('fixed', '/a?b'), ['fixed']);
  // What a client sends is never taken for a template.
  assert.deepEqual(commandLine(template, `/x$${'{ARGS}'}?$${'{SCRIPT_NAME}'}`), [
    'php',
    `/x$${'{ARGS}'}`,
    `$${'{SCRIPT_NAME}'}`,
  ]);
});

test('headers of clients become variables, but not those that mean something to servers', () => {
  const headers = [
    ['accept', 'a'],
    ['accept', 'b'],
    ['cookie', 'a=1'],
    ['cookie', 'b=2'],
    ['authorization', 'secret'],
    ['proxy-authorization', 'secret'],
    ['proxy', 'http://evil'],
    ['connection', 'close'],
    ['transfer-encoding', 'chunked'],
    ['keep-alive', '5'],
    ['upgrade', 'h2c'],
    ['spin-client-addr', '1.2.3.4'],
    ['x_forwarded_for', 'evil'],
    ['x-forwarded-for', 'good'],
    ['x-text', Buffer.from('Ärger').toString('latin1')],
  ] as const;
  const env = variables(get('/a/b', { headers }), route(), '1.2.3.4:5', 0);
  const http = [...env].filter(([name]) => name.startsWith('HTTP_'));
  assert.deepEqual(http, [
    ['HTTP_ACCEPT', 'a, b'],
    ['HTTP_COOKIE', 'a=1; b=2'],
    ['HTTP_X_FORWARDED_FOR', 'good'],
    ['HTTP_X_TEXT', 'Ärger'],
  ]);
});

test('each header that is withheld', () => {
  for (const name of [
    ...['authorization', 'proxy-authorization', 'proxy', 'connection', 'keep-alive', 'proxy-connection'],
    ...['transfer-encoding', 'upgrade', 'http2-settings', 'spin-x', 'a_b'],
  ]) {
    const env = variables(get('/', { headers: [[name, 'x']] }), route(), '1.2.3.4:5', 0);
    assert.deepEqual(
      [...env.keys()].filter((key) => key.startsWith('HTTP_')),
      [],
      name,
    );
  }
});

test('paths are decoded, and the length of an unknown body is not made up', () => {
  const env = variables(get('/a/b%20%C3%A4%00?q=%20'), route({ pathInfo: '/b%20%C3%A4%00' }), '[::1]:5', undefined);
  assert.equal(env.get('PATH_INFO'), '/b ä%00');
  assert.equal(env.get('X_RAW_PATH_INFO'), '/b%20%C3%A4%00');
  assert.equal(env.get('SCRIPT_NAME'), '/a');
  assert.equal(env.get('QUERY_STRING'), 'q=%20');
  assert.equal(env.get('REMOTE_ADDR'), '::1');
  assert.ok(!env.has('CONTENT_LENGTH'));
});

test('names and ports of servers', () => {
  const of = (authority: string, scheme: 'http' | 'https' = 'http') => {
    const env = variables(get('/', { authority, scheme }), route({ pathInfo: '/' }), '1.2.3.4:5', 0);
    return [env.get('SERVER_NAME'), env.get('SERVER_PORT'), env.get('SCRIPT_NAME')];
  };
  assert.deepEqual(of('a.example'), ['a.example', '80', '']);
  assert.deepEqual(of('a.example', 'https'), ['a.example', '443', '']);
  assert.deepEqual(of('[::1]:8080'), ['[::1]', '8080', '']);
});
