// Which status a client gets that sent no request, by the error and the bytes at which the parser gave up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { farewell, type ParseError, statusOf } from './parse-error.ts';

/** `text` with a `|` where the parser gave up. */
function fault(code: string, text?: string): ParseError {
  const error = Object.assign(new Error(code), { code });
  if (text === undefined) return error;
  const at = text.indexOf('|');
  return Object.assign(error, { rawPacket: Buffer.from(text.replace('|', ''), 'latin1'), bytesParsed: at });
}

test('errors of the parser are the client’s, those of the connection are nobody’s', () => {
  assert.equal(statusOf(fault('ERR_HTTP_REQUEST_TIMEOUT')), 408);
  assert.equal(statusOf(fault('HPE_CHUNK_EXTENSIONS_OVERFLOW')), 413);
  assert.equal(statusOf(fault('HPE_CLOSED_CONNECTION')), 0);
  assert.equal(statusOf(fault('HPE_INVALID_CHUNK_SIZE')), 400);
  for (const code of ['ECONNRESET', 'EPIPE', '', 'X_HPE_']) assert.equal(statusOf(fault(code)), undefined, code);
  assert.equal(statusOf(new Error('without a code')), undefined);
});

test('what is too long is the target while its line goes on, and the headers after it', () => {
  for (const [text, status] of [
    ['GET /xxxx|', 414],
    ['M-SEARCH /x|', 414],
    ['xxxxxxxx|', 414],
    ['GET /xxxx| HTTP/1.1\r\n', 414],
    ['GET / HTTP/1.1\r\nx: y|', 431],
    ['x: yyyy|', 431],
    ['|', 431],
  ] as const) {
    assert.equal(statusOf(fault('HPE_HEADER_OVERFLOW', text)), status, text);
  }
  assert.equal(statusOf(fault('HPE_HEADER_OVERFLOW')), 431);
});

test('a method is unknown where all else of the line is right', () => {
  const rest = 'Host: h\r\n\r\n';
  for (const [text, status] of [
    [`F|OO / HTTP/1.1\r\n${rest}`, 501],
    [`get| / HTTP/1.0\r\n${rest}`, 501],
    [`GET / HTTP/1.1\r\n${rest}F|OO /x HTTP/1.1\r\n${rest}`, 501],
    [`GET / HTTP/1.1\r\n${rest}|FOO /x HTTP/1.1\r\n${rest}`, 501],
    [`GET / HTTP/1.1\r\n${rest}h|ello there\r\n`, 400],
    [`FOO / HTTP/1.1\r\n${rest}h|ello there\r\n`, 400],
    [`F|OO / HTTP/1.2\r\n${rest}`, 400],
    [`F|OO / HTTP/1.1 \r\n${rest}`, 400],
    [`F|(O / HTTP/1.1\r\n${rest}`, 400],
    ['F|OO /', 400],
  ] as const) {
    assert.equal(statusOf(fault('HPE_INVALID_METHOD', text)), status, text);
  }
  assert.equal(statusOf(fault('HPE_INVALID_METHOD')), 400);
});

test('what is said at the end is a whole answer that closes, or nothing', () => {
  assert.equal(farewell(0), '');
  assert.match(
    farewell(414),
    /^HTTP\/1\.1 414 URI Too Long\r\ncontent-length: 0\r\ndate: [^\r]* GMT\r\nconnection: close\r\n\r\n$/,
  );
});
