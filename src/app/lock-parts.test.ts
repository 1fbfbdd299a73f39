// What the parts of a manifest become, key by key: nothing is on that was not asked for.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { lockApp } from './lock.ts';
import { lockBuild, lockHosts, lockLimits, lockSettings } from './lock-parts.ts';
import { type LockedApp, triggersOf } from './locked-app.ts';
import { defaultArgv } from './manifest/triggers/http.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-parts-'));
after(() => rmSync(base, { recursive: true }));
writeFileSync(join(base, 'a.wasm'), '');

let count = 0;
async function lock(more: string, application = ''): Promise<LockedApp> {
  const path = join(base, `m${++count}.toml`);
  writeFileSync(
    path,
    `spin_manifest_version = 2\n[application]\nname = "x"\n${application}
[[trigger.http]]\nroute = "/"\ncomponent = "a"\n[component.a]\nsource = "a.wasm"\n${more}\n`,
  );
  return lockApp(path);
}

async function codeOf(more: string, application = ''): Promise<string> {
  try {
    await lock(more, application);
    return 'accepted';
  } catch (error) {
    assert.ok(error instanceof MayflyError, String(error));
    return error.code;
  }
}

const none = {
  preinitialize: undefined,
  warm: [],
  writableFiles: false,
  reuse: 1,
  script: undefined,
  bundled: undefined,
  engine: undefined,
  limits: {},
};

test('settings that say nothing: files are read only, whatever else the table says', async () => {
  assert.deepEqual(lockSettings(undefined), none);
  assert.deepEqual(lockSettings({}), none);
  for (const [text, settings] of [
    ['', {}],
    ['[component.a.tool.mayfly]', {}],
    ['[component.a.tool.mayfly]\nreuse = 3', { reuse: 3 }],
    ['[component.a.tool.mayfly]\npreinitialize = true', { preinitialize: true }],
    ['[component.a.tool.mayfly]\npreinitialize = false', { preinitialize: false }],
    ['[component.a.tool.mayfly]\nwarm = "/x"', { warm: ['/x'] }],
    ['[component.a.tool.mayfly]\nwarm = ["/x", "/y?z=1"]', { warm: ['/x', '/y?z=1'] }],
    ['[component.a.tool.mayfly]\nwritable_files = false', {}],
    ['[component.a.tool.mayfly]\nwritable_files = true', { writableFiles: true }],
    ['[component.a.tool.mayfly.limits]\nhandles = 7', { limits: { handles: 7 }, limitLines: { handles: 11 } }],
  ] as const) {
    const app = await lock(text);
    assert.deepEqual(app.components[0]?.settings, { ...none, ...settings }, text);
  }
  assert.deepEqual((await lock('')).settings, { limits: {} });
});

const limits: readonly (readonly [key: string, text: string, locked: string, value: number])[] = [
  ['memory', '"64MiB"', 'memoryBytes', 67_108_864],
  ['cpu_slice', '"100ms"', 'cpuSliceMs', 100],
  ['cpu', '"2s"', 'cpuMs', 2000],
  ['wall', '"1m"', 'wallMs', 60_000],
  ['stack', '"1MiB"', 'stackBytes', 1_048_576],
  ['table_elements', '11', 'tableElements', 11],
  ['handles', '12', 'handles', 12],
  ['buffered', '"13B"', 'bufferedBytes', 13],
  ['held', '14', 'heldBytes', 14],
  ['log', '"1KB"', 'logBytes', 1000],
  ['concurrency', '16', 'concurrency', 16],
  ['queue_length', '0', 'queueLength', 0],
  ['queue_time', '"1h"', 'queueMs', 3_600_000],
  ['header_bytes', '"2KiB"', 'headerBytes', 2048],
  ['header_count', '19', 'headerCount', 19],
];

test('each limit is what its key says, of a component and of the app', async () => {
  for (const [key, text, locked, value] of limits) {
    const app = await lock(`[component.a.tool.mayfly.limits]\n${key} = ${text}`);
    assert.deepEqual(app.components[0]?.settings.limits, { [locked]: value }, key);
    const whole = await lock('', `[application.tool.mayfly.limits]\n${key} = ${text}`);
    assert.deepEqual([whole.settings.limits, whole.components[0]?.settings.limits], [{ [locked]: value }, {}], key);
  }
  assert.deepEqual(lockLimits(undefined), {});
  assert.deepEqual(lockLimits({}), {});
});

test('numbers and texts that are no limit are refused, each for its kind', async () => {
  const wrong: Record<string, readonly string[]> = {
    memory: ['0', '"0B"', '-1', '1.5', '"1"'.replace('1', 'x'), '"5s"', 'true', '[]'],
    cpu: ['5', '"0s"', '"5"', '"5MiB"', '"-5s"', 'true'],
    handles: ['0', '-1', '1.5', '"5"', 'true'],
    queue_length: ['-1', '0.5', '"0"'],
    concurrency: ['0'],
  };
  for (const [key, texts] of Object.entries(wrong)) {
    for (const text of texts) {
      const code = await codeOf(`[component.a.tool.mayfly.limits]\n${key} = ${text}`);
      assert.match(code, /^manifest-(value|type)$/, `${key} = ${text}`);
    }
  }
  assert.equal(await codeOf('[component.a.tool.mayfly.limits]\nmemories = 1'), 'manifest-key-unknown');
  assert.equal(await codeOf('[component.a.tool.mayfly]\nwritable = true'), 'manifest-key-unknown');
  assert.equal(await codeOf('', '[application.tool.mayfly]\nreuse = 2'), 'manifest-key-unknown');
});

test('settings of the wrong kind', async () => {
  const wrong: readonly string[] = [
    'writable_files = "true"',
    'writable_files = 1',
    'preinitialize = "yes"',
    'reuse = 0',
    'reuse = 1.5',
    'warm = 7',
    'warm = [7]',
  ];
  for (const text of wrong) {
    assert.match(await codeOf(`[component.a.tool.mayfly]\n${text}`), /^manifest-(value|type)$/, text);
  }
});

test('warm-up requests are paths', async () => {
  for (const path of ['/', '/a', '/a?b=c', '/a%20b', '/~x']) {
    assert.equal(await codeOf(`[component.a.tool.mayfly]\nwarm = "${path}"`), 'accepted', path);
  }
  for (const path of ['', 'a', 'http://x/', '/a b', '/é', '/a\\n', ' /a']) {
    assert.equal(await codeOf(`[component.a.tool.mayfly]\nwarm = ["/", "${path}"]`), 'manifest-value', path);
  }
});

test('executors', async () => {
  const actionWith = async (executor: string): Promise<unknown> => {
    const path = join(base, `m${++count}.toml`);
    const head = 'spin_manifest_version = 2\n[application]\nname = "x"\n[component.a]\nsource = "a.wasm"';
    writeFileSync(path, `${head}\n[[trigger.http]]\nroute = "/"\ncomponent = "a"\n${executor}\n`);
    return triggersOf(await lockApp(path), 'http')[0]?.action;
  };
  const plain = { kind: 'component', component: 'a' };
  assert.deepEqual(await actionWith(''), plain);
  assert.deepEqual(await actionWith('executor = { type = "http" }'), plain);
  assert.deepEqual(await actionWith('executor = { type = "wagi" }'), { ...plain, wagi: { argv: defaultArgv } });
  assert.deepEqual(await actionWith('executor = { type = "wagi", argv = "x" }'), { ...plain, wagi: { argv: 'x' } });
});

test('builds and hosts', () => {
  assert.equal(lockBuild(undefined, '/app'), undefined);
  assert.deepEqual(lockBuild({ command: 'make' } as never, '/app'), { command: ['make'], workdir: '/app', watch: [] });
  assert.deepEqual(lockBuild({ command: ['a', 'b'], workdir: 'sub', watch: ['*.c'] } as never, '/app'), {
    command: ['a', 'b'],
    workdir: '/app/sub',
    watch: ['*.c'],
  });
  const hosts = (old: string[] | undefined, now?: string[]): string[] =>
    lockHosts({ allowed_http_hosts: old, allowed_outbound_hosts: now } as never);
  assert.deepEqual(hosts(undefined), []);
  assert.deepEqual(hosts(undefined, ['https://a']), ['https://a']);
  assert.deepEqual(hosts(['insecure:allow-all']), ['http://*:*', 'https://*:*', 'http://self']);
  assert.deepEqual(hosts(['a', 'https://b'], ['c://d']), ['c://d', 'http://a', 'https://a', 'https://b']);
});
