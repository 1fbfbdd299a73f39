// Names of imports and exports follow the grammar of the specification, and are unique as it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addName,
  canonicalName,
  checkLabels,
  checkVersionSuffix,
  type NameSet,
  parseExternName,
} from './extern-names.ts';
import { Invalid } from './invalid.ts';

test('accepts what the grammar has', () => {
  for (const name of ['a', 'a1-2-3', 'A-B-C', 'm1x3d-4CR0NYMS', 'a11-B11-123-ABC-abc']) {
    assert.deepEqual(parseExternName(name), { kind: 'label', label: name });
  }
  assert.deepEqual(parseExternName('[constructor]a-b'), { kind: 'constructor', resource: 'a-b' });
  assert.deepEqual(parseExternName('[method]r.m'), { kind: 'method', resource: 'r', member: 'm' });
  assert.deepEqual(parseExternName('[static]r.s'), { kind: 'static', resource: 'r', member: 's' });
  for (const version of ['1.2.3', '0.2.0-rc.1+b-2', '1', '0.2', '0.0.1', '0.0.0']) {
    assert.deepEqual(parseExternName(`wasi:http/types@${version}`), { kind: 'interface', version });
  }
  assert.deepEqual(parseExternName('ns-1:p-2/Q-R'), { kind: 'interface', version: undefined });
});

test('refuses everything else', () => {
  const names = ['', '1', '1-a', 'a-', 'a--b', '-a', 'aBc', 'a_b', 'a b', 'ä', 'a.b', 'wasi/http', 'a:b', 'a:b/', ':/'];
  names.push('A:b/c', 'a:B/c', 'a:b/cD', 'a:b/c/d', 'a:b:c/d', 'a:b/c@', 'a:b/c@1.', 'a:b/c@01.2.3', 'a:b/c@1.2.3-');
  names.push('a:b/c@0', 'a:b/c@0.0', 'a:b/c@1.2', '[method]r', '[method]r.', '[method].m', '[method]a.b.c', '[x]a');
  names.push('[constructor]', '[constructor]a.b', '[method', 'a\n', 'a:b/c\n');
  for (const name of names) assert.throws(() => parseExternName(name), Invalid, JSON.stringify(name));
});

test('a version suffix completes a canonical version', () => {
  const check = (name: string, suffix: string): void => checkVersionSuffix(parseExternName(name), suffix);
  check('a:b/c@0.2', '.6-rc.1');
  check('a:b/c@1', '.0.0');
  assert.throws(() => check('a:b/c@1.0.0', ''), Invalid);
  assert.throws(() => check('a:b/c', '.1'), Invalid);
  assert.throws(() => check('a:b/c@0.2', '.x'), Invalid);
  assert.throws(() => check('a', '1'), Invalid);
});

test('names are unique beyond their spelling', () => {
  const names: NameSet = new Map();
  // the lists of Explainer.md#name-uniqueness
  for (const name of ['foo', 'foo-bar', '[constructor]foo', '[method]foo.bar', '[static]foo.baz', 'foo:bar/baz']) {
    addName(names, name, 'import');
  }
  const alike = ['foo', 'FOO', 'foo-BAR', '[constructor]FOO', '[method]foo.BAR', '[static]foo.bar', '[method]foo.baz'];
  for (const name of [...alike, '[method]foo.foo', '[static]foo-BAR.FOO-bar', 'foo:bar/BAZ']) {
    assert.throws(() => addName(names, name, 'import'), /conflicts with the previous name/, name);
  }
  assert.notEqual(canonicalName('a:b/c@1.0.0-RC'), canonicalName('a:b/c@1.0.0-rc'));
});

test('labels are kebab case and unique', () => {
  checkLabels(['a', 'b-C', 'b-d'], 'field');
  assert.throws(() => checkLabels(['a-B', 'A-b'], 'field'), /"A-b" conflicts/);
  assert.throws(() => checkLabels([''], 'field'), /empty/);
});
