// Options of `load`: wrong ones are refused by name, with what is meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { checkedOptions } from './check-options.ts';

function mistake(given: object): string {
  try {
    checkedOptions(given);
  } catch (error) {
    assert.ok(error instanceof MayflyError, String(error));
    const all = error.problems.length > 0 ? error.problems : [error];
    assert.ok(all.every(({ code }) => code === 'usage'));
    return all.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`)).join('\n');
  }
  return assert.fail('It was taken');
}

test('right options are taken, and limits are read as in the manifest', () => {
  assert.deepEqual(checkedOptions({}), {});
  assert.deepEqual(checkedOptions({ limits: { memory: '64MiB', concurrency: 2 } }), {
    memoryBytes: 67_108_864,
    concurrency: 2,
  });
  const log = { debug() {}, info() {}, warn() {}, error() {}, child() {} };
  checkedOptions({
    log,
    onError() {},
    engine: 'quickjs',
    permissions: { keyValueStores: ['default'] },
    variables: { a: '' },
  });
  checkedOptions({ log: undefined, engine: undefined, reset: 'copy', maximumSandboxes: 1 });
});

test('unknown ones are named with the nearest', () => {
  assert.equal(mistake({ variable: {} }), "There is no option 'variable' | Did you mean 'variables'?");
  assert.match(mistake({ port: 3000 }), /^There is no option 'port' \| There are variables, environment, limits, /);
  assert.equal(
    mistake({ permissions: { keyValueStore: [] } }),
    "There is no option 'permissions.keyValueStore' | Did you mean 'permissions.keyValueStores'?",
  );
  assert.equal(mistake({ limits: { memry: 1 } }), "There is no option 'limits.memry' | Did you mean 'limits.memory'?");
});

test('wrong values are named with what is wanted, all at once', () => {
  assert.equal(mistake({ engine: 'v8' }), "The option 'engine' must be 'quickjs' or 'starlingmonkey'");
  assert.equal(mistake({ onError: 1 }), "The option 'onError' must be a function");
  assert.equal(mistake({ log: console }), "The option 'log' must be a log of pino, or of its form");
  assert.equal(mistake({ maximumSandboxes: 0 }), "The option 'maximumSandboxes' must be a whole number from 1");
  assert.equal(mistake({ variables: { a: 1 } }), "The option 'variables.a' must be a string");
  assert.equal(
    mistake({ permissions: { keyValueStores: 'default' } }),
    "The option 'permissions.keyValueStores' must be a list",
  );
  assert.match(mistake({ limits: { memory: 'much' } }), /^The option 'limits.memory' must be /);
  assert.equal(mistake({ verifyResets: 1, profile: 2 }).split('\n').length, 2);
});
