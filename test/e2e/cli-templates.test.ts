// Slow: what the templates give is built, served and asked, and the second start does not build again.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { mayfly, serve } from './cli-process.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-slow-'));
after(() => rmSync(base, { recursive: true }));

// http-js differs from http-ts in the extension of one file.
for (const template of ['http-c', 'http-ts']) {
  describe(`template ${template}`, () => {
    it('goes from nothing to an answer', async () => {
      const name = `my-${template}`;
      assert.equal(mayfly(['new', '-t', template, name, '--accept-defaults'], base).code, 0);
      const folder = join(base, name);
      const built = mayfly(['build'], folder);
      assert.equal(built.code, 0, built.stderr);

      const app = await serve(['--build'], folder);
      assert.match(
        app.stdout,
        new RegExp(`^Serving ${app.url}\nAvailable Routes:\n {2}${name}: ${app.url}.* \\(wildcard\\)$`, 'm'),
      );
      const response = await fetch(`${app.url}/hello?x=1`);
      assert.equal(response.status, 200);
      assert.equal(await response.text(), `Hello from ${name}: GET /hello\n`);
      app.kill('SIGINT');
      const { code, stderr } = await app.ended;
      assert.equal(code, 0);
      assert.doesNotMatch(stderr, /Building component/);
    });
  });
}
