// The router finds the route that Spin's would find, with its parameters.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRouter } from './router.ts';

function routerOf(...routes: string[]) {
  return createRouter(routes.map((route) => ({ route, value: route })));
}

/** Every order of the routes must give the same winner. */
function assertWins(path: string, winner: string | undefined, ...routes: string[]): void {
  for (const order of permutations(routes))
    assert.equal(routerOf(...order).match(path)?.value, winner, `${path} in ${order}`);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

describe('HTTP router', () => {
  it('matches exact routes', () => {
    assertWins('/foo', '/foo', '/foo', '/foo/bar');
    assertWins('/foo/bar', '/foo/bar', '/foo', '/foo/bar');
    assertWins('/', '/', '/', '/foo');
    assertWins('/fo', undefined, '/foo');
    assertWins('/foo/bar/baz', undefined, '/foo', '/foo/bar');
    assertWins('/Foo', undefined, '/foo');
  });

  it('does not count a trailing slash', () => {
    assertWins('/foo/', '/foo', '/foo');
    assertWins('/foo', '/foo/', '/foo/');
    assertWins('/foo', 'foo', 'foo');
  });

  it('matches everything below a wildcard, and its prefix', () => {
    for (const path of ['/', '/a', '/a/b/', '/a//b', '/.well-known/x']) assertWins(path, '/...', '/...');
    for (const path of ['/a', '/a/', '/a/b']) assertWins(path, '/a/...', '/a/...');
    assertWins('/ab', undefined, '/a/...');
    assertWins('/a/b', '/a/*', '/a/*');
  });

  it('prefers the longest prefix', () => {
    const routes = ['/one/...', '/one/two/...', '/one/two/three/...', '/...'];
    assertWins('/one/two/three/four', '/one/two/three/...', ...routes);
    assertWins('/one/two/four', '/one/two/...', ...routes);
    assertWins('/one/two', '/one/two/...', ...routes);
    assertWins('/two', '/...', ...routes);
  });

  it('prefers exact to named to wildcard', () => {
    assertWins('/one', '/one', '/one', '/...', '/one/...');
    assertWins('/one', '/one', '/one', '/:any', '/...');
    assertWins('/two', '/:any', '/one', '/:any', '/...');
    assertWins('/a/b', '/a/b', '/a/b', '/a/:x', '/:x/b', '/a/...');
    assertWins('/a/c', '/a/:x', '/a/b', '/a/:x', '/:x/c', '/a/...');
    assertWins('/a', '/:x', '/:x', '/:x/...');
  });

  it('goes back when the preferred segment leads nowhere', () => {
    assertWins('/a/c', '/:x/c', '/a/b', '/:x/c');
    assertWins('/a/c/d', '/...', '/a/b', '/:x/c', '/...');
    assertWins('/a/b/c', '/a/...', '/a/b', '/a/...', '/:x/:y/:z');
  });

  it('keeps trailing slashes in the path info, as Spin does', () => {
    const router = routerOf('/test/...', '/exact');
    const pathInfo = (path: string) => router.match(path)?.pathInfo;
    assert.equal(pathInfo('/test'), '');
    assert.equal(pathInfo('/test/'), '/');
    assert.equal(pathInfo('/test/hello'), '/hello');
    assert.equal(pathInfo('/test/hello/'), '/hello/');
    assert.equal(pathInfo('/test/a//b'), '/a//b');
    assert.equal(pathInfo('/exact'), '');
    assert.equal(pathInfo('/exact/'), '');
    assert.equal(routerOf('/...').match('/1/2/3')?.pathInfo, '/1/2/3');
    assert.equal(routerOf('/*').match('/')?.pathInfo, '/');
  });

  it('captures named segments', () => {
    const params = (route: string, path: string) => routerOf(route).match(path)?.params;
    assert.deepEqual(params('/1/:two/3', '/1/2/3'), [['two', '2']]);
    assert.deepEqual(params('/1/:two/...', '/1/2/3'), [['two', '2']]);
    assert.deepEqual(params('/:a/:b', '/x/y/'), [
      ['a', 'x'],
      ['b', 'y'],
    ]);
    assert.equal(params('/1/:two', '/1'), undefined);
    assert.equal(params('/1/:two/3', '/1//3'), undefined);
  });

  it('keeps the values of a route that was tried in vain out of the result', () => {
    const router = routerOf('/:a/:b/x', '/:c/...');
    assert.deepEqual(router.match('/1/2/y')?.params, [['c', '1']]);
    assert.equal(router.match('/1/2/y')?.pathInfo, '/2/y');
  });

  it('gives each route its own names at the same place', () => {
    const router = routerOf('/:a/x', '/:b/y');
    assert.deepEqual(router.match('/1/y')?.params, [['b', '1']]);
  });

  it('matches parameters between dots', () => {
    const router = routerOf('/:name.json', '/:name.:ext', '/:whole', '/data.json');
    assert.equal(router.match('/data.json')?.value, '/data.json');
    assert.deepEqual(router.match('/a.json')?.params, [['name', 'a']]);
    assert.deepEqual(router.match('/a.tar.gz')?.params, [
      ['name', 'a'],
      ['ext', 'tar.gz'],
    ]);
    assert.deepEqual(router.match('/.json')?.params, [['whole', '.json']]);
    assert.equal(router.match('/a')?.value, '/:whole');
  });

  it('takes a path that looks like a route for a path', () => {
    const router = createRouter([
      { route: '/:name', value: 'named' },
      { route: '/a/...', value: 'below' },
    ]);
    assert.deepEqual(router.match('/:name')?.params, [['name', ':name']]);
    assert.deepEqual([router.match('/a/...')?.value, router.match('/a/...')?.pathInfo], ['below', '/...']);
    assert.deepEqual([router.match('/a')?.value, router.match('/a')?.pathInfo], ['below', '']);
  });

  it('prefers more text between dots, and of as much the shape that sorts first, in whatever order they are given', () => {
    for (const routes of permutations(['/:a.c', '/longer.:b', '/xy.:b', '/:a.zz', '/:a.:b'])) {
      const router = routerOf(...routes);
      assert.equal(router.match('/longer.zz')?.value, '/longer.:b');
      assert.equal(router.match('/other.zz')?.value, '/:a.zz');
      assert.equal(router.match('/xy.c')?.value, '/xy.:b');
      assert.equal(router.match('/xy.zz')?.value, '/:a.zz', 'a colon sorts before a letter');
      assert.equal(router.match('/other.d')?.value, '/:a.:b');
    }
  });

  it('decodes nothing', () => {
    assertWins('/%61', undefined, '/a');
    assertWins('/a%2Fb', undefined, '/a/b');
    assert.deepEqual(routerOf('/:x').match('/%C3%A9')?.params, [['x', '%C3%A9']]);
    assert.equal(routerOf('/a/...').match('/a/../b')?.pathInfo, '/../b');
  });

  it('names the route in the ways of the spin-* headers', () => {
    const match = routerOf('/a/:b/...').match('/a/1/2');
    assert.equal(match?.route, '/a/:b/...');
    assert.equal(match?.matchedRoute, '/a/:b/...');
    assert.equal(match?.componentRoute, '/a/:b');
  });

  it('refuses two routes for the same paths', () => {
    assert.throws(() => routerOf('/a/:x', '/a/:y'));
    assert.throws(() => routerOf('/a/...', '/a/*'));
  });

  it('agrees with a plain reading of the rules on random routes and paths', () => {
    const random = randomNumbers(3);
    const segment = () => ['a', 'b', ':x', ':y'][random(4)]!;
    for (let round = 0; round < 500; round++) {
      const shapes = new Set<string>();
      const routes: string[] = [];
      for (let i = random(6); i >= 0; i--) {
        const names = Array.from({ length: random(4) }, segment).map((name, at) =>
          name[0] === ':' ? `${name}${at}` : name,
        );
        const route = `/${[...names, ...(random(3) ? [] : ['...'])].join('/')}`;
        const shape = route.replace(/:\w+/g, ':');
        if (!shapes.has(shape)) routes.push(route);
        shapes.add(shape);
      }
      const path = `/${Array.from({ length: random(5) }, () => 'ab'[random(2)]).join('/')}`;
      assert.equal(routerOf(...routes).match(path)?.value, plainWinner(routes, path), `${path} in ${routes}`);
    }
  });
});

/** All matching routes, sorted by how exact each segment is: text 0, named 1, end of route 2, wildcard 3. */
function plainWinner(routes: readonly string[], path: string): string | undefined {
  const matching = routes.filter((route) => {
    const source = route
      .replace(/\/$/, '')
      .replace(/:\w+/g, '[^/]+')
      .replace(/\/\.\.\.$/, '(/.*)?');
    return new RegExp(`^${source}/?$`).test(path);
  });
  const rank = (route: string) =>
    [
      ...route
        .split('/')
        .filter(Boolean)
        .map((segment) => (segment === '...' ? 3 : segment[0] === ':' ? 1 : 0)),
      2,
    ].join('');
  return matching.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0];
}

function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
