// Routes are normalised, compared by their shape, and refused with words when they can match no path.
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

it('says what is wrong with a route, without naming it', () => {
  const faults: readonly (readonly [string, string])[] = [
    ['/a/.../b', "'...' may stand only at the end, as '/...'"],
    ['/a*', "'a*' may stand only at the end, as '/...'"],
    ['/a b', "' ' cannot stand in a path; percent-encode it"],
    ['/a?b', "'?' cannot stand in a path; percent-encode it"],
    ['/a#b', "'#' cannot stand in a path; percent-encode it"],
    ['/\u00e9', "'\u00e9' cannot stand in a path; percent-encode it"],
    ['/x:y', "'x:y' has a parameter that does not start its segment"],
    ['/xx:y', "'xx:y' has a parameter that does not start its segment"],
    ['/:', "':' must be followed by the name of a parameter"],
    ['/:1', "':1' is no name of a parameter"],
    ['/:a/b/:a', "':a' stands in it twice"],
    ['/:a.:a', "':a' stands in it twice"],
  ];
  for (const [route, message] of faults) assert.throws(() => parseRoute(route), { name: 'RouteFault', message }, route);
});

it('tells names and texts apart, also where they are the same', () => {
  const { segments, shape } = parseRoute('/a/:a/b.c/:x-1_y.a');
  assert.deepEqual(segments, [
    [{ kind: 'text', text: 'a' }],
    [{ kind: 'param', name: 'a' }],
    [{ kind: 'text', text: 'b.c' }],
    [
      { kind: 'param', name: 'x-1_y' },
      { kind: 'text', text: 'a' },
    ],
  ]);
  assert.equal(shape, '/a/:/b.c/:.a');
  assert.notEqual(parseRoute('/:a.:b').shape, parseRoute('/:a').shape);
  assert.deepEqual(parseRoute('/a//b').segments.length, 2);
});
