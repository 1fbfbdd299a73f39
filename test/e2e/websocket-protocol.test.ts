// The WebSocket protocol on the wire, frame by frame, as the cases of the Autobahn test suite have it: framing, pings,
// reserved bits and opcodes, fragments, UTF-8, closes, limits, sizes and compression (RFC 6455, RFC 7692).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { closeFrame, type Frame, type FrameOptions, frame, opcodes, RawClient } from '../support/raw-websocket.ts';
import { startWebSockets, type WebSocketApp } from '../support/websocket-app.ts';

const { continuation, text, binary, close, ping, pong } = opcodes;
const options = { timeout: 60_000 };

let app: WebSocketApp;
const cleaners: (() => unknown)[] = [];
before(async () => {
  const context = { after: (clean: () => unknown) => void cleaners.push(clean) };
  app = await startWebSockets(context as Parameters<typeof startWebSockets>[0], {
    limits: 'websocket_message = "1MiB"\nwebsocket_frames = 2000',
  });
});
after(async () => {
  for (const clean of cleaners.reverse()) await clean();
});

async function client(): Promise<RawClient> {
  const one = await RawClient.open(`${app.url}/chat`);
  cleaners.push(() => one.destroy());
  assert.match(one.head, /^HTTP\/1\.1 101 /);
  // The example of RFC 6455, 1.3.
  assert.match(one.head, /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
  return one;
}

async function echoes(one: RawClient, parts: readonly Buffer[], opcode: number, data: Uint8Array | string) {
  one.write(...parts);
  const { data: came, ...rest } = (await one.next()) ?? assert.fail('the connection ended');
  assert.deepEqual(rest, { opcode, isFinal: true, isCompressed: false });
  assert.ok(came.equals(Buffer.from(data as string)), 'other bytes came back');
}

/** The frames end the connection with this code, without an echo. */
async function fails(code: number, ...frames: readonly Buffer[]): Promise<void> {
  const one = await client();
  one.write(...frames);
  assert.equal(await one.closeCode(), code);
  assert.equal(await one.next(), undefined);
}

test('messages of all sizes of lengths come back (1.x, 9.x)', options, async () => {
  const one = await client();
  for (const size of [0, 1, 125, 126, 127, 128, 65_535, 65_536, 300_000, 1_048_576]) {
    const letters = 'x'.repeat(size);
    await echoes(one, [frame(text, letters)], text, letters);
    const bytes = Buffer.alloc(size, 0xfe);
    await echoes(one, [frame(binary, bytes)], binary, bytes);
  }
});

test('frames come back when every byte is a packet of its own (1.x.8, 2.6)', options, async () => {
  const one = await client();
  await one.writeBytes(frame(text, 'byte by byte: κόσμε'));
  assert.equal((await one.next())?.data.toString(), 'byte by byte: κόσμε');
  await one.writeBytes(frame(ping, 'ping'));
  assert.deepEqual(await one.next(), { opcode: pong, isFinal: true, isCompressed: false, data: Buffer.from('ping') });
});

test('pings are answered with what they hold, pongs that nobody asked for are not (2.x)', options, async () => {
  const one = await client();
  for (const data of ['', 'hello', '\0\xff', 'x'.repeat(125)]) {
    await echoes(one, [frame(ping, Buffer.from(data, 'latin1'))], pong, Buffer.from(data, 'latin1'));
  }
  await echoes(one, [frame(pong, 'unasked'), frame(ping, 'asked')], pong, 'asked');
  one.write(...Array.from({ length: 10 }, (_, index) => frame(ping, String(index))));
  for (let index = 0; index < 10; index++) assert.equal((await one.next())?.data.toString(), String(index));
  await fails(1002, frame(ping, 'x'.repeat(126)));
});

test('reserved bits and reserved opcodes end the connection (3.x, 4.x)', options, async () => {
  for (const reserved of [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70]) {
    await fails(1002, frame(text, 'x', { reserved }));
    await fails(1002, frame(ping, 'x', { reserved }));
  }
  for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) await fails(1002, frame(opcode, 'x'));
});

test('what came before a frame that is wrong is still answered', options, async () => {
  const one = await client();
  one.write(frame(text, 'before'));
  assert.equal((await one.next())?.data.toString(), 'before');
  one.write(frame(text, 'x', { reserved: 0x40 }));
  assert.equal(await one.closeCode(), 1002);
});

test('frames without a mask end the connection', options, async () => {
  await fails(1002, frame(text, 'x', { isMasked: false }));
  await fails(1002, frame(close, Buffer.from([3, 232]), { isMasked: false }));
});

test('fragments become one message, with pings among them (5.x)', options, async () => {
  const one = await client();
  const part = (opcode: number, data: string, isFinal = false): Buffer => frame(opcode, data, { isFinal });
  await echoes(one, [part(text, 'a'), part(continuation, 'b', true)], text, 'ab');
  await echoes(one, [part(binary, 'a'), part(continuation, ''), part(continuation, 'b', true)], binary, 'ab');
  await echoes(one, [part(text, ''), part(continuation, ''), part(continuation, '', true)], text, '');
  one.write(
    part(text, 'a'),
    frame(ping, 'p'),
    part(continuation, 'b'),
    frame(ping, 'q'),
    part(continuation, 'c', true),
  );
  const came = [await one.next(), await one.next(), await one.next()];
  assert.deepEqual(
    came.map((each) => `${each?.opcode} ${each?.data}`),
    [`${pong} p`, `${pong} q`, `${text} abc`],
  );
  await fails(1002, part(continuation, 'x', true));
  await fails(1002, part(text, 'a'), part(text, 'b', true));
  await fails(1002, part(continuation, 'x'), part(text, 'b', true));
  await fails(1002, frame(ping, 'p', { isFinal: false }));
  await fails(1002, frame(pong, 'p', { isFinal: false }));
});

const invalidTexts = [
  [0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83, 0xce, 0xbc, 0xce, 0xb5, 0xed, 0xa0, 0x80, 0x65],
  [0xf4, 0x90, 0x80, 0x80],
  [0xc0, 0xaf],
  [0xe0, 0x80, 0xaf],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xed, 0xbf, 0xbf],
  [0x80],
  [0xfe],
  [0xff],
  [0xce],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
].map((bytes) => Buffer.from(bytes));

test('texts are valid UTF-8, whole or in fragments that split a character (6.x)', options, async () => {
  const one = await client();
  const valid = ['κόσμε', '\u{10ffff}', '\u{1f600}', '\ufeff', '\ufffe', '\u0000', 'Hello-µ@ßöäüàá-UTF-8!!'];
  for (const each of valid) {
    const bytes = Buffer.from(each);
    await echoes(one, [frame(text, bytes)], text, bytes);
    const parts = [...bytes].map((byte) => frame(continuation, Buffer.from([byte]), { isFinal: false }));
    await echoes(one, [frame(text, '', { isFinal: false }), ...parts, frame(continuation, '')], text, bytes);
  }
  for (const bytes of invalidTexts) {
    await fails(1007, frame(text, bytes));
    const parts = [...bytes].map((byte) => frame(continuation, Buffer.from([byte]), { isFinal: false }));
    await fails(1007, frame(text, '', { isFinal: false }), ...parts, frame(continuation, ''));
    // Bytes that are no text are well in a message that is none.
    await echoes(one, [frame(binary, bytes)], binary, bytes);
  }
});

test(
  'closes are answered with their code, and codes that may not be on the wire are refused (7.x)',
  options,
  async () => {
    for (const code of [
      1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
    ]) {
      const one = await client();
      one.write(closeFrame(code, 'reason'), frame(text, 'too late'));
      const came = await one.next();
      assert.equal(came?.data.readUInt16BE(0), code);
      assert.equal(await one.next(), undefined);
    }
    const none = await client();
    none.write(closeFrame());
    assert.equal(await none.closeCode(), 1005);
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]) {
      await fails(1002, closeFrame(code));
    }
    await fails(1002, frame(close, 'x'));
    await fails(1002, closeFrame(1000, 'x'.repeat(124)));
    await fails(1007, closeFrame(1000, Buffer.from([0xce, 0xba, 0xff])));
    const longest = await client();
    longest.write(closeFrame(1000, 'x'.repeat(123)));
    assert.equal(await longest.closeCode(), 1000);
  },
);

test('lengths that lie are refused before anything is held for them', options, async () => {
  await fails(1009, frame(binary, '', { length: 1_048_577n, lengthBytes: 8 }));
  await fails(1009, frame(binary, '', { length: 2n ** 63n - 1n, lengthBytes: 8 }));
  await fails(1009, frame(binary, '', { length: 2n ** 64n - 1n, lengthBytes: 8 }));
  const half = Buffer.alloc(600_000);
  await fails(1009, frame(binary, half, { isFinal: false }), frame(continuation, half));
});

const deflate: FrameOptions = { reserved: 0x40 };
/** A message as permessage-deflate has it: without the four bytes that end a block (RFC 7692, 7.2.1). */
const squeezed = (data: Uint8Array | string): Buffer =>
  deflateRawSync(data, { finishFlush: 2 /* Z_SYNC_FLUSH */ }).subarray(0, -4);
const plain = ({ data, isCompressed }: Frame): Buffer =>
  isCompressed ? inflateRawSync(Buffer.concat([data, Buffer.from([0, 0, 255, 255])]), { finishFlush: 2 }) : data;

test(
  'compression is agreed on where the manifest has it, and bounded by what messages become (12.x, 13.x)',
  options,
  async (t) => {
    const offer = { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' };
    const without = await RawClient.open(`${app.url}/chat`, offer);
    t.after(() => without.destroy());
    assert.doesNotMatch(without.head, /sec-websocket-extensions/i);

    const small = await startWebSockets(t, { table: 'compression = true', limits: 'websocket_message = "64KiB"' });
    const open = async (): Promise<RawClient> => {
      const one = await RawClient.open(`${small.url}/chat`, offer);
      t.after(() => one.destroy());
      assert.match(one.head, /sec-websocket-extensions: permessage-deflate/i);
      return one;
    };
    const one = await open();
    for (const size of [0, 10, 1_000, 30_000]) {
      one.write(frame(text, squeezed('x'.repeat(size)), deflate));
      const came = (await one.next()) ?? assert.fail('the connection ended');
      assert.equal(plain(came).length, size);
      assert.equal(came.isCompressed, size > 1_024);
    }
    one.write(frame(text, 'not compressed'));
    assert.equal((await one.next())?.data.toString(), 'not compressed');
    const [half, rest] = [squeezed('fragments').subarray(0, 4), squeezed('fragments').subarray(4)];
    one.write(frame(text, half, { ...deflate, isFinal: false }), frame(ping, 'p'), frame(continuation, rest));
    assert.equal((await one.next())?.data.toString(), 'p');
    assert.equal((await one.next())?.data.toString(), 'fragments');

    const bomb = await open();
    bomb.write(frame(binary, squeezed(Buffer.alloc(100_000_000)), deflate));
    assert.equal(await bomb.closeCode(), 1009);
    const garbage = await open();
    garbage.write(frame(binary, Buffer.alloc(20, 0xff), deflate));
    assert.equal(await garbage.closeCode(), 1007);
    const marked = await open();
    marked.write(frame(text, squeezed('a'), { ...deflate, isFinal: false }), frame(continuation, 'b', deflate));
    assert.equal(await marked.closeCode(), 1002);
  },
);

test('the process serves on after all of this', options, async () => {
  const one = await client();
  await echoes(one, [frame(text, 'still here')], text, 'still here');
  assert.equal(app.logged('event-failed'), 0);
});
