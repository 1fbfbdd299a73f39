// Programs in PHP and Ruby without a manifest: run by interpreters of npm as CGI programs, which see their own folder only.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { MayflyError } from '../../src/errors.ts';
import { type App, load } from '../../src/index.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-interpreted-'));
after(() => rmSync(base, { recursive: true }));
const timeout = 60_000;

function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(base, 'app-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function loaded(t: TestContext, path: string): Promise<App> {
  const app = await load(path);
  t.after(() => app.close());
  return app;
}

const php = `<?php
require 'lib.php';
$GLOBALS['count'] = ($GLOBALS['count'] ?? 0) + 1;
http_response_code(201);
header('Content-Type: application/json');
echo json_encode([word(), $_SERVER['REQUEST_METHOD'], $_SERVER['REQUEST_URI'], $_GET['q'] ?? null,
  file_get_contents('php://input'), $GLOBALS['count'], @file_put_contents('/left', 'x'), @file_get_contents('/../secret')]);`;

const ruby = `require 'json'
require_relative 'lib'
$count = ($count || 0) + 1
puts 'Status: 201', 'Content-Type: application/json', ''
left = begin File.write('/left', 'x') rescue false end
secret = begin File.read('/../secret') rescue false end
puts JSON.generate([word, ENV['REQUEST_METHOD'], ENV['PATH_INFO'] + '?' + ENV['QUERY_STRING'], 'q', $stdin.read, $count, left, secret])`;

const programs: readonly (readonly [language: string, files: Readonly<Record<string, string>>])[] = [
  ['PHP', { 'index.php': php, 'lib.php': "<?php function word() { return 'from a file'; }" }],
  [
    'Ruby',
    {
      'app.rb': ruby
        .replace("require 'json'\n", '')
        .replace(/JSON\.generate\((\[.*\])\)/, '$1.inspect.gsub("nil", "null")'),
      'lib.rb': "def word = 'from a file'",
    },
  ],
];

for (const [language, files] of programs) {
  test(`${language}: a folder is served, each request starts anew and may not leave the folder`, {
    timeout,
  }, async (t) => {
    writeFileSync(join(base, 'secret'), 'secret');
    const folder = project(files);
    const app = await loaded(t, folder);
    for (let time = 0; time < 2; time++) {
      const response = await app.fetch('http://app/a/b?q=q', { method: 'POST', body: 'body' });
      assert.equal(response.status, 201);
      assert.deepEqual(await response.json(), ['from a file', 'POST', '/a/b?q=q', 'q', 'body', 1, false, false]);
    }
    const [entry = ''] = Object.keys(files);
    const text = language === 'PHP' ? '<?php echo "new";' : "puts 'Content-Type: text/plain', '', 'new'";
    writeFileSync(join(folder, entry), text);
    assert.equal((await (await app.fetch('http://app/')).text()).trim(), 'new');
  });
}

test('a link leads to the folder where the program is', { timeout }, async (t) => {
  const folder = project({ 'index.php': '<?php echo "linked";' });
  symlinkSync(folder, join(base, 'link'));
  const app = await loaded(t, join(base, 'link', 'index.php'));
  assert.equal(await (await app.fetch('http://app/')).text(), 'linked');
});

test('query and path choose no other file', { timeout }, async (t) => {
  const folder = project({ 'index.php': '<?php echo "index";', 'other.php': '<?php echo "other";' });
  const app = await loaded(t, join(folder, 'index.php'));
  for (const path of [
    '/other.php',
    '/index.php/other.php',
    '/?-s',
    '/?-d+auto_prepend_file%3d/other.php',
    '/x?--version',
  ]) {
    assert.equal(await (await app.fetch(`http://app${path}`)).text(), 'index', path);
  }
});

test('a manifest has no such source: it names the interpreter', { timeout }, async () => {
  const folder = project({
    'spin.toml':
      'spin_manifest_version = 2\napplication.name = "x"\n[[trigger.http]]\nroute = "/..."\ncomponent = "x"\n[component.x]\nsource = "index.php"\n',
    'index.php': '<?php echo 1;',
  });
  await assert.rejects(load(folder), (error) => error instanceof MayflyError && error.code !== 'internal');
});
