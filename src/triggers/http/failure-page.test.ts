// What developers get of a request that failed: the place in their own files, the log, and nothing of other files.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { bytesBody } from '../../host/bytes-body.ts';
import type { HeaderList, HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { silentLog } from '../../telemetry/log.ts';
import { RecordedLines } from '../../telemetry/recorded-lines.ts';
import { failurePages, failureReports } from './failure-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-failure-page-'));
after(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'index.ts');
writeFileSync(file, ['one', 'two', '\tthree <b>', 'four'].join('\n'));
const secret = join(folder, 'secret.txt');
writeFileSync(secret, 'password');

const request = (...headers: HeaderList): HttpRequest => ({
  method: 'GET',
  scheme: 'http',
  authority: 'localhost',
  target: '/<i>',
  headers,
  body: undefined,
  identity: { fields: { requestId: 'r' }, propagation: undefined },
});

const failed: HttpResponse = { status: 500, headers: [], body: undefined };
const ofEngine: HttpResponse = {
  status: 500,
  headers: [['content-length', '21']],
  body: bytesBody(Buffer.from('Internal Server Error')),
};

async function textOf({ body }: HttpResponse): Promise<string> {
  let text = '';
  for (let piece = await body?.read(); piece; piece = await body?.read()) text += Buffer.from(piece).toString();
  return text;
}

function pages(...output: readonly string[]): ReturnType<typeof failurePages> {
  const lines = new RecordedLines(silentLog);
  for (const text of output) lines.log.info({ event: 'guest-output', requestId: 'r' }, text);
  return failurePages(lines, (id) => (id === 'app' ? [file] : []));
}

test('a handler that threw: its error, its place, the code around it', async () => {
  const page = pages('before', 'TypeError: x', 'Stack:', `    at f (${file}:3:2)`, '[cause]: y');
  const response = page('app', request(), ofEngine);
  assert.equal(response.status, 500);
  const text = await textOf(response);
  assert.match(text, /^TypeError: x\n {2}at .*index\.ts:3:2\n/);
  assert.match(text, /\n {2}2 \| two\n> 3 \| \tthree <b>\n {4}\| \t\^\n {2}4 \| four\n/);
  assert.match(text, /The log of this request:\nbefore\nTypeError: x\nStack:\n/);
});

test('browsers get a page, in which nothing of the guest is markup', async () => {
  const response = pages('<script>alert(1)</script>', `Error: <u> (${file}:3:2)`)(
    'app',
    request(['accept', 'text/html,*/*']),
    ofEngine,
  );
  const text = await textOf(response);
  assert.match(text, /^<!doctype html>/);
  assert.match(text, /GET \/&lt;i&gt; · component app/);
  assert.match(text, /&gt; 3 \| \tthree &lt;b&gt;/);
  assert.doesNotMatch(text, /<script|<u>|<b>|<i>/);
  assert.ok(response.headers.some(([name, value]) => name === 'content-type' && value.startsWith('text/html')));
});

test('an error of ours has its code and hint, and a denial the line that allows it', async () => {
  const error = new MayflyError('guest-trap', 'It trapped', { hint: 'Mend it' });
  assert.match(
    await textOf(pages()('app', request(), failed, error)),
    /^error\[guest-trap\]: It trapped\n {2}hint: Mend it\n/,
  );
  const lines = new RecordedLines(silentLog);
  lines.log.warn({ event: 'request-denied', requestId: 'r' }, 'To allow it, add …');
  const text = await textOf(failurePages(lines, () => [])('app', request(), failed, new Error('fetch failed')));
  assert.match(text, /^fetch failed\n {2}hint: To allow it, add …\n/);
});

test('no code is shown of files that are not of the program, nor of another component', async () => {
  for (const [component, place] of [
    ['app', secret],
    ['other', file],
  ] as const) {
    const text = await textOf(pages('Error: x', `  at f (${place}:1:1)`)(component, request(), ofEngine));
    assert.doesNotMatch(text, /password|\| one/);
  }
});

test('what a guest answered on purpose stays', () => {
  const own: HttpResponse = { status: 500, headers: [['content-length', '3']], body: bytesBody(Buffer.from('own')) };
  assert.equal(pages('Error: x')('app', request(), own), own);
  assert.equal(pages()('app', request(), ofEngine), ofEngine);
  const fine: HttpResponse = { status: 200, headers: [], body: undefined };
  assert.equal(pages('Error: x')('app', request(), fine), fine);
});

test('a place beyond the end of the file has no code', async () => {
  assert.doesNotMatch(await textOf(pages('Error: x', `  at f (${file}:9:1)`)('app', request(), ofEngine)), / \| /);
});

test('who is told to come again later, is', () => {
  const busy: HttpResponse = { status: 503, headers: [['retry-after', '1']], body: undefined };
  const { headers, status } = pages()('app', request(), busy, new Error('busy'));
  assert.equal(status, 503);
  assert.ok(headers.some(([name, value]) => name === 'retry-after' && value === '1'));
});

test('pages of the former version have a notice at their end, whatever their body is; other answers stay', async () => {
  const failure = new MayflyError('script-invalid', 'a <mistake>', {
    location: { file, line: 3, column: 2 },
    hint: 'mend it',
  });
  const page = (newer: MayflyError | undefined) =>
    failurePages(
      new RecordedLines(silentLog),
      () => [],
      () => newer,
    );
  const html = (...more: HeaderList): HttpResponse => ({
    status: 200,
    headers: [['content-type', 'text/html; charset=utf-8'], ...more],
    body: bytesBody(Buffer.from('<p>old</p>')),
  });
  const answered = page(failure)('app', request(), html(['content-length', '10']));
  const { length } = answered.body ?? {};
  const text = await textOf(answered);
  assert.match(text, /^<p>old<\/p>\n<div [^>]*>This is the former version: .*\na &lt;mistake&gt;\n {2}at .*:3:2\n/);
  assert.match(text, /&gt; 3 \| \tthree &lt;b&gt;[\s\S]*\n {2}hint: mend it<\/div>\n$/);
  const bytes = String(Buffer.byteLength(text));
  assert.deepEqual([String(length), answered.headers.find(([name]) => name === 'content-length')?.[1]], [bytes, bytes]);
  for (const same of [
    html(['content-encoding', 'gzip']),
    { ...html(), headers: [['content-type', 'text/plain']] as const },
    { ...html(), body: undefined },
  ]) {
    assert.equal(page(failure)('app', request(), same), same);
  }
  const one = html();
  assert.equal(page(failure)('app', { ...request(), method: 'HEAD' }, one), one);
  assert.equal(page(undefined)('app', request(), one), one);
  let pulled = 0;
  const later: HttpResponse = {
    ...html(),
    body: { read: async () => (pulled++ ? undefined : Buffer.from('a')), cancel() {} },
  };
  assert.match(await textOf(page(failure)('app', request(), later)), /^a\n<div /);
});

test('a place in the author’s own files comes before those in packages', async () => {
  const lines = new RecordedLines(silentLog);
  const inPackage = '/app/node_modules/zod/index.js';
  for (const text of ['TypeError: x', `    at a (${inPackage}:1:2)`, `    at f (${file}:3:2)`])
    lines.log.info({ event: 'guest-output', requestId: 'r' }, text);
  const page = failurePages(lines, () => [inPackage, file]);
  assert.match(await textOf(page('app', request(), ofEngine)), /^TypeError: x\n {2}at .*index\.ts:3:2\n/);
  const only = failurePages(lines, () => [inPackage]);
  assert.match(
    await textOf(only('app', request(), { ...ofEngine, body: bytesBody(Buffer.from('x')) })),
    /at .*zod\/index\.js:1:2\n/,
  );
});

test('a program in Python: its innermost call that is its own, and its calls in the cause', async () => {
  const calls = [
    'Traceback (most recent call last):',
    `  File "${secret}", line 1, in above`,
    `  File "${file}", line 2, in outer`,
    `  File "${file}", line 3, in inner`,
    '    three',
    'ZeroDivisionError: division by zero',
  ];
  const text = await textOf(pages('before', ...calls)('app', request(), ofEngine));
  assert.match(text, /^ZeroDivisionError: division by zero\n {2}at .*index\.ts:3:1\n/);
  assert.doesNotMatch(text, /password/);
  const lines = new RecordedLines(silentLog);
  for (const one of ['before', ...calls]) lines.log.info({ event: 'guest-output', requestId: 'r' }, one);
  const told: MayflyError[] = [];
  failureReports(lines, (error) => void told.push(error))('app', request(), ofEngine);
  assert.equal(told[0]?.message, 'ZeroDivisionError: division by zero');
  assert.equal(told[0]?.cause, calls.join('\n'));
});
