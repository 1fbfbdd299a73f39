// What a server sends is cut and read as the protocol has it, however it comes; errors have the words of Spin.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dbFault, pgErrorOf, queryFault, queryText } from '../fault.ts';
import { ParameterTypes } from '../parameter-types.ts';
import { ConnectFault } from './connect-fault.ts';
import { debugText, displayText } from './db-error.ts';
import { type Frame, FrameCutter } from './frames.ts';
import { readColumns, readErrorFields, readParameterTypes, readRow, readRowCount } from './messages.ts';

const int16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff);
const int32 = (value: number): Buffer =>
  Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 0xff));
const frame = (type: string, body: string): Buffer =>
  Buffer.concat([Buffer.from(type), int32(4 + body.length), Buffer.from(body)]);

test('messages are cut wherever the pieces end, and announced before they are kept', () => {
  const all = Buffer.concat([frame('Z', 'I'), frame('D', 'words'), frame('C', ''), frame('D', 'x'.repeat(300))]);
  for (const size of [1, 2, 5, 6, 7, 11, 1000]) {
    const announced: string[] = [];
    const taken: string[] = [];
    const take = ({ type, body }: Frame): void => void taken.push(`${type} ${body}`);
    const cutter = new FrameCutter((type, bytes) => void announced.push(`${type} ${bytes}`), take);
    for (let at = 0; at < all.length; at += size) cutter.push(all.subarray(at, at + size));
    assert.deepEqual(announced, ['Z 1', 'D 5', 'C 0', 'D 300'], String(size));
    assert.deepEqual(taken, ['Z I', 'D words', 'C ', `D ${'x'.repeat(300)}`]);
  }
});

test('a length that cannot be, and one that is not allowed, end it', () => {
  for (const length of [3, 0, -1]) {
    const cutter = new FrameCutter(
      () => {},
      () => {},
    );
    const head = Buffer.concat([Buffer.from('D'), int32(length)]);
    assert.throws(() => cutter.push(head), { message: 'the server sent a message of an impossible length' });
  }
  const careful = new FrameCutter(
    (_, bytes) => {
      if (bytes > 5) throw new Error('too much');
    },
    () => {},
  );
  careful.push(frame('D', '12345'));
  assert.throws(() => careful.push(frame('D', '123456').subarray(0, 5)), { message: 'too much' });
});

test('columns, types of parameters and rows', () => {
  const column = (name: string, oid: number): Buffer =>
    Buffer.concat([Buffer.from(`${name}\0`), int32(1), int16(2), int32(oid), int16(4), int32(-1), int16(1)]);
  assert.deepEqual(readColumns(Buffer.concat([int16(2), column('a', 23), column('', 25)])), [
    { name: 'a', type: 23 },
    { name: '', type: 25 },
  ]);
  assert.throws(() => readColumns(Buffer.concat([int16(2), column('a', 23)])), RangeError);
  assert.throws(() => readColumns(Buffer.concat([int16(1), Buffer.from('a')])), RangeError);
  assert.deepEqual(readParameterTypes(Buffer.concat([int16(2), int32(23), int32(0x7fffffff)])), [23, 0x7fffffff]);
  assert.throws(() => readParameterTypes(Buffer.concat([int16(2), int32(23)])), RangeError);
  const row = Buffer.concat([int16(3), int32(1), Buffer.from('a'), int32(-1), int32(0)]);
  assert.deepEqual(readRow(row), [Buffer.from('a'), null, Buffer.alloc(0)]);
  assert.throws(() => readRow(Buffer.concat([int16(1), int32(2), Buffer.from('a')])), {
    message: 'a value is longer than its row',
  });
});

test('the rows that a statement touched stand at the end of its tag', () => {
  for (const [tag, count] of [
    ['INSERT 0 5', 5n],
    ['UPDATE 12', 12n],
    ['BEGIN', 0n],
    ['SELECT 9223372036854775808', 9223372036854775808n],
    ['', 0n],
  ] as const) {
    assert.equal(readRowCount(Buffer.from(`${tag}\0`)), count, tag);
  }
  assert.throws(() => readRowCount(Buffer.from('BEGIN')), RangeError);
});

const fields = (text: string): ReadonlyMap<string, string> => readErrorFields(Buffer.from(text));

test('fields of an error, up to the end of them', () => {
  assert.deepEqual(
    [...fields('SERROR\0Mwords\0\0X')],
    [
      ['S', 'ERROR'],
      ['M', 'words'],
    ],
  );
  assert.deepEqual([...fields('')], []);
  assert.throws(() => fields('SERROR'), RangeError);
});

test('an error in the words of tokio-postgres: with all that it can have, and with nothing', () => {
  const full = fields('SFEHLER\0VERROR\0C23505\0Ma "b" \\ c\n\t\r\0Dd\0Hh\0P7\0Ww\0ss\0tt\0cc\0dy\0nn\0Ff\0L9\0Rr\0\0');
  assert.equal(
    debugText(full),
    'DbError { severity: "FEHLER", parsed_severity: Some(Error), code: SqlState(E23505), message: "a \\"b\\" \\\\ c\\n\\t\\r", ' +
      'detail: Some("d"), hint: Some("h"), position: Some(Original(7)), where_: Some("w"), schema: Some("s"), table: Some("t"), ' +
      'column: Some("c"), datatype: Some("y"), constraint: Some("n"), file: Some("f"), line: Some(9), routine: Some("r") }',
  );
  assert.equal(
    debugText(new Map()),
    'DbError { severity: "", parsed_severity: None, code: SqlState(E), message: "", detail: None, hint: None, position: None, ' +
      'where_: None, schema: None, table: None, column: None, datatype: None, constraint: None, file: None, line: None, ' +
      'routine: None }',
  );
  assert.match(debugText(fields('p3\0qSELECT\0\0')), /position: Some\(Internal \{ position: 3, query: "SELECT" \}\)/);
  assert.match(debugText(fields('p3\0\0')), /query: ""/);
  for (const [severity, parsed] of [
    ['FATAL', 'Some(Fatal)'],
    ['PANIC', 'Some(Panic)'],
    ['OTHER', 'None'],
  ] as const) {
    assert.match(
      debugText(fields(`V${severity}\0\0`)),
      new RegExp(`parsed_severity: ${parsed.replace(/[()]/g, '\\$&')}`),
    );
  }
  assert.equal(displayText(full), 'FEHLER: a "b" \\ c\n\t\r\nDETAIL: d\nHINT: h');
  assert.equal(displayText(fields('SERROR\0Mm\0\0')), 'ERROR: m');
  assert.equal(displayText(new Map()), ': ');
});

test('guests get the parts of an error, in the order of Spin, or its text', () => {
  const { error } = dbFault(fields('SERROR\0C23505\0Mm\0Dd\0Hh\0cc\0nn\0Rr\0tt\0dy\0ss\0Ff\0L9\0Ww\0\0'));
  assert.ok(error.tag === 'query-failed' && error.val.tag === 'db-error');
  const { asText, ...rest } = error.val.val;
  assert.match(asText, /^Error \{ kind: Db, cause: Some\(DbError \{ severity: "ERROR", .* \}\) \}$/);
  assert.deepEqual(rest, {
    severity: 'ERROR',
    code: '23505',
    message: 'm',
    detail: 'd',
    extras: [
      ['column', 'c'],
      ['constraint', 'n'],
      ['routine', 'r'],
      ['hint', 'h'],
      ['table', 't'],
      ['datatype', 'y'],
      ['schema', 's'],
      ['file', 'f'],
      ['line', '9'],
      ['where_', 'w'],
    ],
  });
  assert.equal(queryText(error.val), asText);
  const bare = dbFault(new Map()).error.val;
  assert.ok(typeof bare === 'object' && bare.tag === 'db-error');
  const { severity, code, message, detail, extras } = bare.val;
  assert.deepEqual([severity, code, message, detail, extras], ['', '', '', undefined, []]);
  assert.deepEqual(pgErrorOf(queryFault('words')), { tag: 'query-failed', val: { tag: 'text', val: 'words' } });
  assert.deepEqual(pgErrorOf(new Error('other') as never), { tag: 'other', val: 'other' });
});

test('why no connection could be made is told in the words of Spin', () => {
  const told = (error: object): string => {
    const [kind = '', cause = ''] = ConnectFault.of(error).message.split('\n    0: ')[1]?.split('\n    1: ') ?? [];
    return `${kind} | ${cause}`;
  };
  const connecting = 'error connecting to server';
  const tls = 'error performing TLS handshake';
  for (const [error, expected] of [
    [{ code: 'ECONNREFUSED', message: '' }, `${connecting} | Connection refused (os error 111)`],
    [{ code: 'ECONNRESET', message: '' }, `${connecting} | Connection reset by peer (os error 104)`],
    [
      { code: 'ENOTFOUND', message: '' },
      `${connecting} | failed to lookup address information: Name or service not known`,
    ],
    [{ message: 'The server does not support SSL connections' }, `${tls} | server does not support TLS`],
    [{ message: 'SASL: no mechanism' }, 'authentication error | SASL: no mechanism'],
    [{ message: 'password missing' }, 'authentication error | password missing'],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed' }, `${tls} | self-signed`],
    [{ code: 'constructor', message: 'odd' }, `${connecting} | odd`],
    [{ message: 'Connection terminated' }, 'error communicating with the server | unexpected end of file'],
    [{ message: 'in other words' }, `${connecting} | in other words`],
    [{ message: '' }, `${connecting} | unknown`],
    [{ name: 'error', severity: 'FATAL', message: 'no' }, 'db error | FATAL: no'],
    [
      { name: 'error', severity: 'FATAL', message: 'no', detail: 'd', hint: 'h' },
      'db error | FATAL: no\nDETAIL: d\nHINT: h',
    ],
  ] as const) {
    assert.equal(told(Object.assign(new Error(), error)), expected);
  }
  const known = new ConnectFault('it');
  assert.equal(ConnectFault.of(known), known);
  assert.equal(known.isWithoutTls, false);
  assert.equal(ConnectFault.of(new Error('does not support SSL')).isWithoutTls, true);
  assert.match(known.message, /^Error occurred while creating a new object: error connecting to server\n\nCaused by:/);
});

test('types of parameters are kept for 256 statements that are not too long, the oldest of which goes first', () => {
  const kept = new ParameterTypes();
  for (let index = 0; index < 256; index++) kept.keep(`s${index}`, [index]);
  assert.deepEqual([kept.get('s0'), kept.get('s255')], [[0], [255]]);
  kept.keep('s256', [256]);
  assert.deepEqual([kept.get('s0'), kept.get('s1'), kept.get('s256')], [undefined, [1], [256]]);
  kept.forget('s1');
  kept.keep('again', [1]);
  assert.deepEqual([kept.get('s1'), kept.get('s2')], [undefined, [2]]);
  const long = new ParameterTypes();
  long.keep('x'.repeat(4096), Array(256).fill(23));
  assert.equal(long.get('x'.repeat(4096))?.length, 256);
  long.keep('x'.repeat(4097), []);
  long.keep('many', Array(257).fill(23));
  assert.deepEqual([long.get('x'.repeat(4097)), long.get('many')], [undefined, undefined]);
});
