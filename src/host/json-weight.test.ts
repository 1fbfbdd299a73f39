// JSON is weighed by what it makes, before it is read: arrays, objects and their elements, and nothing that stands in texts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonWeight } from './json-weight.ts';

const GROUP = 256;
const ELEMENT = 16;

test('groups and elements count, wherever they stand, and texts do not', () => {
  for (const [json, weight] of [
    ['', 0],
    ['7', 0],
    ['"text"', 0],
    ['[]', GROUP],
    ['{}', GROUP],
    ['[[],{}]', 3 * GROUP + ELEMENT],
    ['[1,2,3]', GROUP + 2 * ELEMENT],
    ['{"a":1,"b":[2,3]}', 2 * GROUP + 2 * ELEMENT],
    ['"[{,"', 0],
    ['["[,",1]', GROUP + ELEMENT],
    ['["\\"[",1]', GROUP + ELEMENT],
    ['["\\\\",[]]', 2 * GROUP + ELEMENT],
    ['["\\\\\\"[,",[]]', 2 * GROUP + ELEMENT],
    ['[\\,]', GROUP + ELEMENT],
  ] as const) {
    assert.equal(jsonWeight(Buffer.from(json)), weight, json);
  }
});
