import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource } from '../../../host/http-message.ts';
import { textOf } from '../test-app.ts';
import { readResponse } from './response.ts';

function source(...chunks: (string | Error)[]): ByteSource & { cancelled: boolean } {
  const rest = [...chunks];
  return {
    cancelled: false,
    read() {
      const chunk = rest.shift();
      if (chunk instanceof Error) throw chunk;
      return chunk === undefined ? undefined : Promise.resolve(Buffer.from(chunk, 'latin1'));
    },
    cancel() {
      this.cancelled = true;
    },
  };
}

const parse = async (...chunks: (string | Error)[]) => {
  const { status, headers, body } = await readResponse(source(...chunks), 1000);
  return [status, Object.fromEntries(headers), await textOf(body)] as const;
};

test('lines end in LF or CR LF, wherever the output is cut', async () => {
  const text = 'Content-Type: text/plain\r\nX-A:  b \r\n\r\nbody\n\nmore';
  for (const output of [text, text.replaceAll('\r', '')]) {
    for (let at = 0; at <= output.length; at++) {
      const chunks = [output.slice(0, at), output.slice(at)].filter((chunk) => chunk !== '');
      assert.deepEqual(await parse(...chunks), [200, { 'content-type': 'text/plain', 'x-a': 'b' }, 'body\n\nmore']);
    }
  }
});

test('status and location', async () => {
  assert.deepEqual(await parse('Status: 404 Not Found\n\n'), [404, {}, '']);
  assert.deepEqual(await parse('status:201\n\nx'), [201, {}, 'x']);
  assert.deepEqual(await parse('Location: /x\n\n'), [302, { location: '/x' }, '']);
  assert.deepEqual(await parse('Status: 307\nLocation: /x\n\n'), [307, { location: '/x' }, '']);
});

test('repeated headers stay, those of the connection do not', async () => {
  const output = 'Content-Type: a\nSet-Cookie: a\nSet-Cookie: b\nTransfer-Encoding: chunked\nConnection: close\n\n';
  const { headers } = await readResponse(source(output), 1000);
  assert.deepEqual(headers, [
    ['content-type', 'a'],
    ['set-cookie', 'a'],
    ['set-cookie', 'b'],
  ]);
});

test('what is no head is refused', async () => {
  for (const output of [
    '',
    'hello\n',
    'hello\n\n',
    'Content-Type: a\n',
    'X-A: b\n\nno type',
    'Status: x\n\n',
    'Status: 100\n\n',
    'Status: 2000\n\n',
    'Content-Type: a\nbad name: x\n\n',
    'Content-Type: a\n: x\n\n',
    'Content-Type: a\rSet-Cookie: x\n\n',
    'Content-Type: a\0b\n\n',
    '<html>\n\n',
  ]) {
    await assert.rejects(parse(output), { name: 'HttpError' }, JSON.stringify(output));
  }
});

test('a head without end is not held for ever', async () => {
  let asked = 0;
  const endless: ByteSource = {
    read: () => {
      asked++;
      return Buffer.alloc(100, 'x');
    },
    cancel() {},
  };
  await assert.rejects(readResponse(endless, 1000), /more than 1000 bytes/);
  assert.ok(asked < 20);
});

test('a failure of the program breaks the head or the body', async () => {
  await assert.rejects(parse('Content-Type: a\n', new Error('trapped')), /trapped/);
  await assert.rejects(parse('Content-Type: a\n\nso far', new Error('trapped')), /trapped/);
});

test('a body that nobody wants stops the program', async () => {
  const output = source('Content-Type: a\n\nso far', 'more');
  const { body } = await readResponse(output, 1000);
  body?.cancel();
  assert.ok(output.cancelled);
});

test('random bytes are refused or parsed, and nothing else', async () => {
  for (let round = 0; round < 500; round++) {
    const alphabet = 'aA:\n\r 0\0Status: 200Content-Type:\n\n';
    const pick = () => alphabet[Math.floor(Math.random() * alphabet.length)];
    const output = Array.from({ length: Math.floor(Math.random() * 60) }, pick).join('');
    await parse(output).catch((error: Error) => assert.equal(error.name, 'HttpError', JSON.stringify(output)));
  }
});
