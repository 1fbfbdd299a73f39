// Packets are cut where their headers say, however the bytes come, and are announced before they are kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketCutter, packetsOf } from './packets.ts';

function packet(body: Buffer, sequence = 0): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, body]);
}

function cut(chunks: readonly Buffer[], announced: (bytes: number) => void = () => {}): Buffer[] {
  const taken: Buffer[] = [];
  const cutter = new PacketCutter(announced, ({ body }) => taken.push(Buffer.from(body)));
  for (const chunk of chunks) cutter.push(chunk);
  return taken;
}

test('packets come whole, whatever the pieces are', () => {
  const bodies = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')];
  const all = Buffer.concat(bodies.map((body) => packet(body)));
  for (let size = 1; size <= all.length; size++) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < all.length; at += size) chunks.push(all.subarray(at, at + size));
    assert.deepEqual(cut(chunks), bodies, `pieces of ${size}`);
  }
});

test('each is announced with the bytes of its body, when its header is there', () => {
  const announced: number[] = [];
  cut([packet(Buffer.from('one')), packet(Buffer.alloc(9)).subarray(0, 4)], (bytes) => announced.push(bytes));
  assert.deepEqual(announced, [3, 9]);
  const refuse = (): never => {
    throw new Error('too long');
  };
  assert.throws(() => cut([packet(Buffer.from('one')).subarray(0, 4)], refuse), /too long/);
});

test('a body of 16 MiB and more comes in several packets, and goes in several', () => {
  const full = 0xffffff;
  for (const length of [full - 1, full, full + 1]) {
    const body = Buffer.alloc(length, 7);
    body[length - 1] = 9;
    const sent = packetsOf(body);
    assert.equal(sent.length, length + (length < full ? 4 : 8));
    assert.deepEqual(
      cut([sent]).map((one) => one.equals(body)),
      [true],
      `${length}`,
    );
    if (length >= full) assert.deepEqual([sent[3], sent[4 + full + 3]], [0, 1], 'their numbers');
  }
});
