// Names of components and variables are accepted or refused as Spin does it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { kebabIdFault, toKebab, variableNameFault } from './names.ts';

it('accepts component ids as Spin does', () => {
  for (const id of ['a', 'my-app', 'v2', 'a-2', 'HTTP-server', 'a1-b2']) assert.equal(kebabIdFault(id), undefined, id);
  for (const id of ['', 'my_app', 'my--app', '-a', 'a-', '2a', 'Hello', 'é', 'a b']) assert.ok(kebabIdFault(id), id);
});

it('accepts names of variables as Spin does', () => {
  for (const name of ['a', 'my_var', 'v2', 'a_2']) assert.equal(variableNameFault(name), undefined, name);
  for (const name of ['', 'my-var', 'A', 'aB', '_a', 'a__b', '4a', 'a!']) assert.ok(variableNameFault(name), name);
});

it('makes kebab-case names', () => {
  assert.equal(toKebab('MyApp 2'), 'my-app-2');
  assert.equal(toKebab('hello_world.wasm'), 'hello-world-wasm');
  assert.equal(toKebab('2-x'), 'x');
  assert.equal(toKebab('ünï'), 'n');
});

it('says what is wrong', () => {
  const ids: readonly (readonly [string, string])[] = [
    ['', 'it is empty'],
    ['my_app', "words are separated by '-', not '_'"],
    ['my--app', "a '-' stands without a word beside it"],
    ['a-', "a '-' stands without a word beside it"],
    ['a b', 'only ASCII letters and digits may stand in a word'],
    ['2a', 'it must start with a letter'],
    ['a-:b', 'it must start with a letter'],
    ['Hello', 'a word must be all in lower or all in upper case'],
  ];
  for (const [id, fault] of ids) assert.equal(kebabIdFault(id), fault, id);
  const names: readonly (readonly [string, string])[] = [
    ['my-var', "words are separated by '_', not '-'"],
    ['a__b', "a '_' stands without a word beside it"],
    ['A', 'it must be in lower case'],
    ['aB', 'it must be in lower case'],
  ];
  for (const [name, fault] of names) assert.equal(variableNameFault(name), fault, name);
  assert.equal(kebabIdFault('a-2b'), undefined);
  assert.equal(kebabIdFault('A-b'), undefined);
});
