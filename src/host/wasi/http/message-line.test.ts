// Methods, schemes and paths cross in both directions, and invalid ones are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPathWithQuery, isScheme, methodFromText, methodToText, schemeToText } from './message-line.ts';

test('methods come back as they went, and are told apart by case', () => {
  for (const method of [
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'DELETE',
    'CONNECT',
    'OPTIONS',
    'TRACE',
    'PATCH',
    'get',
    'BREW',
  ]) {
    assert.equal(methodToText(methodFromText(method)), method);
  }
  assert.deepEqual(methodFromText('get'), { tag: 'other', val: 'get' });
  assert.deepEqual(methodFromText('GET'), { tag: 'get' });
  for (const bad of ['', 'invalid method', 'A\r\nB', 'Ä'])
    assert.equal(methodToText({ tag: 'other', val: bad }), undefined);
});

test('schemes', () => {
  assert.equal(isScheme({ tag: 'other', val: 'bad\nscheme' }), false);
  assert.equal(isScheme({ tag: 'other', val: 'ws' }), true);
  assert.equal(schemeToText({ tag: 'other', val: 'Https' }), 'https');
  assert.equal(schemeToText({ tag: 'other', val: 'ws' }), undefined);
});

test('paths', () => {
  for (const good of ['/', '/a?b=c', '', '?q', '*', '/ü', '/%20', '/a"b'])
    assert.equal(isPathWithQuery(good), true, good);
  for (const bad of ['a', '/a b', '/bad\npath', '/a#f', '//\r\n', '/\u007f', '**']) {
    assert.equal(isPathWithQuery(bad), false, bad);
  }
});
