// Names and values of fields, byte by byte, and which of them guests neither set nor see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesFromValue, isForbidden, isHidden03, normalName, valueFromBytes } from './field-syntax.ts';

test('fields of the connection are forbidden, each of them; 0.3 shows the host', () => {
  const names = [
    ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection'],
    ...['transfer-encoding', 'upgrade', 'host', 'http2-settings'],
  ];
  for (const name of names) assert.deepEqual([isForbidden(name), isHidden03(name)], [true, name !== 'host'], name);
  for (const name of ['te', 'trailer', 'content-length', 'x', '']) {
    assert.deepEqual([isForbidden(name), isHidden03(name)], [false, false], name);
  }
});

test('names are tokens, in lower case', () => {
  const allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (let code = 0; code < 300; code++) {
    const name = String.fromCharCode(code);
    assert.equal(normalName(name), allowed.includes(name) ? name.toLowerCase() : undefined, String(code));
  }
  assert.equal(normalName(''), undefined);
  assert.equal(normalName('\u212a'), undefined, 'a Kelvin sign, which is a k in lower case');
});

test('values are all bytes but control characters', () => {
  for (let byte = 0; byte < 256; byte++) {
    const value = valueFromBytes(Uint8Array.of(0x61, byte));
    const isControl = (byte < 32 && byte !== 9) || byte === 127;
    assert.equal(value, isControl ? undefined : `a${String.fromCharCode(byte)}`, String(byte));
    if (value !== undefined) assert.deepEqual([...bytesFromValue(value)], [0x61, byte]);
  }
  assert.equal(valueFromBytes(new Uint8Array(0)), '');
  assert.equal(valueFromBytes(new Uint8Array([0, 0x61, 0x62, 0]).subarray(1, 3)), 'ab');
});
