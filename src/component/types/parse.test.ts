// Every type is read back from the text in which signatures write it.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseFuncType } from './parse.ts';
import { printFuncType } from './print.ts';

test('every signature of the host is read as what it was written from', () => {
  const host = path.join(import.meta.dirname, '../../host');
  const texts = globSync('**/signatures*.json', { cwd: host }).flatMap((file) => {
    const all = JSON.parse(readFileSync(path.join(host, file), 'utf8')) as Record<string, Record<string, string>>;
    return Object.values(all).flatMap((functions) => Object.values(functions));
  });
  const readable = texts.filter((text) => !/\b(own|borrow|stream|future)\b/.test(text));
  assert.ok(readable.length > 20);
  for (const text of readable) assert.equal(printFuncType(parseFuncType(text)), text);
  for (const text of texts) if (!readable.includes(text)) assert.throws(() => parseFuncType(text), /Unexpected/);
});

test('every kind of type', () => {
  const text =
    'async func(bool, list<u8, 4>, flags{a, b-c}, result, result<_, string>, result<u8>) -> tuple<char, option<f64>, enum{x}>';
  assert.equal(printFuncType(parseFuncType(text)), text);
  assert.deepEqual(parseFuncType('func()'), { async: false, params: [], result: undefined });
  assert.equal(
    printFuncType(parseFuncType('func(variant{a(u8), b}, record{c-d: s8})')),
    'func(variant{a(u8), b}, record{c-d: s8})',
  );
});

test('what is none is refused', () => {
  for (const text of [
    '',
    'func',
    'func(',
    'func() ',
    'func(u9)',
    'func(list)',
    'func(list<u8)',
    'func(record{a})',
    'func(u8,u8)',
    'func(u8, )',
    'func() -> ',
  ]) {
    assert.throws(() => parseFuncType(text), /Unexpected/, text);
  }
});
