// What `mayfly up` and `load` make of runtime-config.toml, and of the flags beside it.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load } from '../../src/index.ts';
import { guestPath } from '../guests/build.ts';
import { mayfly, type Serving, serve } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-runtime-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let source = '';
before(async () => {
  source = await guestPath('stores-c');
});

let apps = 0;
function makeApp(labels = '["default"]', more = ''): string {
  const directory = join(folder, `app${apps++}`);
  mkdirSync(directory);
  writeFileSync(
    join(directory, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "stores"
${more}
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = ${JSON.stringify(source)}
key_value_stores = ${labels}
sqlite_databases = ${labels}
`,
  );
  return directory;
}

type Ask = (path: string, query?: Record<string, string>) => Promise<string>;

/** Serves while `use` runs. */
async function served(args: readonly string[], cwd: string, use: (ask: Ask) => Promise<void>): Promise<void> {
  const serving: Serving = await serve(args, cwd);
  try {
    await use(async (path, query = {}) => {
      const response = await fetch(`${serving.url}${path}?${new URLSearchParams(query)}`, {
        signal: AbortSignal.timeout(20_000),
      });
      return response.ok ? response.text() : String(response.status);
    });
  } finally {
    serving.kill('SIGTERM');
    await serving.ended;
  }
}

const limit = { timeout: 120_000 };

test('a key outlives a restart, in .spin beside the manifest, which is made when it is needed', limit, async () => {
  const app = makeApp();
  const database = join(app, '.spin/sqlite_key_value.db');
  await served(['-f', app], folder, async (ask) => {
    assert.equal(existsSync(join(app, '.spin')), false);
    assert.equal(await ask('/set', { key: 'k', value: 'kept' }), 'set');
    assert.ok(existsSync(database));
  });
  await served(['-f', app], folder, async (ask) => assert.equal(await ask('/get', { key: 'k' }), 'kept'));
  await served(['-f', app, '--state-dir', ''], folder, async (ask) => {
    assert.equal(await ask('/get', { key: 'k' }), 'none');
  });
  await served(
    ['-f', app, '--state-dir', 'other', '--key-value', 'a=1', '--key-value', 'b=2=3'],
    folder,
    async (ask) => {
      assert.equal(await ask('/get', { key: 'k' }), 'none');
      assert.equal(await ask('/get', { key: 'a' }), '1');
      assert.equal(await ask('/get', { key: 'b' }), '2=3');
      assert.ok(existsSync(join(folder, 'other/sqlite_key_value.db')));
    },
  );
});

test('statements at the start are run once for all workers, and in each for what is in memory', limit, async () => {
  const app = makeApp('["default", "memory"]');
  const declared = ['key_value_store', 'sqlite_database'].map((kind) => `[${kind}.memory]\ntype = "spin"\n`);
  writeFileSync(join(app, 'runtime.toml'), declared.join(''));
  writeFileSync(join(app, 'start.sql'), 'CREATE TABLE u (v); INSERT INTO u VALUES (7);');
  const statements = ['CREATE TABLE t (v)', 'INSERT INTO t VALUES (5)', `@${join(app, 'start.sql')}:memory`];
  const flags = statements.flatMap((text) => ['--sqlite', text]);
  const args = ['-f', app, '--workers', '2', '--runtime-config-file', join(app, 'runtime.toml'), ...flags];
  await served(args, folder, async (ask) => {
    for (let count = 0; count < 10; count++) {
      assert.equal(await ask('/sql', { text: 'SELECT count(*) FROM t' }), 'integer 1');
      assert.equal(await ask('/sql', { label: 'memory', text: 'SELECT v FROM u' }), 'integer 7');
    }
  });
});

test('the file declares stores; its paths start where Spin has them start', limit, async () => {
  const app = makeApp('["default", "cache"]');
  const file = join(app, 'runtime.toml');
  const text = ['[key_value_store.cache]\ntype = "spin"\npath = "keys.db"', '[sqlite_database.cache]\ntype = "spin"'];
  writeFileSync(file, `state_dir = "state"\nlog_dir = "logs"\n${text.join('\n')}\npath = "rows.db"\n`);
  const work = join(folder, 'work');
  mkdirSync(work);
  assert.match(mayfly(['up', '-f', app], work).stderr, /names the key-value store "cache", which nothing declares/);
  const examined = mayfly(['doctor', '-f', app, '--listen', '127.0.0.1:0', '--runtime-config-file', file], work);
  assert.match(examined.stdout, /spin\.toml: 1 components/, examined.stderr);
  await served(['-f', app, '--runtime-config-file', file], work, async (ask) => {
    assert.equal(await ask('/set', { label: 'cache', key: 'k', value: 'v' }), 'set');
    assert.equal(await ask('/set', { key: 'k', value: 'v' }), 'set');
    assert.equal(await ask('/sql', { label: 'cache', text: 'CREATE TABLE t (v)' }), 'no rows');
  });
  const made = [
    join(app, 'keys.db'),
    join(work, 'rows.db'),
    join(work, 'state/sqlite_key_value.db'),
    join(work, 'logs'),
  ];
  assert.deepEqual(
    made.filter((path) => !existsSync(path)),
    [],
  );
});

test('load takes the file; without it, and without a state_dir, data are in memory', limit, async () => {
  const app = makeApp('["default", "cache"]');
  await assert.rejects(load(app), { code: 'manifest-invalid' });
  const file = join(app, 'runtime.toml');
  writeFileSync(file, '[key_value_store.cache]\ntype = "spin"\n[sqlite_database.cache]\ntype = "spin"\n');
  const loaded = await load(app, { runtimeConfig: file });
  const ask = async (query: string) => (await loaded.fetch(new Request(`http://localhost/${query}`))).text();
  assert.equal(await ask('set?label=cache&key=k&value=v'), 'set');
  assert.equal(await ask('set?key=k&value=v'), 'set');
  await loaded.close();
  assert.equal(existsSync(join(app, '.spin')), false);
  await assert.rejects(load(app, { runtimeConfig: join(app, 'none.toml') }), {
    code: 'runtime-config-missing',
    hint: /^The system says: ENOENT/,
  });
});

test('variables: the command line, then the providers of the file in order, then the environment', limit, async () => {
  const variables = '[variables]\na = { required = true }\nb = { required = true }\nc = { required = true }';
  const app = makeApp('["default"]', variables);
  const file = join(app, 'runtime.toml');
  writeFileSync(join(app, 'app.env'), 'APP_A=app\nAPP_B=app\n');
  const env = `[[variables_provider]]\ntype = "env"\nprefix = "APP"\ndotenv_path = ${JSON.stringify(join(app, 'app.env'))}\n`;
  writeFileSync(file, `[[variables_provider]]\ntype = "static"\nvalues = { a = "static" }\n${env}`);
  await assert.rejects(load(app, { runtimeConfig: file }), { code: 'variable-missing', message: /"c"/ });
  writeFileSync(join(app, '.env'), 'SPIN_VARIABLE_C=dotenv\n');
  await (await load(app, { runtimeConfig: file })).close();
  await assert.rejects(load(app), { code: 'app-invalid' });
});

test('mistakes of the file are said with their places before anything is built, and no secret is shown', () => {
  const app = makeApp();
  const file = join(app, 'runtime.toml');
  writeFileSync(file, '[sqlite_database.a]\ntype = "libsql"\nurl = "https://one.example"\ntokn = "hush"\n');
  const { code, stderr } = mayfly(['up', '-f', app, '--build', '--runtime-config-file', file], folder);
  assert.equal(code, 1);
  assert.match(stderr, /Unknown key 'tokn'[\s\S]*runtime\.toml:4:1[\s\S]*Did you mean 'token'\?/);
  writeFileSync(file, 'state_dir = "a"\nstate_dir = "hush');
  const broken = mayfly(['up', '-f', app, '--verbose', '--runtime-config-file', file], folder);
  assert.match(broken.stderr, /runtime-config-syntax[\s\S]*runtime\.toml:2/);
  assert.doesNotMatch(stderr + broken.stderr, /hush/);
  assert.match(readFileSync(file, 'utf8'), /hush/);
});

test('no component may write the files of its stores', async () => {
  const app = makeApp();
  const manifest = join(app, 'spin.toml');
  const more = 'files = [{ source = "data", destination = "/d" }]\n[component.a.tool.mayfly]\nwritable_files = true\n';
  writeFileSync(manifest, readFileSync(manifest, 'utf8') + more);
  mkdirSync(join(app, 'data'));
  await (await load(app)).close();
  const file = join(app, 'runtime.toml');
  writeFileSync(file, `[key_value_store.default]\ntype = "spin"\npath = "data/deep/keys.db"\n`);
  await assert.rejects(load(app, { runtimeConfig: file }), {
    code: 'manifest-files',
    message: /keys\.db is among them/,
  });
});

test('max_instance_memory holds for the sandboxes of every component', limit, async () => {
  const app = makeApp();
  const file = join(app, 'runtime.toml');
  writeFileSync(file, 'max_instance_memory = 65536\n');
  await assert.rejects(load(app, { runtimeConfig: file }), /memory/);
  const { code, stderr } = mayfly(['up', '-f', app, '--max-instance-memory', '65536'], folder);
  assert.deepEqual([code, /memory/.test(stderr)], [1, true], stderr);
  const serving = await serve(['-f', app, '--runtime-config-file', file, '--max-instance-memory', '67108864'], folder);
  serving.kill('SIGTERM');
  assert.equal((await serving.ended).code, 0);
});

test('folders and files that cannot be made are errors, also below /proc', {
  ...limit,
  skip: process.platform !== 'linux' && 'there is no /proc',
}, () => {
  const app = makeApp();
  const file = join(folder, 'nowhere.toml');
  const store = '[key_value_store.default]\ntype = "spin"\npath = "/proc/x/y/a.db"\n';
  for (const [text, said] of [
    ['state_dir = "/proc/x/y"', /'state_dir' cannot be a folder at \/proc\/x\/y: ENOENT/],
    ['log_dir = "/proc/x/y"', /'log_dir' cannot be a folder at \/proc\/x\/y: ENOENT/],
    [store, /ENOENT/],
  ] as const) {
    writeFileSync(file, text);
    const { code, stderr } = mayfly(['up', '-f', app, '--key-value', 'a=1', '--runtime-config-file', file], folder);
    assert.match(stderr, said);
    assert.equal(code, text === store ? 1 : 2, stderr);
  }
});
