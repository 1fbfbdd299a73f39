// What is asked for stays at the server that was named, whatever the path.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameEnd, targetsOf, urlOf } from './targets.ts';

const serving = (...paths: string[]) => ({
  name: 'app',
  url: 'http://127.0.0.1:1234',
  routes: paths.map((path) => ({ id: path, path })),
});

test('each route is asked once, parameters with a value, wildcards where they begin', () => {
  const urls = targetsOf(serving('', '/a', '/a/:one/:two', '/a'), undefined).map(({ url }) => url.slice(21));
  assert.deepEqual(urls, ['/', '/a', '/a/1/1']);
  assert.deepEqual(targetsOf(serving('/a', '/b'), '/c?d=1'), [{ url: 'http://127.0.0.1:1234/c?d=1' }]);
  assert.throws(() => targetsOf({ ...serving(), url: '' }, undefined), { code: 'usage' });
});

test('a path that looks like an address is a path', () => {
  assert.equal(urlOf('http://one:1/a', '//two/b'), 'http://one:1//two/b');
  assert.equal(sameEnd('http://other:2/', 'http://one:1//two/b', undefined), 'http://other:2//two/b');
});

test('the other server is asked for the same path, unless its URL has one of its own', () => {
  assert.equal(sameEnd('http://other', 'http://one/a?b', undefined), 'http://other/a?b');
  assert.equal(sameEnd('http://other/c', 'http://one/a?b', undefined), 'http://other/c');
  assert.equal(sameEnd('http://other/c', 'http://one/a?b', '/a?b'), 'http://other/a?b');
});

test('what is no URL of HTTP, and what is no path', () => {
  for (const wrong of ['', 'one:1', 'ftp://one', 'file:///a'])
    assert.throws(() => urlOf(wrong, undefined), { code: 'usage' });
  assert.throws(() => urlOf('http://one', 'a'), { code: 'usage', message: '"a" is no path' });
});
