// The library in a Node that cannot run Mayfly itself: one program does the same in this Node, in one that takes itself for an
// older one, and in an older one, where the machine has that.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const timeout = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'mayfly-older-'));
after(() => rmSync(folder, { recursive: true }));

const library = new URL('../../bin/library.mjs', import.meta.url).href;
const program = `
const { load, MayflyError } = await import(${JSON.stringify(library)});
const out = [];
const failing = async (work) => { try { return await work(); } catch (error) { return [error.name, error.message, error.code, error instanceof MayflyError, error.hint]; } };
const lines = [];
const logOf = (bindings) => Object.fromEntries([
  ...['debug', 'info', 'warn', 'error'].map((level) => [level, (fields, text) => lines.push([level, text ?? fields, { ...bindings, ...Object(fields) }])]),
  ['child', (more) => logOf({ ...bindings, ...more })],
]);
const log = logOf({});
const failed = [];
const app = await load({ modules: { 'index.ts': \`
import { keyValue } from 'mayfly/sdk';
export const twice = (given) => ({ n: given.n * 2n, at: given.at, all: new Map([['a', new Set([1])]]) });
export function fail() { throw new RangeError('no'); }
export default { async fetch(request: Request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/throw') throw new Error('of the handler');
  if (pathname === '/empty') return new Response(null, { status: 204, headers: { 'x-empty': 'yes' } });
  if (pathname === '/cookies') { const headers = new Headers(); headers.append('set-cookie', 'a=1'); headers.append('set-cookie', 'b=2'); return new Response('c', { headers }); }
  if (pathname === '/break') return new Response(new ReadableStream({ start(to) { to.enqueue(new TextEncoder().encode('begun')); }, pull() { throw new Error('broken'); } }));
  if (pathname === '/denied') { try { keyValue.open(); } catch (error) { return new Response(error.code); } }
  if (pathname === '/slow') await new Promise((go) => setTimeout(go, 10_000));
  if (pathname === '/echo') return new Response(request.body, { status: 201, statusText: 'Made', headers: { 'x-method': request.method, 'x-own': request.headers.get('x-own') ?? '', 'x-host': request.headers.get('host') ?? '' } });
  return Response.json([pathname, request.method]);
} };\` } }, { log, onError: (error, request) => failed.push([error.code, error.message, request.method, request.target, error instanceof MayflyError]) });
const text = async (...given) => { const response = await app.fetch(...given); return [response.status, await response.text()]; };
out.push(await text('http://app/a?b'), await text(new URL('http://app/b')), await text(new Request('http://app/c', { method: 'PUT', body: 'x' })));
const echo = await app.fetch('http://app/echo', { method: 'POST', body: 'héllo', headers: { 'x-own': 'ö' } });
out.push([echo.status, echo.headers.get('x-method'), echo.headers.get('x-own'), await echo.text()]);
const empty = await app.fetch('http://app/empty');
out.push([empty.status, empty.body, empty.headers.get('x-empty')]);
out.push((await app.fetch('http://app/cookies')).headers.getSetCookie());
out.push(await text('http://app/throw'), await text('http://app/denied'));
const big = new Uint8Array(3_000_000).map((_, at) => at % 251);
const sent = new Uint8Array(await (await app.fetch('http://app/echo', { method: 'POST', body: big })).arrayBuffer());
out.push(sent.length === big.length && sent.every((byte, at) => byte === big[at]));
let pulled = 0;
const endless = new ReadableStream({ async pull(to) { pulled++; await 1; to.enqueue(new Uint8Array(65536)); } });
const stream = (await app.fetch('http://app/echo', { method: 'POST', body: endless, duplex: 'half' })).body.getReader();
const first = await stream.read();
out.push(first.value.length > 0);
await stream.cancel();
await new Promise((go) => setTimeout(go, 200));
const until = pulled;
await new Promise((go) => setTimeout(go, 300));
out.push(pulled - until < 3 && pulled < 2000);
out.push((await failing(async () => text('http://app/break')))[0]);
const stop = new AbortController();
setTimeout(() => stop.abort(new Error('mine')), 100);
out.push(await failing(() => app.fetch('http://app/slow', { signal: stop.signal })));
out.push(await failing(() => app.fetch('nothing')).then(([name]) => name));
out.push(await failing(() => app.fetch('http://app/', { signal: AbortSignal.abort(new Error('before')) })));
const twice = await app.call('twice', { n: 2n ** 70n, at: new Date(0) });
out.push([String(twice.n), twice.at instanceof Date, [...twice.all.get('a')]]);
out.push(await failing(() => app.call('fail')), (await failing(() => app.call('nothing')))[0]);
const many = await Promise.all(Array.from({ length: 50 }, (_, at) => text('http://app/' + at)));
out.push(many.every(([status, body], at) => status === 200 && body === JSON.stringify(['/' + at, 'GET'])));
out.push(failed, lines.filter(([level]) => level !== 'debug').map(([level, text, { event, component }]) => [level, String(text).split('\\n')[0], event, component]).sort());
await app.close();
await app.close();
const after = await failing(() => app.fetch('http://app/')); out.push([after.status, await after.text(), [...after.headers]]);
out.push(await failing(() => load({ script: 'export default {' })).then(([name, message, code, same]) => [name, code, same]));
out.push(await failing(() => load('nowhere.toml')).then(([name, message, code, same]) => [name, code, same]));
out.push(await failing(() => load({ script: '' }, { prot: 1 })).then(([name, message, code, same]) => [name, message, code, same]));
out.push(await failing(() => load({ script: '' }, { log: 7 })).then(([, message]) => message));
const again = await load({ script: 'export default () => new Response("again")' }, { engine: 'starlingmonkey' });
out.push(await (await again.fetch('http://app/')).text());
// It is not closed, and the program ends all the same.
console.log(JSON.stringify(out));
`;

async function results(node: string, ...more: readonly string[]): Promise<unknown[]> {
  const file = join(folder, `${more.length}.mjs`);
  writeFileSync(file, `${more.join('\n')}\n${program}`);
  const { stdout, stderr } = await run(node, [file], { timeout });
  assert.equal(stderr, '');
  return JSON.parse(stdout) as unknown[];
}

const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.11.0' } });";

/** A Node of the machine that is older than 26. */
const olderNode = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((place) => !place.includes('node_modules'))
  .map((place) => join(place, 'node'))
  .find((file) => existsSync(file) && /^v2[0-5]\./.test(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout));

test('a program in an older Node sees what one in this Node sees', { timeout }, async () => {
  const expected = await results(process.execPath);
  assert.deepEqual(expected.slice(0, 3), [
    [200, '["/a","GET"]'],
    [200, '["/b","GET"]'],
    [200, '["/c","PUT"]'],
  ]);
  assert.deepEqual(await results(process.execPath, older), expected);
});

test('so does one in a Node that is older', {
  timeout,
  skip: !olderNode && 'there is no Node older than 26',
}, async () => {
  assert.deepEqual(await results(olderNode ?? ''), await results(process.execPath));
});

test('a process that dies is an error for those who wait, and another one for the next app', { timeout }, async () => {
  const script = `${older}
const { execFileSync } = await import('node:child_process');
const { load, MayflyError } = await import(${JSON.stringify(library)});
const failing = (work) => work.catch((error) => [error.code, error instanceof MayflyError]);
const app = await load({ script: 'export default () => new Promise((go) => setTimeout(go, 60_000)); export const hang = () => new Promise((go) => setTimeout(go, 60_000));' });
const waiting = [app.fetch('http://app/').catch((error) => error.code), failing(app.call('hang'))];
await new Promise((go) => setTimeout(go, 300));
const [pid] = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'app-process'], { encoding: 'utf8' }).split('\\n');
process.kill(Number(pid), 'SIGKILL');
const out = await Promise.all(waiting);
out.push(await failing(app.fetch('http://app/')), await failing(app.call('hang')));
const next = await load({ script: 'export default () => new Response("next")' });
out.push(await (await next.fetch('http://app/')).text());
await next.close();
console.log(JSON.stringify(out));`;
  const file = join(folder, 'dies.mjs');
  writeFileSync(file, script);
  const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith('mayfly-app-'));
  const { stdout } = await run(process.execPath, [file], { timeout, env: { ...process.env, TMPDIR: folder } });
  assert.deepEqual(left(), []);
  const died = ['worker-failed', true];
  assert.deepEqual(JSON.parse(stdout), ['ECONNRESET', died, died, died, 'next']);
});
