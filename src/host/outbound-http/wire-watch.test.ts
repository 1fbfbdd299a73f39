// A connection byte by byte: it serves another request only when each response ended exactly where its bytes did.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { WireWatch } from './wire-watch.ts';

interface Message {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  complete?: boolean;
}

const message = (parts: Message): IncomingMessage =>
  ({ statusCode: 200, headers: {}, complete: true, ...parts }) as unknown as IncomingMessage;

/** Whether the connection is of use after the bytes, in pieces of `size`. */
function isClean(text: string, parts: Message = {}, method = 'GET', size = 1_000): boolean {
  const watch = new WireWatch();
  watch.begin(method);
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) {
    if (!watch.bytes(bytes.subarray(at, at + size))) return false;
  }
  watch.answered(message(parts));
  return watch.end();
}

const sized = { headers: { 'content-length': '5' } };
const chunked = { headers: { 'transfer-encoding': 'chunked' } };
const head = (text = ''): string => `HTTP/1.1 200 OK\r\n${text}\r\n`;

test('in pieces of every size: as many bytes as were announced, not one more or less', () => {
  for (let size = 1; size < 50; size++) {
    const clean = (text: string, parts?: Message, method?: string): boolean => isClean(text, parts, method, size);
    assert.equal(clean(`${head()}hello`, sized), true);
    assert.equal(clean(`${head()}hell`, sized), false);
    assert.equal(clean(`${head()}hello!`, sized), false);
    assert.equal(clean(`${head()}`, sized, 'HEAD'), true);
    assert.equal(clean(`${head()}x`, sized, 'HEAD'), false);
    assert.equal(clean(`${head()}`, { ...sized, statusCode: 304 }), true);
    assert.equal(clean(`${head()}x`, { ...sized, statusCode: 304 }), false);
    assert.equal(clean(`${head()}`, { statusCode: 204 }), true);
    assert.equal(clean(`${head()}hello`), false, 'a body that ends with the connection');
    assert.equal(clean(`${head()}hello\r\n\r\n`), false);
    assert.equal(clean(`${head()}0\r\n\r\n`, chunked), true);
    assert.equal(clean(`${head()}5\r\nhello\r\n0\r\n\r\n`, chunked), true);
    assert.equal(clean(`${head()}5\r\nhello\r\n0\r\nx: y\r\n\r\n`, chunked), true);
    assert.equal(clean(`${head()}5\r\nhello\r\n0\r\n\r\n\r\n`, chunked), false);
    assert.equal(clean(`${head()}5\r\nhello\r\n0\r\n\r\nHTTP`, chunked), false);
  }
});

test('informational heads are behind when the final one comes', () => {
  for (const size of [1, 7, 1000]) {
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n';
    assert.equal(isClean(`${early}${early}${head()}hello`, sized, 'GET', size), true);
    assert.equal(isClean(`${early}hello`, sized, 'GET', size), false, 'no final head ever came');
  }
});

test('line ends that are none, and what comes before a head', () => {
  assert.equal(isClean(`${head('a: \r\r\n')}hello`, sized), true);
  assert.equal(isClean(`${head('a: \n')}hello`, sized), false);
  assert.equal(isClean(`\r\n${head()}hello`, sized), false);
  assert.equal(isClean(`x${head()}hello`, sized), false);
});

test('what nobody asked for: between requests, behind the end, after the connection was spoilt', () => {
  const watch = new WireWatch();
  assert.equal(watch.bytes(Buffer.from('x')), false);
  assert.equal(watch.end(), false);

  const idle = new WireWatch();
  idle.begin('GET');
  assert.equal(idle.bytes(Buffer.from(`${head()}hello`)), true);
  idle.answered(message(sized));
  assert.equal(idle.end(), true);
  assert.equal(idle.bytes(Buffer.from('x')), false);
  idle.begin('GET');
  assert.equal(idle.bytes(Buffer.from(`${head()}hello`)), false, 'and it stays so');

  const over = new WireWatch();
  over.begin('GET');
  over.bytes(Buffer.from(`${head()}hello`));
  const response = message({ ...sized, complete: false });
  over.answered(response);
  assert.equal(over.bytes(Buffer.from('')), true);
  Object.assign(response, { complete: true });
  assert.equal(over.bytes(Buffer.from('x')), false);
  assert.equal(over.end(), false);

  const spoilt = new WireWatch();
  spoilt.begin('GET');
  spoilt.spoil();
  assert.equal(spoilt.bytes(Buffer.from(head())), false);
});

test('an answer that is not complete, or never came, leaves nothing to use', () => {
  assert.equal(isClean(`${head()}hello`, { ...sized, complete: false }), false);
  const watch = new WireWatch();
  watch.begin('GET');
  assert.equal(watch.end(), false);
});

test('a connection serves one request after the other', () => {
  const watch = new WireWatch();
  for (const [text, parts, method] of [
    [`${head()}hello`, sized, 'GET'],
    [head(), sized, 'HEAD'],
    [`${head()}3\r\nabc\r\n0\r\n\r\n`, chunked, 'POST'],
    [`${head()}hello`, sized, 'GET'],
  ] as const) {
    watch.begin(method);
    assert.equal(watch.bytes(Buffer.from(text)), true);
    watch.answered(message(parts));
    assert.equal(watch.end(), true, text);
  }
});

test('a connection whose response ended wrongly has no other, however clean the next one is', () => {
  const watch = new WireWatch();
  watch.begin('GET');
  assert.equal(watch.bytes(Buffer.from(`${head()}hell`)), true);
  watch.answered(message(sized));
  assert.equal(watch.end(), false);
  watch.begin('GET');
  assert.equal(watch.bytes(Buffer.from(`${head()}hello`)), false);
});
