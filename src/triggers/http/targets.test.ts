// Which components a trigger serves, and how each is run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appOf, to } from './app.test-kit.ts';
import { wantsCommand } from './targets.ts';

test('a component is run as a CGI program when one of its triggers wants that', () => {
  const wagi = { kind: 'component', component: 'both', wagi: { argv: 'x' } } as const;
  const app = appOf({ '/plain': to('both'), '/cgi': wagi, '/other': to('other') });
  assert.equal(wantsCommand(app, 'both'), true);
  assert.equal(wantsCommand(app, 'other'), false);
  assert.equal(wantsCommand(app, 'none'), false);
});
