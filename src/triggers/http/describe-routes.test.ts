// The lines in which people see the routes of an app: those of Spin, to the letter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appOf, to } from './app.test-kit.ts';
import { describeRoutes, describeRoutesAsData } from './describe-routes.ts';

test('each route with its component and its address, as Spin prints them; private routes are not told', () => {
  const redirect = { kind: 'static-response', status: 301, headers: {}, body: undefined } as const;
  const app = appOf({ '/a': to('a'), '/b/...': to('b'), c: to('a'), '/...': to('b'), '/old': redirect }, ['hidden']);
  const { components, triggers } = app;
  const described = components.map((one) => (one.id === 'a' ? { ...one, description: 'Says a' } : one));
  const quiet = { type: 'http', id: 'quiet', route: undefined, action: to('hidden') } as const;
  const lines = describeRoutes({ ...app, components: described, triggers: [...triggers, quiet] }, 'http://x:1');
  assert.deepEqual(lines, [
    'Serving http://x:1',
    'Available Routes:',
    '  a: http://x:1/a',
    '    Says a',
    '  b: http://x:1/b (wildcard)',
    '  a: http://x:1/c',
    '    Says a',
    '  b: http://x:1 (wildcard)',
    '  /old: http://x:1/old',
  ]);
});

test('as data, in the form that Spin prints with --format json', () => {
  const app = appOf({ '/a': to('a'), '/b/...': to('b') });
  const components = app.components.map((one) => (one.id === 'a' ? { ...one, description: 'Says a' } : one));
  assert.deepEqual(describeRoutesAsData({ ...app, components }, 'http://x:1'), {
    base_url: 'http://x:1',
    routes: [
      { id: 'a', route: '/a', wildcard: false, description: 'Says a' },
      { id: 'b', route: '/b', wildcard: true },
    ],
  });
});
