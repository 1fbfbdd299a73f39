// Sends the requests of a case over connections of their own, and compares the answers.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { callsBody, checkCalls } from './calls.ts';
import type { Ask } from './case-file.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends it as often as it says; `ports` fills in `%{port=…}`. */
export async function askApp(url: URL, ask: Ask, fill: (text: string) => string): Promise<void> {
  const { times = 1, together = 1 } = ask;
  for (let count = 0; count < times; count++) {
    await Promise.all(Array.from({ length: together }, () => askOnce(url, ask, fill)));
  }
}

async function askOnce(url: URL, ask: Ask, fill: (text: string) => string): Promise<void> {
  const begun = performance.now();
  const answer = ask.raw === undefined ? await sendRequest(url, ask, fill) : await sendRaw(url, fill(ask.raw));
  const seconds = (performance.now() - begun) / 1000;
  check(ask, answer, fill);
  if (ask.within !== undefined) assert.ok(seconds <= ask.within, `answered after ${seconds.toFixed(2)} s`);
  if (ask['not-before'] !== undefined)
    assert.ok(seconds >= ask['not-before'], `answered after ${seconds.toFixed(2)} s`);
}

function check(ask: Ask, answer: Answer, fill: (text: string) => string): void {
  const { status = 200, calls } = ask;
  if (ask.raw === undefined)
    assert.equal(answer.status, status, `${status} was expected, and the body is: ${answer.body}`);
  if (calls !== undefined && status === 200) checkCalls(fill(calls), answer.body);
  if (ask.answer !== undefined) assert.equal(answer.body, fill(ask.answer));
  if (ask['answer-size'] !== undefined) assert.equal(answer.body.length, ask['answer-size']);
  for (const part of ask['answer-has'] ?? []) {
    assert.ok(answer.body.includes(fill(part)), `no "${fill(part)}" in:\n${answer.body}`);
  }
  for (const part of ask['answer-lacks'] ?? []) {
    assert.ok(!answer.body.includes(fill(part)), `"${fill(part)}" in:\n${answer.body}`);
  }
  if (ask['only-headers'] !== undefined) {
    const others = Object.keys(answer.headers).filter((name) => !ask['only-headers']?.includes(name));
    assert.deepEqual(others, [], 'headers that must not be there');
  }
  for (const [name, value] of Object.entries(ask['answer-headers'] ?? {})) {
    const given = answer.headers[name.toLowerCase()];
    assert.equal(given === undefined ? false : String(given), value, `header ${name}`);
  }
}

function sendRequest(url: URL, ask: Ask, fill: (text: string) => string): Promise<Answer> {
  const body = ask.calls === undefined ? (ask.body ?? 'x'.repeat(ask['body-size'] ?? 0)) : callsBody(fill(ask.calls));
  const method = ask.method ?? (body === '' ? 'GET' : 'POST');
  const headers = Object.fromEntries(Object.entries(ask.headers ?? {}).map(([name, value]) => [name, fill(value)]));
  if (body !== '' && headers['transfer-encoding'] === undefined)
    headers['content-length'] = String(Buffer.byteLength(body));
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const agent = new Agent({ keepAlive: true });
  promise.finally(() => agent.destroy()).catch(() => undefined);
  const sent = request(
    { host: url.hostname, port: url.port, method, path: fill(ask.path ?? '/'), headers, agent },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers: given } = response;
        resolve({ status, headers: given, body: Buffer.concat(chunks).toString() });
      });
    },
  );
  sent.on('error', reject);
  if (headers.connection === undefined) sent.removeHeader('connection'); // what most clients of HTTP/1.1 send: none
  sent.end(body);
  return promise;
}

/** Everything until the server closes the connection; the bytes close theirs, by `connection: close` or as HTTP/1.0. */
function sendRaw(url: URL, bytes: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const chunks: Buffer[] = [];
  const socket = connect(Number(url.port), url.hostname, () => socket.write(Buffer.from(bytes, 'latin1')));
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', reject);
  socket.on('close', () => resolve({ status: 0, headers: {}, body: Buffer.concat(chunks).toString('latin1') }));
  return promise;
}
