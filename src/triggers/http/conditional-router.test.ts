// Routes for some methods and hosts: which one is taken, and what a method gets for which there is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteCondition } from '../../app/manifest/triggers/http/conditions.ts';
import { createConditionalRouter } from './conditional-router.ts';

type Case = readonly [route: string, name: string, only?: RouteCondition];

/** Gives the name of the route, or the methods that would have one. */
function finder(...cases: Case[]): (request: string) => string {
  const router = createConditionalRouter(cases.map(([route, value, only]) => ({ route, value, only })));
  return (request) => {
    const [method = '', url = ''] = request.split(' ');
    const [, authority = '', path = ''] = /^([^/]*)(.*)$/.exec(url) ?? [];
    const found = router.find(method, authority, path);
    return found.match?.value ?? `none [${found.match === undefined ? found.allow.join() : ''}]`;
  };
}

test('without conditions the path alone decides', () => {
  const find = finder(['/a', 'a'], ['/...', 'rest']);
  assert.deepEqual([find('GET x/a'), find('BREW /b')], ['a', 'rest']);
  assert.equal(finder(['/a', 'a'])('GET x/b'), 'none []');
});

test('a method chooses between routes of one path, and GET stands for HEAD', () => {
  const find = finder(
    ['/a', 'read', { methods: ['GET'] }],
    ['/a', 'write', { methods: ['POST', 'PUT'] }],
    ['/b', 'any'],
    ['/b', 'post', { methods: ['POST'] }],
    ['/c', 'get', { methods: ['GET'] }],
    ['/c', 'head', { methods: ['HEAD'] }],
  );
  assert.deepEqual(
    ['GET', 'HEAD', 'PUT', 'DELETE'].map((method) => find(`${method} x/a`)),
    ['read', 'read', 'write', 'none [GET,HEAD,POST,PUT]'],
  );
  assert.deepEqual([find('GET x/b'), find('POST x/b')], ['any', 'post']);
  assert.deepEqual([find('GET x/c'), find('HEAD x/c'), find('get x/c')], ['get', 'head', 'none [GET,HEAD]']);
  assert.equal(find('GET x/d'), 'none []');
});

test('a method that the best path has no route for goes to the next one', () => {
  const find = finder(['/a/b', 'exact', { methods: ['GET'] }], ['/a/...', 'below', { methods: ['POST'] }]);
  assert.deepEqual([find('GET x/a/b'), find('POST x/a/b')], ['exact', 'below']);
  assert.equal(find('PUT x/a/b'), 'none [GET,HEAD,POST]');
  assert.equal(find('GET x/a/c'), 'none [POST]');
});

test('a host that is named comes before a wildcard, the longer wildcard first, and no host last', () => {
  const find = finder(
    ['/...', 'any'],
    ['/...', 'example', { hosts: ['*.example.com'] }],
    ['/...', 'deep', { hosts: ['*.b.example.com'] }],
    ['/x', 'own', { hosts: ['a.b.example.com', '[::1]'] }],
    ['/only-any', 'rest'],
  );
  assert.deepEqual(
    [
      'a.b.example.com/x',
      'A.B.EXAMPLE.COM:80/x',
      'a.b.example.com/y',
      'c.example.com/x',
      'example.com/x',
      '[::1]:3000/x',
    ]
      .concat(['[::1]/y', '/x', 'evil.com/x', 'notexample.com/x', 'c.example.com/only-any', 'b.org/only-any'])
      .map((url) => find(`GET ${url}`)),
    ['own', 'own', 'deep', 'example', 'any', 'own', 'any', 'any', 'any', 'any', 'example', 'rest'],
  );
});

test('what no host leads to is not there, whatever the method', () => {
  const find = finder(['/a', 'a', { hosts: ['h'], methods: ['POST'] }]);
  assert.deepEqual([find('POST h/a'), find('GET h/a'), find('POST other/a')], ['a', 'none [POST]', 'none []']);
});

test('two routes of one condition and one path cannot be', () => {
  const only = { methods: ['GET'] };
  assert.doesNotThrow(() => finder(['/a', 'a', only], ['/a', 'b', { methods: ['POST'] }]));
  assert.throws(
    () =>
      createConditionalRouter([
        { route: '/a', value: 1 },
        { route: '/a', value: 2 },
      ]),
    /match the same/,
  );
});
