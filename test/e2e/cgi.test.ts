// A C program with preview1 behind HTTP: as the core module that clang gives, and wrapped into a component that exports
// wasi:cli/run. Both have to answer alike.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { componentNew } from '@bytecodealliance/jco';
import { MayflyError } from '../../src/errors.ts';
import { load } from '../../src/library/load.ts';
import type { App } from '../../src/runtime.ts';
import { type LogLines, testLog } from '../../src/triggers/http/app.test-kit.ts';
import { guestPath } from '../guests/build.ts';
import { type Served, up } from '../support/up.ts';

const adapters = join(import.meta.dirname, '../../node_modules/@bytecodealliance/jco/lib');
const folder = mkdtempSync(join(tmpdir(), 'mayfly-cgi-'));
after(() => rmSync(folder, { recursive: true }));

const manifest = `spin_manifest_version = 2
application.name = "cgi"
[[trigger.http]]
route = "/core/..."
component = "core"
executor = { type = "wagi" }
[[trigger.http]]
route = "/component/..."
component = "component"
executor = { type = "wagi", argv = "prog \${SCRIPT_NAME} - \${ARGS}" }
[[trigger.http]]
route = "/named/:who/..."
component = "core"
[component.core]
source = "core.wasm"
environment = { MINE = "yes", REQUEST_METHOD = "overridden" }
files = [{ source = "files", destination = "/data" }]
[component.component]
source = "component.wasm"
environment = { MINE = "yes" }
files = [{ source = "files", destination = "/data" }]
`;

async function makeApp(): Promise<void> {
  const core = await guestPath('cgi-c');
  cpSync(core, join(folder, 'core.wasm'));
  const adapter = readFileSync(join(adapters, 'wasi_snapshot_preview1.command.wasm'));
  writeFileSync(
    join(folder, 'component.wasm'),
    await componentNew(readFileSync(core), [['wasi_snapshot_preview1', adapter]]),
  );
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files/a.txt'), 'from a file');
  writeFileSync(join(folder, 'spin.toml'), manifest);
}

describe('a C program as a CGI program', () => {
  let app: App;
  let log: LogLines;
  before(async () => {
    await makeApp();
    log = testLog();
    app = await load(folder, { log });
  });
  after(() => app?.close());

  const ask = (path: string, init: RequestInit = {}) => app.fetch(new Request(`http://app.example:8080${path}`, init));

  for (const kind of ['core', 'component']) {
    const text = async (path: string) => (await ask(`/${kind}${path}`)).text();

    it(`${kind}: starts anew for each request`, async () => {
      for (let round = 0; round < 3; round++) assert.equal(await text('/count'), '1\n');
    });

    it(`${kind}: echoes bodies of any size`, async () => {
      for (const size of [0, 1, 65_535, 65_536, 1_000_000]) {
        const body = new Uint8Array(size).map((_, index) => (index * 7) % 251);
        const response = await ask(`/${kind}/echo`, { method: 'POST', body });
        assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body);
      }
    });

    it(`${kind}: gives status, redirect and files`, async () => {
      assert.equal((await ask(`/${kind}/status`)).status, 418);
      const redirect = await ask(`/${kind}/redirect`);
      assert.deepEqual([redirect.status, redirect.headers.get('location')], [302, '/elsewhere']);
      assert.equal(await text('/file?/data/a.txt'), 'from a file');
      assert.equal(await text('/file?/data/../core.wasm'), 'no file /data/../core.wasm\n');
      assert.equal(await text('/sleep'), 'awake\n');
    });

    it(`${kind}: what is no response is a 500, and the log says why`, async () => {
      for (const [path, reason] of [
        ['/fail', /exited with code (7|1)/],
        ['/nothing', /failed/],
        ['/garbage', /failed/],
        ['/trap', /failed/],
      ] as const) {
        log.lines.length = 0;
        const response = await ask(`/${kind}${path}`);
        assert.deepEqual([response.status, await response.text()], [500, ''], path);
        assert.match(log.lines.join('\n'), reason);
      }
    });

    it(`${kind}: an exit code after the response is only logged, a trap breaks the body`, async () => {
      log.lines.length = 0;
      assert.equal(await text('/exit?0'), 'done\n');
      assert.doesNotMatch(log.lines.join('\n'), /exited/);
      assert.equal(await text('/exit?3'), 'done\n');
      assert.match(log.lines.join('\n'), /exited with code/);
      const response = await ask(`/${kind}/trap-late`);
      assert.equal(response.status, 200);
      await assert.rejects(response.text());
    });

    it(`${kind}: what it prints on stderr goes to the log`, async () => {
      log.lines.length = 0;
      await text('/hello');
      assert.deepEqual(log.lines, ['asked for /hello']);
    });
  }

  const lines = async (path: string, init: RequestInit = {}): Promise<Map<string, string>> => {
    const all = (await (await ask(path, init)).text()).trim().split('\n');
    return new Map(all.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  };

  it('gets the meta-variables of RFC 3875 and those of WAGI', async () => {
    const headers = { 'x-test': 'a, b', authorization: 'secret', proxy: 'http://evil', cookie: 'c=d' };
    const env = await lines('/core/env?x=1&y=%20', { method: 'PUT', body: 'four', headers });
    const expected = {
      'argv[0]': '/core/env',
      'argv[1]': 'x=1',
      'argv[2]': 'y=%20',
      MINE: 'yes',
      REQUEST_METHOD: 'PUT',
      CONTENT_LENGTH: '4',
      CONTENT_TYPE: 'text/plain;charset=UTF-8',
      GATEWAY_INTERFACE: 'CGI/1.1',
      PATH_INFO: '/env',
      QUERY_STRING: 'x=1&y=%20',
      SCRIPT_NAME: '/core',
      SERVER_NAME: 'app.example',
      SERVER_PORT: '8080',
      HTTP_X_TEST: 'a, b',
      HTTP_COOKIE: 'c=d',
      HTTP_HOST: 'app.example:8080',
      X_MATCHED_ROUTE: '/core/...',
      X_COMPONENT_ROUTE: '/core',
      X_RAW_COMPONENT_ROUTE: '/core/...',
      X_FULL_URL: 'http://app.example:8080/core/env?x=1&y=%20',
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(env.get(name), value, name);
    for (const name of ['HTTP_AUTHORIZATION', 'HTTP_PROXY', 'HTTP_CONNECTION']) assert.ok(!env.has(name), name);
    assert.ok(![...env.keys()].some((name) => name.startsWith('HTTP_SPIN_')));
  });

  it('builds the command line that the manifest asks for', async () => {
    const env = await lines('/component/env?one&two');
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((at) => env.get(`argv[${at}]`)),
      ['prog', '/component/env', '-', 'one', 'two', undefined],
    );
  });

  it('runs a command that no executor asks for, and names its route parameters', async () => {
    const env = await lines('/named/me/env');
    assert.deepEqual(
      ['X_PATH_MATCH_WHO', 'SCRIPT_NAME', 'PATH_INFO', 'argv[0]'].map((name) => env.get(name)),
      ['me', '/named/me', '/env', '/named/me/env'],
    );
  });
});

describe('mayfly up with a core module', () => {
  let served: Served;
  before(async () => {
    served = await up(['-f', await guestPath('cgi-c')]);
  });
  after(() => served?.stop());

  it('serves it at /..., streaming both ways', async () => {
    const size = 3 * 65_536;
    const chunk = Buffer.alloc(65_536, 'x');
    const request = httpRequest(`${served.url}/echo`, { method: 'POST', headers: { 'content-length': size } });
    request.write(chunk);
    const response = await new Promise<IncomingMessage>((resolve) => request.on('response', resolve));
    let received = 0;
    for await (const part of response) {
      const before = received;
      received += (part as Buffer).length;
      // The next piece is sent only when all that was sent has come back.
      if (received % chunk.length === 0 && before < received) {
        if (received < size) request.write(chunk);
        else request.end();
      }
    }
    assert.equal(received, size);
  });
});

describe('core modules that are no commands', () => {
  const codeOf = async (bytes: Uint8Array): Promise<string> => {
    const file = join(folder, 'odd.wasm');
    writeFileSync(file, bytes);
    try {
      await (await load(file)).close();
      return 'loaded';
    } catch (error) {
      assert.ok(error instanceof MayflyError, String(error));
      return `${error.code} ${error.hint ?? ''}`;
    }
  };
  const preamble = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

  it('are told apart, with what to do', async () => {
    assert.match(await codeOf(Uint8Array.from(preamble)), /^component-is-module .*jco new/);
    const section = [...Buffer.from('component-type:http')];
    const custom = [0, section.length + 1, section.length, ...section];
    assert.match(await codeOf(Uint8Array.from([...preamble, ...custom])), /^component-unsupported /);
    assert.match(await codeOf(Uint8Array.from([...preamble, 0xff])), /^component-corrupt/);
  });
});
