// Every type has one text, and no two types have the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printFuncType, printValType } from './print.ts';
import type { ValType } from './val-type.ts';

const u8: ValType = { kind: 'u8' };
const string: ValType = { kind: 'string' };
const host = { name: 'wasi:io/poll/pollable', host: { name: 'pollable' } };

test('every kind of type has a spelling of its own', () => {
  const spellings: [ValType, string][] = [
    [{ kind: 'bool' }, 'bool'],
    [{ kind: 'error-context' }, 'error-context'],
    [{ kind: 'list', element: u8 }, 'list<u8>'],
    [{ kind: 'list', element: u8, length: 4 }, 'list<u8, 4>'],
    [{ kind: 'tuple', types: [u8, string] }, 'tuple<u8, string>'],
    [{ kind: 'record', fields: [{ name: 'a-b', type: u8 }] }, 'record{a-b: u8}'],
    [
      {
        kind: 'variant',
        cases: [
          { name: 'a', type: u8 },
          { name: 'b', type: undefined },
        ],
      },
      'variant{a(u8), b}',
    ],
    [{ kind: 'enum', names: ['a', 'b'] }, 'enum{a, b}'],
    [{ kind: 'flags', names: ['a', 'b'] }, 'flags{a, b}'],
    [{ kind: 'option', type: string }, 'option<string>'],
    [{ kind: 'result', ok: undefined, err: undefined }, 'result'],
    [{ kind: 'result', ok: u8, err: undefined }, 'result<u8>'],
    [{ kind: 'result', ok: undefined, err: string }, 'result<_, string>'],
    [{ kind: 'result', ok: u8, err: string }, 'result<u8, string>'],
    [{ kind: 'own', resource: host }, 'own<wasi:io/poll/pollable>'],
    [{ kind: 'borrow', resource: { name: 'wasi:io/poll/pollable' } }, 'borrow<guest wasi:io/poll/pollable>'],
    [{ kind: 'stream', element: u8 }, 'stream<u8>'],
    [{ kind: 'future', element: undefined }, 'future'],
  ];
  for (const [type, text] of spellings) assert.equal(printValType(type), text);
  assert.equal(new Set(spellings.map(([, text]) => text)).size, spellings.length);
});

test('functions: parameters without their names, the result, async', () => {
  const params = [
    { name: 'self', type: u8 },
    { name: 'len', type: string },
  ];
  assert.equal(printFuncType({ async: false, params, result: u8 }), 'func(u8, string) -> u8');
  assert.equal(printFuncType({ async: true, params: [], result: undefined }), 'async func()');
});
