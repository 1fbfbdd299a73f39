// Fields keep order, bytes and names, and what is the host's to say is neither set nor seen by guests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { Fields } from './fields.ts';
import { bytes, TestGuest, text } from './owner.test-kit.ts';

const small = { headerBytes: 100, headerCount: 3, bufferedBytes: 1024 };

function make(guest: TestGuest, list: [string, string][] = []): Fields {
  const result = guest.call<{ tag: string; val: Fields }>(
    '[static]fields.from-list',
    list.map(([name, value]) => [name, bytes(value)]),
  );
  assert.equal(result.tag, 'ok');
  return result.val;
}
const plain = (fields: Fields): [string, string][] => fields.entries().map(([name, value]) => [name, text(value)]);

test('names are compared without case and values keep their order', () => {
  const guest = new TestGuest();
  const fields = make(guest, [
    ['Accept', 'a'],
    ['x', '1'],
    ['ACCEPT', 'b'],
  ]);
  assert.deepEqual(
    guest.call<Uint8Array[]>('[method]fields.get', fields, 'aCCept').map((value) => text(value)),
    ['a', 'b'],
  );
  assert.equal(guest.call('[method]fields.has', fields, 'X'), true);
  assert.equal(guest.call('[method]fields.has', fields, 'y'), false);
  assert.deepEqual(plain(fields), [
    ['accept', 'a'],
    ['x', '1'],
    ['accept', 'b'],
  ]);
});

test('set replaces all values, an empty list and delete remove them', () => {
  const guest = new TestGuest();
  const fields = make(guest, [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
  ]);
  assert.deepEqual(guest.call('[method]fields.set', fields, 'A', [bytes('4'), bytes('5')]), ok());
  assert.deepEqual(plain(fields), [
    ['b', '2'],
    ['a', '4'],
    ['a', '5'],
  ]);
  assert.deepEqual(guest.call('[method]fields.set', fields, 'a', []), ok());
  assert.deepEqual(guest.call('[method]fields.delete', fields, 'b'), ok());
  assert.deepEqual(guest.call('[method]fields.delete', fields, 'never-there'), ok());
  assert.deepEqual(plain(fields), []);
});

test('every byte that may stand in a value survives, every other is refused', () => {
  const guest = new TestGuest();
  for (let byte = 0; byte < 256; byte++) {
    const fields = make(guest);
    const value = Uint8Array.of(0x61, byte, 0x62);
    const allowed = byte === 9 || (byte >= 32 && byte !== 127);
    const result = guest.call('[method]fields.append', fields, 'x', value);
    assert.deepEqual(result, allowed ? ok() : err({ tag: 'invalid-syntax' }), `byte ${byte}`);
    assert.deepEqual(
      guest.call<Uint8Array[]>('[method]fields.get', fields, 'x').map((got) => [...got]),
      allowed ? [[...value]] : [],
    );
  }
});

test('names that are no tokens are refused, also those that turn into one in lower case', () => {
  const guest = new TestGuest();
  const fields = make(guest, [['k', 'v']]);
  for (const name of ['', 'a b', 'a:', 'a\r\nb', 'ä', '\u212A', 'a\0']) {
    assert.deepEqual(guest.call('[method]fields.append', fields, name, bytes('v')), err({ tag: 'invalid-syntax' }));
    assert.deepEqual(guest.call('[method]fields.set', fields, name, [bytes('v')]), err({ tag: 'invalid-syntax' }));
    assert.deepEqual(guest.call('[method]fields.delete', fields, name), err({ tag: 'invalid-syntax' }));
    assert.deepEqual(guest.call('[static]fields.from-list', [[name, bytes('v')]]), err({ tag: 'invalid-syntax' }));
    assert.deepEqual(guest.call('[method]fields.get', fields, name), []);
    assert.equal(guest.call('[method]fields.has', fields, name), false);
  }
});

test('fields of the connection are forbidden to guests and hidden from them', () => {
  const guest = new TestGuest();
  const fields = make(guest);
  for (const name of ['Connection', 'host', 'Transfer-Encoding', 'keep-alive', 'Upgrade']) {
    assert.deepEqual(guest.call('[method]fields.append', fields, name, bytes('v')), err({ tag: 'forbidden' }));
    assert.deepEqual(guest.call('[static]fields.from-list', [[name, bytes('v')]]), err({ tag: 'forbidden' }));
  }
  const list = [['host', 'h'] as const, ['x', '1'] as const, ['connection', 'close'] as const];
  const incoming = Fields.incoming(list);
  assert.equal(incoming.has('host'), false);
  assert.deepEqual(plain(incoming), [['x', '1']]);
  assert.equal(list.length, 3);
});

test('fields of a message cannot be changed, their clone can, and the two are apart', () => {
  const guest = new TestGuest();
  const incoming = Fields.incoming([['x', '1']]);
  for (const call of ['append', 'set', 'delete']) {
    const args = call === 'set' ? ['x', [bytes('2')]] : call === 'append' ? ['x', bytes('2')] : ['x'];
    assert.deepEqual(guest.call(`[method]fields.${call}`, incoming, ...args), err({ tag: 'immutable' }));
  }
  const clone = guest.call<Fields>('[method]fields.clone', incoming);
  guest.call('[method]fields.append', clone, 'y', bytes('2'));
  assert.deepEqual(plain(incoming), [['x', '1']]);
  const second = guest.call<Fields>('[method]fields.clone', clone);
  guest.call('[method]fields.append', clone, 'z', bytes('3'));
  assert.deepEqual(plain(second).length, 2);
  guest.call('[method]fields.delete', second, 'x');
  assert.deepEqual(plain(clone).length, 3);
});

test('the constructor of a message freezes the fields that it was given', () => {
  const guest = new TestGuest();
  for (const owner of ['outgoing-request', 'outgoing-response']) {
    const fields = make(guest, [['x', '1']]);
    const message = guest.call(`[constructor]${owner}`, fields);
    const child = guest.call<Fields>(`[method]${owner}.headers`, message);
    assert.deepEqual(guest.call('[method]fields.append', child, 'y', bytes('2')), err({ tag: 'immutable' }));
  }
});

test('more entries or bytes than the limits trap, in whatever way they come', () => {
  const guest = new TestGuest(undefined, small);
  const full = make(guest, [
    ['a', ''],
    ['a', ''],
    ['a', ''],
  ]);
  assert.throws(() => guest.call('[method]fields.append', full, 'a', bytes('')), /header_count/);
  assert.throws(() => guest.call('[method]fields.append', make(guest), 'a', bytes('v'.repeat(96))), /header_bytes/);
  assert.deepEqual(guest.call('[method]fields.append', make(guest), 'a', bytes('v'.repeat(95))), ok());
  assert.throws(() => guest.call('[method]fields.clone', Fields.incoming([['a', 'v'.repeat(96)]])), Trap);
  const again = make(guest, [['a', 'v'.repeat(90)]]);
  guest.call('[method]fields.delete', again, 'a');
  assert.deepEqual(guest.call('[method]fields.append', again, 'b', bytes('v'.repeat(90))), ok());
});

test('random changes agree with a list that is changed by the plain reading of the rules', () => {
  let state = 11;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % limit;
  };
  const guest = new TestGuest();
  const names = ['a', 'B', 'c-d', 'Host', 'a b', 'C-D'];
  let fields = guest.call<Fields>('[constructor]fields');
  let model: [string, string][] = [];
  for (let step = 0; step < 5000; step++) {
    const name = names[random(names.length)]!;
    const key = name.toLowerCase();
    const value = String(random(10));
    const isRefused = name === 'Host' || name === 'a b';
    switch (random(5)) {
      case 0:
        guest.call('[method]fields.append', fields, name, bytes(value));
        if (!isRefused) model.push([key, value]);
        break;
      case 1: {
        const values = Array.from({ length: random(3) }, () => value);
        guest.call('[method]fields.set', fields, name, values.map(bytes));
        if (!isRefused)
          model = [...model.filter((entry) => entry[0] !== key), ...values.map((one): [string, string] => [key, one])];
        break;
      }
      case 2:
        if (random(4) === 0) {
          guest.call('[method]fields.delete', fields, name);
          if (!isRefused) model = model.filter((entry) => entry[0] !== key);
        }
        break;
      case 3: {
        const clone = guest.call<Fields>('[method]fields.clone', fields);
        guest.call('[method]fields.append', fields, 'only-in-the-old', bytes(value));
        fields = clone;
        break;
      }
      default:
        assert.deepEqual(
          fields.get(name).map(text),
          model.filter((entry) => entry[0] === key).map((entry) => entry[1]),
        );
    }
    if (step % 50 === 0) assert.deepEqual(plain(fields), model);
  }
});
