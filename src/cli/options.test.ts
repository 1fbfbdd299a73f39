// Values of command line options become addresses, pairs and variables, or an error says why not.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { collectPair, collectVariable, defaultListen, parseListen, parseSeconds, readStatements } from './options.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-options-'));
after(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

it('reads addresses', () => {
  assert.deepEqual(parseListen('127.0.0.1:3000'), { host: '127.0.0.1', port: 3000 });
  assert.deepEqual(parseListen('localhost:0'), { host: 'localhost', port: 0 });
  assert.deepEqual(parseListen('[::1]:80'), { host: '::1', port: 80 });
  assert.deepEqual(parseListen(':80'), { host: '0.0.0.0', port: 80 });
  for (const text of ['', '80', 'a', 'a:', 'a:b', '::1:80', 'a:65536', 'a:1:2', 'http://a:1', 'a b:1', '[x]:1']) {
    assert.throws(() => parseListen(text), { code: 'usage' }, text);
  }
});

it('gathers pairs', () => {
  assert.deepEqual(collectPair('b==', collectPair('a=1')), { a: '1', b: '=' });
  assert.deepEqual(collectPair('a=2', { a: '1' }), { a: '2' });
  for (const text of ['', 'a', '=b']) assert.throws(() => collectPair(text), { code: 'usage' }, text);
});

it('takes variables from files', () => {
  assert.deepEqual(collectVariable(`a=@${write('x.txt', 'one\n')}`), { a: 'one\n' });
  assert.deepEqual(collectVariable(`@${write('x.json', '{"a":"1","b":"2"}')}`, { a: '0' }), { a: '1', b: '2' });
  assert.deepEqual(collectVariable(`@${write('x.toml', 'c = "3"')}`), { c: '3' });
  assert.deepEqual(collectVariable('a=b@c'), { a: 'b@c' });
  for (const text of [
    `a=@${join(folder, 'missing')}`,
    `@${join(folder, 'missing.json')}`,
    `@${write('bad.json', '{')}`,
    `@${write('bad.toml', 'a = ')}`,
    `@${write('number.json', '{"a":1}')}`,
    `@${write('array.json', '["a"]')}`,
  ]) {
    assert.throws(() => collectVariable(text), { code: 'usage' }, text);
  }
});

it('reads statements, and files of them with or without a label', () => {
  const file = write('start.sql', 'SELECT 1; SELECT 2');
  const text = 'SELECT 1; SELECT 2';
  assert.deepEqual(readStatements(['SELECT 1', `@${file}`, `@${file}:other_one`]), [
    { label: 'default', text: 'SELECT 1', all: false },
    { label: 'default', text, all: true },
    { label: 'other_one', text, all: true },
  ]);
  for (const missing of ['@', `@${file}.none`, `@${file}:`]) {
    assert.throws(() => readStatements([missing]), { code: 'usage' }, missing);
  }
});

it("reads Spin's times", () => {
  assert.deepEqual(['5', '5s', '250ms', '1..8s', '20us', '3ms..4ms'].map(parseSeconds), [5000, 5000, 250, 8000, 1, 4]);
  for (const text of ['', '0', 'x', '5m', '-1', '1..', '..2']) {
    assert.throws(() => parseSeconds(text), { code: 'usage' }, text);
  }
});

it('where to listen when nobody says: as Spin has it, and at the port of Knative', () => {
  assert.equal(defaultListen({}), '127.0.0.1:3000');
  assert.equal(defaultListen({ PORT: '9000' }), '127.0.0.1:3000');
  assert.equal(defaultListen({ SPIN_HTTP_LISTEN_ADDR: '[::]:80', PORT: '9000' }), '[::]:80');
  assert.equal(defaultListen({ SPIN_HTTP_LISTEN_ADDR: '[::]:80', PORT: '9000', K_SERVICE: 'x' }), '0.0.0.0:9000');
});
