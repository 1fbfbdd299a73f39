// TextEncoder and TextDecoder as programs have them give what Node's give, whole and in pieces.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

const part = async (name: string): Promise<unknown> =>
  import(new URL(`../../sdk/engine/web/${name}.js`, import.meta.url).href);
const { TextDecoder: OurDecoder } = (await part('text-decoder')) as { TextDecoder: typeof TextDecoder };
const { TextEncoder: OurEncoder } = (await part('text-encoder')) as { TextEncoder: typeof TextEncoder };

const ONE_BYTE =
  'ibm866 iso-8859-2 latin3 l4 cyrillic arabic greek hebrew l6 iso-8859-13 iso-8859-14 l9 iso-8859-16 koi8-r koi8-u mac dos-874 cp1250 cp1251 ascii cp1253 latin5 cp1255 cp1256 cp1257 cp1258 x-mac-ukrainian';

test('encodings of one byte', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (const label of ONE_BYTE.split(' ')) {
    const [ours, theirs] = [new OurDecoder(label), new TextDecoder(label)];
    assert.deepEqual([ours.encoding, ours.decode(all)], [theirs.encoding, theirs.decode(all)], label);
    const isWhole = !theirs.decode(all).includes('\ufffd');
    const strict = (): string => new OurDecoder(label, { fatal: true }).decode(all);
    if (isWhole) assert.equal(strict().length, 256);
    else assert.throws(strict, { name: 'TypeError' });
  }
});

/** Bytes that are text for the most part. */
function bytes(): Uint8Array {
  const text = Array.from(randomBytes(12), (byte) => ['a', 'ä', '€', '😀', '\ufeff'][byte % 5]).join('');
  const whole = new Uint8Array(new TextEncoder().encode(text));
  for (const byte of randomBytes(3)) if (byte % 2 === 0) whole[byte % whole.length] = byte;
  return whole;
}

test('UTF-8 and UTF-16, whole and in pieces', () => {
  for (let count = 0; count < 5000; count++) {
    const whole = bytes();
    for (const label of ['utf-8', 'utf-16le', 'utf-16be']) {
      // Node takes a mark of byte order away at the beginning of any piece.
      const options = { ignoreBOM: true };
      const [ours, theirs] = [new OurDecoder(label, options), new TextDecoder(label, options)];
      assert.equal(new OurDecoder(label).decode(whole), new TextDecoder(label).decode(whole), `${label} ${whole}`);
      const cut = count % whole.length;
      for (const [from, to] of [
        [0, cut],
        [cut, whole.length],
      ] as const) {
        const piece = whole.subarray(from, to);
        assert.equal(ours.decode(piece, { stream: true }), theirs.decode(piece, { stream: true }), `${label} ${whole}`);
      }
      assert.equal(ours.decode(), theirs.decode(), `${label} ${whole}`);
    }
  }
});

test('texts', () => {
  for (let count = 0; count < 5000; count++) {
    const text = Array.from(randomBytes(8), (byte) => ['a', 'ß', '€', '\ud83d', '\ude00', '\ud800'][byte % 6]).join('');
    assert.deepEqual(new OurEncoder().encode(text), new Uint8Array(new TextEncoder().encode(text)));
    const [one, other] = [new Uint8Array(count % 12), new Uint8Array(count % 12)];
    assert.deepEqual(new OurEncoder().encodeInto(text, one), { ...new TextEncoder().encodeInto(text, other) });
    assert.deepEqual(one, other);
  }
});
