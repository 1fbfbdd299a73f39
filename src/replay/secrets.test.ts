// Secrets are replaced wherever they stand, by as many bytes, and nothing else is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyRecord } from './body.ts';
import { bytesOf, findFields, render, renderParams } from './rendered.ts';
import { isSensitive, Secrets } from './secrets.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

test('a value is replaced in texts and bytes, as often as it stands there', () => {
  const secrets = new Secrets(['gehöim']);
  assert.equal(secrets.text('a gehöim, gehöim!'), 'a xxxxxxx, xxxxxxx!');
  assert.equal(Buffer.from(secrets.bytes(bytes('gehöim'))).toString(), 'xxxxxxx');
  assert.equal(secrets.text('gehöi'), 'gehöi');
  assert.equal(new Secrets().text('gehöim'), 'gehöim');
});

test('what is given stays as it is', () => {
  const given = bytes('secret');
  new Secrets(['secret']).bytes(given);
  assert.deepEqual(given, bytes('secret'));
});

test('of two values of which one begins with the other nothing is left', () => {
  assert.equal(new Secrets(['secret', 'secret-more']).text('secret-more'), 'xxxxxxxxxxx');
});

test('a short value is not looked for', () => {
  assert.equal(new Secrets(['abcde']).text('abcde'), 'abcde');
  assert.equal(new Secrets(['abcdef']).text('abcdef'), 'xxxxxx');
});

test('the token of a field and the values of cookies are secrets, too', () => {
  const secrets = new Secrets();
  secrets.addField('Bearer tokentoken');
  secrets.addField('session=0123456789; theme=dark');
  assert.equal(secrets.text('tokentoken 0123456789 dark'), 'xxxxxxxxxx xxxxxxxxxx dark');
});

test('the fields that are sensitive, by their names and by those of CGI', () => {
  for (const name of ['authorization', 'Proxy-Authorization', 'cookie', 'SET-COOKIE', 'HTTP_COOKIE']) {
    assert.ok(isSensitive(name), name);
  }
  for (const name of ['cookies', 'accept', '', 'x-authorization']) assert.ok(!isSensitive(name), name);
});

test('values of sensitive fields are masked in lists of fields, and in calls about one', () => {
  const rendering = { secrets: new Secrets(), compared: false };
  assert.deepEqual(
    render(
      [
        ['cookie', bytes('a=1')],
        ['accept', bytes('b')],
      ],
      rendering,
    ),
    [
      ['cookie', { $text: 'xxx' }],
      ['accept', { $text: 'b' }],
    ],
  );
  const name = 'wasi:http/types@0.2.0#[method]fields.append';
  assert.deepEqual(renderParams(name, ['#1', 'set-cookie', bytes('a=1')], rendering.secrets), [
    '#1',
    'set-cookie',
    { $text: 'xxx' },
  ]);
  assert.deepEqual(renderParams(name, ['#1', 'x-a', bytes('a=1')], rendering.secrets), ['#1', 'x-a', { $text: 'a=1' }]);
});

test('values of sensitive fields are found in what crossed', () => {
  const found: unknown[] = [];
  findFields(
    {
      headers: [
        ['authorization', 'Basic abc'],
        ['a', 'b'],
      ],
    },
    (value) => found.push(value),
  );
  assert.deepEqual(found, ['Basic abc']);
});

test('a secret that lies across two pieces of a body is replaced', () => {
  for (let at = 0; at <= 12; at++) {
    const body = new BodyRecord(new Secrets(['secret']));
    body.add(bytes('ab secret cd').subarray(0, at));
    body.add(bytes('ab secret cd').subarray(at));
    const { length, bytes: kept } = body.end(true);
    assert.equal(length, 12);
    assert.equal(Buffer.from(bytesOf(kept) ?? []).toString(), 'ab xxxxxx cd', `cut at ${at}`);
  }
});

test('of a long body the first MiB is kept, and all of it is digested', () => {
  const body = new BodyRecord(new Secrets());
  for (let piece = 0; piece < 3; piece++) body.add(new Uint8Array(600_000).fill(piece));
  const { length, bytes: kept, sha256 } = body.end(false);
  assert.equal(length, 1_800_000);
  assert.equal(bytesOf(kept)?.length, 1_048_576);
  assert.match(sha256, /^[0-9a-f]{64}$/);
});
