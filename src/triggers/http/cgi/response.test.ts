// What a CGI program prints becomes a response, and what is no head is refused with words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource } from '../../../host/http-message.ts';
import { textOf } from '../app.test-kit.ts';
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

test('a head may come at once, in a chunk that is larger than any before it', async () => {
  const value = 'x'.repeat(9_000);
  const { headers } = await readResponse(source(`Location: ${value}\n\nbody`), 10_000);
  assert.deepEqual(headers, [['location', value]]);
  const parts = source('X-B: b\n', `Location: ${value}\n\nbody`);
  assert.equal((await readResponse(parts, 10_000)).headers.length, 2);
});

test('status and location', async () => {
  assert.deepEqual(await parse('Status: 404 Not Found\n\n'), [404, {}, '']);
  assert.deepEqual(await parse('status:201\n\nx'), [201, {}, 'x']);
  assert.deepEqual(await parse('Location: /x\n\n'), [302, { location: '/x' }, '']);
  assert.deepEqual(await parse('Status: 307\nLocation: /x\n\n'), [307, { location: '/x' }, '']);
  assert.deepEqual(await parse('X: y\nLocation: /x\nZ: z\n\n'), [302, { x: 'y', location: '/x', z: 'z' }, '']);
  assert.deepEqual(await parse('X: y\nContent-Type: a\n\n'), [200, { x: 'y', 'content-type': 'a' }, '']);
  for (const [text, status] of [
    ['200', 200],
    ['599 x', 599],
    ['404\tGone', 404],
  ] as const) {
    assert.equal((await parse(`Status: ${text}\n\n`))[0], status, text);
  }
  for (const text of ['199', '600', '20', '2000', '200x', 'OK', '']) {
    await assert.rejects(parse(`Status: ${text}\n\n`), new RegExp(`printed the status "${text}"`), text);
  }
  await assert.rejects(parse(`Status: ${'x'.repeat(200)}\n\n`), new RegExp(`"${'x'.repeat(100)}"`));
});

test('each way to print no head is told in its words', async () => {
  await assert.rejects(parse(), /^HttpError: the CGI program printed nothing$/);
  await assert.rejects(parse('X'), /^HttpError: the CGI program ended before the empty line that ends the headers$/);
  await assert.rejects(parse('X: y\n'), /ended before the empty line/);
  await assert.rejects(parse('\n'), /printed none of the headers "content-type", "location" and "status"/);
  await assert.rejects(parse('X: y\n\n'), /printed none of the headers/);
  await assert.rejects(parse(`${'y'.repeat(200)}\n\n`), new RegExp(`is none: "${'y'.repeat(100)}"$`));
  await assert.rejects(parse(': x\n\n'), /a line among the headers that is none: ": x"/);
  await assert.rejects(parse('A: b\x01\n\n'), /printed a header "a" with control characters/);
  await assert.rejects(parse('A: b\x7f\n\n'), /control characters/);
  assert.deepEqual(await parse('Status: 200\nA: b\tc\n\n'), [200, { a: 'b\tc' }, '']);
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

test('a head of any size is read once, however small its pieces', async () => {
  const value = 'x'.repeat(60_000);
  const bytes = Buffer.from(`Content-Type: a\nX-A: ${value}\n\nbody`);
  let at = 0;
  const pieces: ByteSource = { read: () => (at < bytes.length ? bytes.subarray(at, ++at) : undefined), cancel() {} };
  const start = performance.now();
  const { headers, body } = await readResponse(pieces, 65_536);
  assert.equal(headers[1]?.[1], value);
  assert.equal(await textOf(body), 'body');
  const ms = performance.now() - start;
  assert.ok(ms < 3_000, `${ms} ms for 60,000 pieces: each was looked at again for each that followed`);
});

test('a head may have as many bytes as allowed, and no more', async () => {
  const head = (size: number): string => `Content-Type: ${'a'.repeat(size - 16)}\n\n`;
  assert.equal((await parse(`${head(1000)}body`))[2], 'body');
  await assert.rejects(parse(head(1001)), /more than 1000 bytes/);
});

test('a body with all the bytes that it announced is whole, however the program ends', async () => {
  const head = 'Content-Type: a\nContent-Length: 6\n\n';
  assert.equal((await parse(head, 'so far', new Error('trapped')))[2], 'so far');
  await assert.rejects(parse(head, 'so fa', new Error('trapped')), /trapped/);
  const goesOn: ByteSource = { ...source(), read: () => new Promise(() => undefined) };
  const printed = source(`${head}so far`);
  const { body } = await readResponse({ ...goesOn, read: () => printed.read() ?? goesOn.read() }, 1000);
  assert.equal(await textOf(body), 'so far');
  const more = await readResponse(source(`${head}so far`, '!'), 1000);
  assert.equal(await textOf(more.body), 'so far!');
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
