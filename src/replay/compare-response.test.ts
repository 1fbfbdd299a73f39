// Where a response differs from the recorded one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { compareResponse, type PlayedResponse } from './compare-response.ts';
import type { Recording } from './format.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

function recorded(text: string, whole = true, kept = text): Recording['response'] {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { status: 200, headers: [['a', 'b']], body: { length: text.length, sha256, whole, bytes: { $text: kept } } };
}

const played = (...pieces: (string | number)[]): PlayedResponse => ({
  status: 200,
  headers: [['a', 'b']],
  body: pieces.map((piece) => (typeof piece === 'number' ? piece : bytes(piece))),
});

test('the same response', () => {
  assert.deepEqual(compareResponse(recorded('hello'), played('he', 'llo')), []);
  assert.deepEqual(compareResponse({ status: 204, headers: [] }, { status: 204, headers: [] }), []);
  assert.deepEqual(compareResponse({ error: { code: 'x', message: 'a' } }, { error: { code: 'x', message: 'b' } }), []);
});

test('status, fields and bytes that differ', () => {
  const differing: readonly (readonly [Recording['response'], PlayedResponse, RegExp])[] = [
    [recorded('a'), { ...played('a'), status: 500 }, /^the status is 500, expected 200$/],
    [recorded('a'), { ...played('a'), headers: [] }, /^header 1 is missing, expected "a: b"$/],
    [recorded('a'), { ...played('a'), headers: [['a', 'c']] }, /^header 1 is "a: c", expected "a: b"$/],
    [recorded('abc'), played('abd'), /^byte 2 of the body is 100, expected 99$/],
    [recorded('abc'), played('ab'), /^the body has 2 bytes, expected 3$/],
    [recorded('abc'), played('abcd'), /^the body has 4 bytes, expected 3$/],
    [recorded('abc'), { ...played(), body: undefined }, /^there is no body, expected 3 bytes$/],
    [{ status: 200, headers: [['a', 'b']] }, played('x'), /^there is a body of 1 bytes, expected none$/],
    [recorded('abcdef', true, 'abc'), played('abcxyz'), /^the body differs from the recorded one behind byte 3$/],
    [{ ...recorded('a'), trailers: [['t', '1']] }, played('a'), /^trailer 1 is missing, expected "t: 1"$/],
    [{ error: { code: 'x', message: '' } }, played('a'), /^it is a response with status 200, expected the error x$/],
    [recorded('a'), { error: { code: 'x', message: '' } }, /^it is the error x, expected a response with status 200$/],
  ];
  for (const [expected, actual, message] of differing) assert.match(compareResponse(expected, actual).join(), message);
});

test('of a body that nobody read to its end only that much is compared', () => {
  assert.deepEqual(compareResponse(recorded('abc', false), played('abcdef')), []);
  assert.match(compareResponse(recorded('abc', false), played('ab')).join(), /has 2 bytes/);
});

test('bytes that the host moved are taken from the recording', () => {
  assert.deepEqual(compareResponse(recorded('abcdef'), played('ab', 3, 'f')), []);
  assert.match(compareResponse(recorded('abcdef'), played('ab', 2, 'f')).join(), /byte 4/);
});

test('values that are masked are compared as such', () => {
  const expected: Recording['response'] = { status: 200, headers: [['set-cookie', 'xxxx']] };
  assert.deepEqual(compareResponse(expected, { status: 200, headers: [['set-cookie', 'a=12']] }), []);
  assert.match(compareResponse(expected, { status: 200, headers: [['set-cookie', 'a=1']] }).join(), /header 1/);
});
