// The edges of what a manifest may say: the last value that is accepted, and the first that is refused, with its words.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MayflyError } from '../../../errors.ts';
import { type LockOptions, lockApp } from '../../lock.ts';
import { type LockedApp, triggersOf } from '../../locked-app.ts';
import { hostFault } from './hosts.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-edges-'));
after(() => rmSync(base, { recursive: true }));
writeFileSync(join(base, 'a.wasm'), '');
mkdirSync(join(base, 'data'));
writeFileSync(join(base, 'data/one'), '');

let count = 0;

interface Parts {
  readonly version?: string;
  readonly application?: string;
  readonly triggers?: string;
  readonly component?: string;
  readonly more?: string;
}

function write({
  version = '2',
  application = '',
  triggers,
  component = 'source = "a.wasm"',
  more = '',
}: Parts): string {
  const path = join(base, `m${++count}.toml`);
  const trigger = triggers ?? '[[trigger.http]]\nroute = "/"\ncomponent = "a"';
  const head = `spin_manifest_version = ${version}\n[application]\nname = "x"\n${application}`;
  writeFileSync(path, `${head}\n${trigger}\n[component.a]\n${component}\n${more}\n`);
  return path;
}

const lock = (parts: Parts): Promise<LockedApp> => lockApp(write(parts));

/** `code: message | hint` of each mistake. */
async function mistakes(parts: Parts, options: LockOptions = {}): Promise<string[]> {
  try {
    await lockApp(write(parts), options);
    return [];
  } catch (error) {
    assert.ok(error instanceof MayflyError, String(error));
    const all = error.problems.length > 0 ? error.problems : [error];
    return all.map(({ code, message, hint }) => `${code}: ${message} | ${hint ?? ''}`);
  }
}

const trigger = (text: string): Parts => ({ triggers: `[[trigger.http]]\n${text}` });
const answered = (text: string): Parts => trigger(`route = "/s"\n[trigger.http.static_response]\n${text}`);

test('ports: from 0 to 65535, ranges that go up, their end not in them', () => {
  const wrong = (port: string): boolean => hostFault(`https://h:${port}`) !== undefined;
  for (const port of ['0', '1', '65535', '*', '0..1', '65535..65536', '8000..9000'])
    assert.equal(wrong(port), false, port);
  for (const port of [
    '',
    '65536',
    '99999',
    '100000',
    '65536..65537',
    '1..65537',
    '5..5',
    '6..5',
    '1..',
    '..5',
    '-1',
    'x',
    '**',
  ]) {
    assert.equal(wrong(port), true, port);
  }
});

test('what is no host says so, and what to write', () => {
  const cases: readonly (readonly [string, RegExp | undefined])[] = [
    ['*', /which protocols.*"https:\/\/\*"/],
    ['insecure:allow-all', /old key.*"http:\/\/\*:\*"/],
    ['example.org', /has no scheme.*"https:\/\/example\.org"/],
    ['//example.org', /has no scheme.*"https:\/\/example\.org"/],
    ['', /has no scheme.*"https:\/\/<host>"/],
    ['1a://h', /"1a" as its scheme/],
    ['://h', /"" as its scheme/],
    ['a+b.c-1://h', undefined],
    ['*://h', undefined],
    ['https://a,b', /more than one host/],
    ['https://a b', /more than one host/],
    ['https://h/', undefined],
    ['https://h/path', /has a path.*"https:\/\/h"/],
    ['https://h//', /has a path/],
    ['https:///x', undefined],
    ['https://10.0.0.0/8', undefined],
    ['https://10.0.0.0/8:80', undefined],
    ['https://[::1]/8', undefined],
    ['https://::1', undefined],
    ['https://[::1]:80', undefined],
    ['https://[::1]:x', /"x" as its port/],
    ['https://', /has no host.*"https:\/\/<host>"/],
    ['https://:80', /has no host/],
    ['https://u@h', /user name/],
    ['https://*', undefined],
    ['https://*.h', undefined],
    ['https://a.*.h', /\* inside a name/],
    ['https://**', /\* inside a name/],
    ['https://*a', /\* inside a name/],
    ['https://{{ x }}', undefined],
  ];
  for (const [entry, words] of cases) {
    const fault = hostFault(entry);
    if (words === undefined) assert.equal(fault, undefined, entry);
    else assert.match(`${fault?.message}; ${fault?.hint}`, words, entry);
  }
});

test('the status of a static response', async () => {
  for (const status of [200, 599]) assert.deepEqual(await mistakes(answered(`status_code = ${status}`)), []);
  for (const status of [199, 600]) {
    assert.deepEqual(await mistakes(answered(`status_code = ${status}`)), [
      `manifest-value: ${status} is no status that a response can have | Write a number from 200 to 599`,
    ]);
  }
  const [action] = triggersOf(await lock(answered('body = "x"')), 'http').map((one) => one.action);
  assert.deepEqual(action, { kind: 'static-response', status: 200, headers: {}, body: 'x' });
});

test('the headers of a static response', async () => {
  const headers = (text: string) => mistakes(answered(`body = "äb"\nheaders = { ${text} }`));
  for (const fine of ['x-a = "b"', '"x!#$%&\'*+.^_`|~-9" = "\\t ~é"', 'content-length = "3"', 'x = ""']) {
    assert.deepEqual(await headers(fine), [], fine);
  }
  for (const name of ['connection', 'Keep-Alive', 'proxy-connection', 'trailer', 'transfer-encoding', 'Upgrade']) {
    assert.deepEqual(await headers(`${name} = "x"`), [
      `manifest-value: The header "${name}" is set by the host | Remove it`,
    ]);
  }
  assert.match((await headers('"a b" = "x"')).join(), /"a b" has a name that no header can have \| Names are/);
  assert.match((await headers('a = "x\\ny"')).join(), /"a" has a control character in its value \| Values are/);
  assert.match((await headers('a = "\\u007f"')).join(), /control character/);
  assert.match((await headers('content-length = "2"')).join(), /says 2, and the body has 3 bytes \| Remove it/);
});

test('what a trigger leads to', async () => {
  assert.deepEqual(await mistakes(trigger('route = "/"')), [
    `manifest-key-missing: A trigger needs a 'component' or a 'static_response' | Add 'component = "<id>"'`,
  ]);
  assert.deepEqual(await mistakes(trigger('route = "/"\ncomponent = "a"\nstatic_response = { body = "" }')), [
    `manifest-value: A trigger has either a 'component' or a 'static_response', not both | Remove one of the two`,
  ]);
  assert.deepEqual(await mistakes(trigger('route = "/"\ncomponent = "aa"')), [
    `manifest-component-unknown: There is no component "aa" | Did you mean 'a'?`,
  ]);
  assert.deepEqual(await mistakes(trigger('route = "/"\ncomponent = "other"')), [
    `manifest-component-unknown: There is no component "other" | Add a [component.other] table`,
  ]);
});

test('routes that meet', async () => {
  const two = (one: string, other: string): Parts => ({
    triggers: [one, other].map((route) => `[[trigger.http]]\nroute = "${route}"\ncomponent = "a"`).join('\n'),
  });
  const strict = (one: string, other: string): Promise<string[]> => mistakes(two(one, other), { strict: true });
  assert.deepEqual(await strict('/x', '/y'), []);
  assert.deepEqual(await strict('/x', '/x'), [
    'manifest-route-duplicate: Route "/x" is that of trigger "http-trigger1" in line 9, which answers; trigger "a-http-trigger" in line 6 never does | Change one of the two routes, or remove the trigger that never answers',
  ]);
  assert.match(
    (await strict('/:x', '/:y')).join(),
    /Route "\/:y", which matches the same paths as "\/:x", is that of trigger "a-http-trigger" in line 6/,
  );
  for (const route of ['/.well-known/spin/health', '/.well-known/spin', '/.well-known/spin/...']) {
    assert.match((await strict('/', route)).join(), /can never be reached: '\/\.well-known\/spin\/' is reserved/);
  }
  assert.deepEqual(await strict('/.well-known/spinner', '/.well-known'), []);
});

test('of many triggers on one route a few are named, and the others counted', async () => {
  const triggers = '[[trigger.http]]\nroute = "/x"\ncomponent = "a"\n'.repeat(5000);
  const { warnings = [] } = await lock({ triggers });
  assert.equal(warnings.length, 6);
  assert.match(warnings.at(-1)?.message ?? '', /answers in place of 4994 more triggers$/);
});

test('routes that meet are warned of when nobody is strict, and one of them answers', async () => {
  const both = '[[trigger.http]]\nroute = "/x"\ncomponent = "a"\n';
  const app = await lock({ triggers: both + both });
  assert.deepEqual(
    triggersOf(app, 'http').map(({ route, shadowedBy }) => [route, shadowedBy]),
    [
      [undefined, 'http-trigger1'],
      ['/x', undefined],
    ],
  );
  assert.deepEqual(
    app.warnings?.map(({ kind, location }) => [kind, location.line]),
    [['manifest-route-duplicate', 6]],
  );
});

test('private routes, and what is none', async () => {
  const app = await lock(trigger('route = { private = true }\ncomponent = "a"'));
  assert.equal(triggersOf(app, 'http')[0]?.route, undefined);
  assert.match(
    (await mistakes(trigger('route = { private = false }\ncomponent = "a"'))).join(),
    /cannot be made public with false/,
  );
});

test('the base of old manifests', async () => {
  const based = (text: string) => mistakes({ application: `[application.trigger.http]\nbase = "${text}"` });
  assert.deepEqual(await based('/'), []);
  for (const [text, route] of [
    ['/api', '/api'],
    ['/api//', '/api'],
    ['', ''],
  ] as const) {
    assert.deepEqual(await based(text), [
      `manifest-value: 'base' is "${text}", and routes have no other base than "/" any more | Remove 'base', and write it before each route: route = "${route}/…"`,
    ]);
  }
});

test('an app without a trigger', async () => {
  assert.deepEqual(await mistakes({ triggers: '[trigger]' }), [
    "manifest-key-missing: The app has no trigger | Add a '[[trigger.http]]' table",
  ]);
  assert.equal((await lockApp(write({ triggers: '[trigger]' }), { purpose: 'build' })).triggers.length, 0);
});

test('executors', async () => {
  const executor = (text: string) => mistakes(trigger(`route = "/"\ncomponent = "a"\nexecutor = { ${text} }`));
  for (const fine of ['http', 'spin', 'wagi']) assert.deepEqual(await executor(`type = "${fine}"`), [], fine);
  assert.deepEqual(await executor('type = "wagi", argv = "x", entrypoint = "_start"'), []);
  assert.match((await executor('type = "wagi", entrypoint = "main"')).join(), /started at "_start", not at "main"/);
  assert.match((await executor('type = "x"')).join(), /There is no executor "x"/);
  for (const key of ['argv', 'entrypoint']) {
    assert.match(
      (await executor(`type = "http", ${key} = "x"`)).join(),
      new RegExp(`'${key}' belongs to the executor "wagi"`),
    );
  }
});

test('variables: a default or required, not both, not neither', async () => {
  const variable = (text: string) => mistakes({ more: `[variables]\nv = { ${text} }` });
  for (const fine of [
    'default = "x"',
    'required = true',
    'default = "", required = false',
    'default = "x", secret = true',
  ]) {
    assert.deepEqual(await variable(fine), [], fine);
  }
  assert.deepEqual(await variable('required = true, default = "x"'), [
    `manifest-value: Variable "v" is required and has a default | Remove 'required' or 'default'`,
  ]);
  for (const neither of ['', 'required = false']) {
    assert.deepEqual(await variable(neither), [
      `manifest-value: Variable "v" has no default and is not required | Add 'default = "…"' or 'required = true'`,
    ]);
  }
  const app = await lock({ more: '[variables]\nv = { default = "x" }\nw = { required = true, secret = true }' });
  const { v, w } = app.variables;
  assert.deepEqual(
    [v?.default, v?.required, v?.secret, w?.default, w?.required, w?.secret],
    ['x', false, false, undefined, true, true],
  );
  assert.equal(v?.location?.line, 11);
});

test('templates name variables that are declared, in variables and in hosts', async () => {
  const with_ = (text: string) =>
    mistakes({ component: `source = "a.wasm"\n${text}`, more: '[variables]\nname = { default = "x" }' });
  assert.deepEqual(
    await with_('variables = { v = "{{ name }}" }\nallowed_outbound_hosts = ["https://{{ name }}"]'),
    [],
  );
  assert.deepEqual(await with_('variables = { v = "{{ nam }}" }'), [
    "manifest-variable: '{{ nam }}' names a variable that is not declared | Did you mean '{{ name }}'?",
  ]);
  assert.deepEqual(await with_('allowed_outbound_hosts = ["https://{{ other_thing }}"]'), [
    "manifest-variable: '{{ other_thing }}' names a variable that is not declared | Add 'other_thing = { required = true }' under [variables]",
  ]);
  assert.equal((await with_('variables = { v = "{{ name" }')).length, 1);
});

test('names of variables and labels of stores', async () => {
  assert.match(
    (await mistakes({ more: '[variables]\nmy-Name = { default = "" }' })).join(),
    /"my-Name" cannot be the name of a variable: words are separated by '_', not '-' \| Write it as 'my_name'/,
  );
  const component = (text: string) => mistakes({ component: `source = "a.wasm"\n${text}` });
  assert.match(
    (await component('variables = { "A" = "" }')).join(),
    /"A" cannot be the name of a variable: it must be in lower case \| Write it as 'a'/,
  );
  for (const [key, kind] of [
    ['key_value_stores', 'key-value store'],
    ['sqlite_databases', 'SQLite database'],
  ] as const) {
    assert.deepEqual(await component(`${key} = ["default"]`), []);
    for (const label of ['other', 'my-store', 'my_store']) {
      assert.match(
        (await component(`${key} = ["${label}"]`)).join(),
        new RegExp(`names the ${kind} "${label}", which nothing declares`),
      );
    }
    for (const label of ['', 'a-b_c', '!']) {
      assert.deepEqual(await component(`${key} = ["default", "${label}"]`), [
        `manifest-value: "${label}" cannot be a label in '${key}' | Labels are words of letters and digits, joined by - or by _`,
      ]);
    }
  }
});

test('versions of manifests', async () => {
  assert.deepEqual(await mistakes({ version: '3' }), [
    "manifest-value: There is no manifest version 3 | Write 'spin_manifest_version = 2'",
  ]);
  assert.deepEqual(await mistakes({ version: '1' }), [
    "manifest-value: The manifest has the keys of version 2, and says that it is of version 1 | Write 'spin_manifest_version = 2'",
  ]);
  assert.deepEqual(await mistakes({ version: '"1"' }), [
    "manifest-type: 'spin_manifest_version' must be a number, not a string | Write 'spin_manifest_version = 2'",
  ]);
});

test('a mount that is left out without being a mistake is told, were it the only one', async () => {
  const folder = join(base, 'guests');
  mkdirSync(folder);
  const many =
    'source = "a.wasm"\nfiles = [{ source = "guests", destination = "/g" }]\n[component.a.tool.mayfly]\nwritable_files = true';
  const app = await lock({ component: many });
  assert.equal('fileWarnings' in (app.components[0] ?? {}), false);
  assert.deepEqual(app.components[0]?.files, [{ kind: 'directory', source: folder, destination: '/g' }]);
});

test('a component that may write must not have the manifest, a program or .env among its files, by whatever way', async () => {
  const writes = (files: string, more = '') =>
    mistakes({
      component: `source = "a.wasm"\nfiles = [${files}]\n${more}[component.a.tool.mayfly]\nwritable_files = true`,
    });
  assert.deepEqual(await writes('{ source = "data", destination = "/d" }'), []);
  assert.match(
    (await writes('{ source = ".", destination = "/d" }')).join(),
    /may write its files, and .*m\d+\.toml is among them/,
  );
  assert.match((await writes('{ source = "a.wasm", destination = "/d" }')).join(), /a\.wasm is among them/);
  // The program lies elsewhere, and a link to it in the folder; and the other way round.
  mkdirSync(join(base, 'links'));
  symlinkSync('../a.wasm', join(base, 'links/a.wasm'));
  const linked = (source: string, folder: string) =>
    mistakes({
      component: `source = "${source}"\nfiles = [{ source = "${folder}", destination = "/d" }]\n[component.a.tool.mayfly]\nwritable_files = true`,
    });
  assert.match((await linked('links/a.wasm', 'links')).join(), /links\/a\.wasm is among them/);
  writeFileSync(join(base, 'data/b.wasm'), '');
  symlinkSync('data/b.wasm', join(base, 'b.wasm'));
  assert.match((await linked('b.wasm', 'data')).join(), /b\.wasm is among them/);
  rmSync(join(base, 'data/b.wasm'));
  const { components } = await lock({ component: 'source = "a.wasm"\nfiles = [{ source = ".", destination = "/d" }]' });
  assert.equal(components[0]?.files.length, 1);
});

test('sources that are none', async () => {
  const source = (text: string) => mistakes({ component: text });
  assert.deepEqual(await source('source = "data"'), [
    'manifest-source: The source "data" of component "a" is not a file | Correct the path; it starts at the folder of the manifest',
  ]);
  symlinkSync('loop', join(base, 'loop'));
  for (const name of ['none.wasm', 'loop']) {
    assert.deepEqual(await source(`source = "${name}"\nbuild.command = "make"`), [
      `manifest-source: The source "${name}" of component "a" does not exist | Run 'mayfly build' first, or 'mayfly up --build'`,
    ]);
  }
});

test('a date is no table, wherever one is wanted', async () => {
  for (const [component, what] of [
    ['source = "a.wasm"\nenvironment = 2020-01-01', 'component.a.environment'],
    ['source = "a.wasm"\nvariables = 2020-01-01T00:00:00Z', 'component.a.variables'],
  ] as const) {
    assert.deepEqual(await mistakes({ component }), [`manifest-type: '${what}' must be a table, not a date | `]);
  }
});
