// Slow: what the templates give is served and asked, and built where that is needed; the second start does not build again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { mayfly, serve } from './cli-process.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-slow-'));
after(() => rmSync(base, { recursive: true }));

function made(template: string): { readonly name: string; readonly folder: string } {
  const name = `my-${template}`;
  assert.equal(mayfly(['new', '-t', template, name, '--accept-defaults'], base).code, 0);
  return { name, folder: join(base, name) };
}

/** Serves, asks, and stops; gives the answer and what was printed. */
async function asked(folder: string, path: string, args: readonly string[] = []) {
  const app = await serve(args, folder);
  const response = await fetch(`${app.url}${path}`);
  const text = await response.text();
  app.kill('SIGINT');
  const { code, stderr, stdout } = await app.ended;
  assert.equal(code, 0, stderr);
  return { status: response.status, text, stderr, stdout, url: app.url };
}

describe('template http-c', () => {
  it('is built, and not again at the second start', async () => {
    const { name, folder } = made('http-c');
    const built = mayfly(['build'], folder);
    assert.equal(built.code, 0, built.stderr);
    const { status, text, stderr, stdout, url } = await asked(folder, '/hello?x=1', ['--build']);
    assert.match(stdout, new RegExp(`^Serving ${url}\nAvailable Routes:\n {2}${name}: ${url}.* \\(wildcard\\)$`, 'm'));
    assert.deepEqual([status, text], [200, `Hello from ${name}: GET /hello\n`]);
    assert.doesNotMatch(stderr, /Building component/);
  });
});

for (const template of ['http-ts', 'http-js']) {
  describe(`template ${template}`, () => {
    it('runs as it is', async () => {
      const { name, folder } = made(template);
      const { status, text } = await asked(folder, '/hello?x=1');
      assert.deepEqual([status, text], [200, `Hello from ${name}: GET /hello\n`]);
    });
  });
}

describe('template http-ts', () => {
  it('becomes a component that answers as the program does', async () => {
    const folder = join(base, 'my-http-ts');
    const built = mayfly(['build'], folder);
    assert.equal(built.code, 0, built.stderr);
    const { text } = await asked(folder, '/hello', [join('build', 'app.wasm')]);
    assert.equal(text, 'Hello from my-http-ts: GET /hello\n');
  });
});

describe('template http-hono', () => {
  it('says what to install, and runs when it is', async () => {
    const { name, folder } = made('http-hono');
    const early = mayfly(['up', '--no-watch'], folder);
    assert.equal(early.code, 1);
    assert.match(early.stderr, /Could not resolve 'hono'[\s\S]*npm install hono/);
    const npm = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status, stderr } = spawnSync('npm', npm, { cwd: folder, encoding: 'utf8', timeout: 100_000 });
    assert.equal(status, 0, stderr);
    assert.equal((await asked(folder, '/')).text, `Hello from ${name}\n`);
    assert.equal((await asked(folder, '/hello/you')).text, '{"hello":"you"}');
  });
});
