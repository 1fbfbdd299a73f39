// Slow: what the templates give is served and asked, and built where that is needed; the second start does not build again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pythonMissing } from '../support/python-engine.ts';
import { mayfly } from './cli-process.ts';
import { appsFolder, asked, type MadeApp, made, npmInstall, run } from './template-app.ts';

// Before there is any test: hooks of a file that waits between its tests run too early.
const withoutPython = await pythonMissing();
const base = appsFolder();
const madeIn = (template: string): MadeApp => made(base, template);

describe('template http-c', () => {
  it('is built, and not again at the second start', async () => {
    const { name, folder } = madeIn('http-c');
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
      const { name, folder } = madeIn(template);
      const { status, text } = await asked(folder, '/hello?x=1');
      assert.deepEqual([status, text], [200, `Hello from ${name}: GET /hello\n`]);
    });
  });
}

describe('template http-py', { skip: withoutPython }, () => {
  it('runs as it is', async () => {
    const { name, folder } = madeIn('http-py');
    const { status, text } = await asked(folder, '/hello');
    assert.deepEqual([status, text], [200, `Hello from ${name}: GET /hello\n`]);
  });

  it('runs Flask, when it is installed beside the program', async () => {
    const folder = join(base, 'flask');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'app.py'),
      'from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.post("/<name>")\ndef hello(name):\n    return {name: request.get_json()}\n',
    );
    const early = mayfly(['up', '--no-watch', 'app.py'], folder);
    assert.equal(early.code, 1);
    assert.match(early.stderr, /No module named 'flask'[\s\S]*app\.py:1:1[\s\S]*pip install --target packages flask/);
    run(folder, 'python3', '-m', 'pip', 'install', '--quiet', '--target', 'packages', 'flask');
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[1]' };
    assert.equal((await asked(folder, '/you', [], init)).text, '{"you":[1]}\n');
  });
});

describe('template http-ts', () => {
  it('becomes a component that answers as the program does', async () => {
    const folder = join(base, 'my-http-ts');
    const built = mayfly(['build'], folder);
    assert.equal(built.code, 0, built.stderr);
    const { text } = await asked(folder, '/hello', [join('build', 'app.wasm')]);
    assert.equal(text, 'Hello from my-http-ts: GET /hello\n');
  });
});

/** A program that uses services, by the SDK and by an interface itself. */
const counter = `import { get } from 'fermyon:spin/variables@2.0.0';
import { keyValue, ServiceError, sqlite } from 'mayfly/sdk';

export default {
  fetch(request: Request): Response {
    const store = keyValue.open();
    const count = (store.getJson<number>('count') ?? 0) + 1;
    store.setJson('count', count);
    const denied = (): string => {
      try {
        return String(sqlite.open().all<{ one: number }>('SELECT 1 AS one')[0]?.one);
      } catch (error) {
        return error instanceof ServiceError ? error.code : 'unknown';
      }
    };
    return new Response(\`\${get('greeting')} \${count} \${denied()}\\n\`);
  },
};
`;

describe('services in programs', () => {
  it('have types, and work in the program and in the component that is built of it', async () => {
    const folder = join(base, 'services');
    assert.equal(mayfly(['new', '-t', 'http-ts', 'services', '--accept-defaults'], base).code, 0);
    const manifest = join(folder, 'spin.toml');
    const variables = '[variables]\ngreeting = { default = "hello" }\n\n[[trigger.http]]';
    const settings = 'key_value_stores = ["default"]\nvariables = { greeting = "{{ greeting }}" }\n';
    const text = readFileSync(manifest, 'utf8').replace('[[trigger.http]]', variables);
    writeFileSync(
      manifest,
      text.replace(/^source = .*\n/m, (line) => `${line}${settings}`),
    );
    writeFileSync(join(folder, 'src/index.ts'), counter);
    const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
    const checked = spawnSync(process.execPath, [tsc, '--project', '.', '--skipLibCheck', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(checked.stdout, '');
    assert.equal((await asked(folder, '/')).text, 'hello 1 access-denied\n');
    const built = mayfly(['build'], folder);
    assert.equal(built.code, 0, built.stderr);
    const asComponent = readFileSync(manifest, 'utf8').replace(/^source = .*$/m, 'source = "build/app.wasm"');
    writeFileSync(manifest, asComponent.replace(/^script = .*\n/m, ''));
    assert.equal((await asked(folder, '/')).text, 'hello 2 access-denied\n');
    const names = interfacesIn(join(folder, 'build/app.wasm'));
    assert.deepEqual(
      names.filter((name) => !name.startsWith('wasi:')),
      ['fermyon:spin/key-value@2.0.0', 'fermyon:spin/variables@2.0.0', 'spin:sqlite/sqlite@3.1.0'],
      'what a program does not use is not imported',
    );
  });
});

/** The names of interfaces that stand in a component. */
function interfacesIn(file: string): string[] {
  const found = readFileSync(file, 'latin1').match(/(?:wasi|spin|fermyon):[a-z]+\/[a-z-]+@\d+\.\d+\.\d+/g);
  return [...new Set(found)].sort();
}

describe('template http-hono', () => {
  it('says what to install, and runs when it is', async () => {
    const { name, folder } = madeIn('http-hono');
    const early = mayfly(['up', '--no-watch'], folder);
    assert.equal(early.code, 1);
    assert.match(early.stderr, /Could not resolve 'hono'[\s\S]*npm install hono/);
    npmInstall(folder);
    assert.equal((await asked(folder, '/')).text, `Hello from ${name}\n`);
    assert.equal((await asked(folder, '/hello/you')).text, '{"hello":"you"}');
  });
});
