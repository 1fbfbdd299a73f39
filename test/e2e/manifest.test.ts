// What a manifest says, as it comes out at the other end: routes that are printed, static responses, names that objects
// of JavaScript have.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { load } from '../../src/index.ts';
import { guestPath } from '../guests/build.ts';
import { up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-manifest-'));
after(() => rmSync(folder, { recursive: true }));
copyFileSync(await guestPath('cgi-c'), join(folder, 'cgi.wasm'));

function write(text: string): string {
  writeFileSync(join(folder, 'spin.toml'), `spin_manifest_version = 2\napplication.name = "m"\n${text}`);
  return folder;
}

const trigger = (route: string): string => `[[trigger.http]]\nroute = "${route}"\ncomponent = "cgi"\n`;
const component = '[component.cgi]\nsource = "cgi.wasm"\n';

test('routes are printed as URLs that answer, with and without a slash before them', { timeout: 60_000 }, async () => {
  write(['info', '/slash/', 'w/...', '/', ':name/x'].map(trigger).join('') + component);
  const served = await up(['-f', folder]);
  const urls = [...served.output().matchAll(/^ {2}cgi: (\S+)/gm)].map(([, url]) => url);
  assert.deepEqual(
    urls,
    ['info', 'slash/', 'w', '', ':name/x'].map((path) => `${served.url}/${path}`),
  );
  for (const url of urls) assert.equal((await fetch(url as string)).status, 200, url);
  assert.equal(await served.stop(), 0);
});

test('a static response is sent as it stands in the manifest', { timeout: 60_000 }, async () => {
  write(`[[trigger.http]]
route = "/..."
static_response = { status_code = 418, body = "wörd", headers = { __proto__ = "x", constructor = "wörd", Content-Length = "5" } }
`);
  const app = await load(folder);
  const served = await up(['-f', folder]);
  for (const answer of [await app.fetch(new Request('http://localhost/a')), await fetch(served.url)]) {
    assert.equal(answer.status, 418);
    assert.equal(answer.headers.get('__proto__'), 'x');
    assert.equal(Buffer.from(answer.headers.get('constructor') ?? '', 'latin1').toString(), 'wörd');
    assert.equal(await answer.text(), 'wörd');
  }
  await app.close();
  assert.equal(await served.stop(), 0);
});

test('a required variable without a value stops an app, whether or not anything uses it', async () => {
  write(`${trigger('/')}${component}[variables]\nused = { required = true }\ntoken = { required = true }\n`);
  await assert.rejects(
    load(folder, { variables: { used: 'x' } }),
    (error: Error & { location?: object; code?: string }) => {
      assert.equal(error.code, 'variable-missing');
      assert.match(error.message, /"token" is required and has no value/);
      assert.deepEqual(error.location, { file: join(folder, 'spin.toml'), line: 10, column: 1 });
      return true;
    },
  );
  await assert.rejects(load(folder), { code: 'app-invalid', message: /^2 variables of "m" have no value/ });
  const app = await load(folder, { variables: { used: '', token: '' } });
  await app.close();
});

test('variables of the environment may be called like properties of objects', async () => {
  const environment = 'environment = { __proto__ = "proto", constructor = "made", toString = "text" }\n';
  write(`${trigger('/...')}${component}${environment}`);
  const app = await load(folder, { environment: JSON.parse('{ "__proto__": "given", "valueOf": "more" }') });
  const text = await (await app.fetch(new Request('http://localhost/env'))).text();
  for (const line of ['__proto__=given', 'constructor=made', 'toString=text', 'valueOf=more'])
    assert.match(text, new RegExp(`^${line}$`, 'm'));
  await app.close();
});
