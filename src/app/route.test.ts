import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseRoute, RouteFault } from './route.ts';

it('normalises slashes', () => {
  assert.equal(parseRoute('/').normal, '');
  assert.equal(parseRoute('').normal, '');
  assert.equal(parseRoute('/a/').normal, '/a');
  assert.equal(parseRoute('a/b').normal, '/a/b');
  assert.equal(parseRoute('/a/...').prefix, '/a');
  assert.equal(parseRoute('/...').prefix, '');
});

it('knows parameters and wildcards', () => {
  const route = parseRoute('/a/:b/...');
  assert.deepEqual(route.segments, [[{ kind: 'text', text: 'a' }], [{ kind: 'param', name: 'b' }]]);
  assert.equal(route.isWildcard, true);
  assert.equal(parseRoute('/a/*').isWildcard, true);
  assert.equal(parseRoute('/a').isWildcard, false);
  assert.deepEqual(parseRoute('/:name.json').segments, [
    [
      { kind: 'param', name: 'name' },
      { kind: 'text', text: 'json' },
    ],
  ]);
  assert.deepEqual(parseRoute('/v1.2').segments, [[{ kind: 'text', text: 'v1.2' }]]);
});

it('gives routes that match the same paths the same shape', () => {
  const same = (a: string, b: string) => assert.equal(parseRoute(a).shape, parseRoute(b).shape);
  same('/a/:x', '/a/:y/');
  same('/a/...', 'a/*');
  same('/', '');
  assert.notEqual(parseRoute('/a/:x').shape, parseRoute('/a/x').shape);
  assert.notEqual(parseRoute('/a').shape, parseRoute('/a/...').shape);
});

it('refuses what can match no path', () => {
  for (const route of ['/a/.../b', '/a/*/b', '/a*', '/a?b', '/a b', '/é', '/:', '/a/:1', '/x:y', '/:a/:a', '/:a..:']) {
    assert.throws(() => parseRoute(route), RouteFault, route);
  }
});
