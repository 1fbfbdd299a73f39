// Packages from npm that need no Node: each is bundled, and used in a request, in both engines. They are installed once, by
// npm, into .cache.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { engineNames } from '../../src/app/script-file.ts';
import { load } from '../../src/library/load.ts';
import { lacking, packageCases } from './packages/cases.ts';

const timeout = { timeout: 60_000 };
const own = join(import.meta.dirname, 'packages');
const folder = join(import.meta.dirname, '../../.cache/packages');

before(
  () => {
    mkdirSync(folder, { recursive: true });
    const installed = join(folder, 'installed.json');
    const wanted = readFileSync(join(own, 'package-lock.json'), 'utf8');
    if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return;
    for (const name of ['package.json', 'package-lock.json']) cpSync(join(own, name), join(folder, name));
    // Spin's modules name the tool that builds them as a peer, which is hundreds of packages.
    const npm = ['ci', '--legacy-peer-deps', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status, stderr } = spawnSync('npm', npm, { cwd: folder, encoding: 'utf8', timeout: 200_000 });
    assert.equal(status, 0, stderr);
    writeFileSync(installed, wanted);
  },
  { timeout: 210_000 },
);

test('each package that is installed has a program, and each program a package', () => {
  const { dependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as { dependencies: object };
  assert.deepEqual(packageCases.map(({ name }) => name).sort(), Object.keys(dependencies).sort());
});

/** As the template of Spin's SDK begins an app of Hono. */
const fired = `import { Hono } from 'hono';
import { fire } from 'hono/service-worker';

const app = new Hono();
app.get('/hello/:name', (context) => context.json({ hello: context.req.param('name') }));
fire(app);
`;

for (const engine of engineNames) {
  test(`${engine}: an app of Hono that listens by fire`, timeout, async (t) => {
    const entry = join(folder, `${engine}-fire.mjs`);
    writeFileSync(entry, fired);
    const app = await load(entry, { engine });
    t.after(() => app.close());
    assert.deepEqual(await (await app.fetch('http://app/hello/you')).json(), { hello: 'you' });
  });
}

for (const engine of engineNames) {
  for (const { name, imports, value, expected } of packageCases) {
    test(`${engine}: ${name}`, timeout, async () => {
      const entry = join(folder, `${engine}-${name.replace('/', '-')}.mjs`);
      writeFileSync(entry, `${imports}\nexport default { fetch: async () => Response.json([${value}]) };\n`);
      const errors: Error[] = [];
      const app = await load(entry, { engine, onError: (error) => errors.push(error) });
      try {
        const response = await app.fetch('http://app/');
        const lack = engine === 'starlingmonkey' ? lacking.get(name) : undefined;
        if (lack) {
          assert.match(errors[0]?.message ?? '', lack);
          return;
        }
        assert.deepEqual([errors, response.status], [[], 200]);
        assert.deepEqual(await response.json(), [expected]);
      } finally {
        await app.close();
      }
    });
  }
}
