// Mounts of an app whose guests write, from the manifest to the answer. What a guest with a writable mount could do to it
// (rename, remove, put links there), the tests do in its place between two requests, or between two starts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { lockApp } from '../../src/app/lock.ts';
import { type App, load, MayflyError } from '../../src/index.ts';
import { testLog } from '../../src/triggers/http/app.test-kit.ts';
import { guestPath } from '../guests/build.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-e2e-files-'));
const apps: App[] = [];
after(async () => {
  for (const app of apps) await app.close();
  rmSync(base, { recursive: true, force: true });
});

let count = 0;

interface Component {
  readonly files: string;
  readonly exclude?: string;
  readonly writable?: boolean;
}

/** A folder for the app, `app`, in one of its own; `files` go beside or into it: path → content. */
async function makeApp(
  components: Readonly<Record<string, Component>>,
  files: Readonly<Record<string, string>>,
): Promise<{ outside: string; app: string }> {
  const outside = join(base, String(++count));
  const app = join(outside, 'app');
  mkdirSync(app, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(outside, path)), { recursive: true });
    writeFileSync(join(outside, path), content);
  }
  const source = JSON.stringify(await guestPath('cgi-c'));
  const tables = Object.entries(components).map(
    ([id, { files: entries, exclude = '[]', writable = false }]) => `[[trigger.http]]
route = "/${id}/..."
component = "${id}"
[component.${id}]
source = ${source}
files = ${entries}
exclude_files = ${exclude}
[component.${id}.tool.mayfly]
writable_files = ${writable}
`,
  );
  writeFileSync(join(app, 'spin.toml'), `spin_manifest_version = 2\napplication.name = "files"\n${tables.join('')}`);
  return { outside, app };
}

async function start(folder: string) {
  const log = testLog();
  const app = await load(folder, { log });
  apps.push(app);
  /** What the guest `id` finds at `path`. */
  const read = async (id: string, path: string): Promise<string> => {
    const response = await app.fetch(new Request(`http://localhost/${id}/file?${path}`));
    return response.text();
  };
  return { app, read, log };
}

const overlap = {
  evil: {
    files: '[{ source = "rw", destination = "/data" }, { source = "rw/cache", destination = "/cache" }]',
    writable: true,
  },
  victim: { files: '[{ source = "rw/conf.txt", destination = "/conf.txt" }, "rw/*.html"]' },
};
const overlapFiles = {
  secret: 'secret',
  'app/private/key': 'private',
  'app/rw/cache/x': 'x',
  'app/rw/conf.txt': 'conf',
  'app/rw/page.html': 'page',
};

function replace(path: string, target: string): void {
  rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path);
}

test('links that are put in the place of mounts lead the next request nowhere', async () => {
  const { app } = await makeApp(overlap, overlapFiles);
  const { read } = await start(app);
  for (const path of ['/cache/x', '/cache//x', '//cache/./x', '/data//cache//x']) {
    assert.equal(await read('evil', path), 'x', path);
  }
  assert.equal(await read('victim', '/conf.txt'), 'conf');
  assert.equal(await read('victim', '/rw/page.html'), 'page');
  renameSync(join(app, 'rw/cache'), join(app, 'rw/old'));
  symlinkSync('../../../../../../../../..', join(app, 'rw/cache'));
  replace(join(app, 'rw/conf.txt'), '../../secret');
  replace(join(app, 'rw/page.html'), '../private/key');
  assert.equal(await read('evil', '/cache/x'), 'x');
  assert.match(await read('evil', '/cache/etc/hostname'), /^no file/);
  assert.match(await read('victim', '/conf.txt'), /^no file/);
  assert.match(await read('victim', '/rw/page.html'), /^no file/);
});

test('a restart follows no link that a guest has left, be it in the app or out of it', async () => {
  for (const [cache, file] of [
    ['../private', '../private/key'],
    ['../..', '../../secret'],
    ['/etc', '/etc/hostname'],
    ['cache', 'conf.txt'],
  ] as const) {
    const { app } = await makeApp(overlap, overlapFiles);
    replace(join(app, 'rw/cache'), cache);
    replace(join(app, 'rw/conf.txt'), file);
    replace(join(app, 'rw/page.html'), file);
    const { read, log } = await start(app);
    for (const path of ['/cache/key', '/cache/secret', '/cache/hostname', '/data/cache/key']) {
      assert.match(await read('evil', path), /^no file/, path);
    }
    assert.match(await read('victim', '/conf.txt'), /^no file/, file);
    assert.match(await read('victim', '/rw/page.html'), /^no file/, file);
    assert.match(
      log.lines.join('\n'),
      /starts without one of its mounts: there is no folder \S+\/rw\/cache for \/cache/,
    );
  }
});

test('an app starts whatever a guest has made of its mounts', async () => {
  const { app } = await makeApp(
    { ...overlap, all: { files: '["rw/**/*"]' }, most: { files: '["rw"]', exclude: '["**/*.tmp"]' } },
    overlapFiles,
  );
  const rw = join(app, 'rw');
  symlinkSync('self', join(rw, 'self'));
  symlinkSync('b', join(rw, 'a'));
  symlinkSync('a', join(rw, 'b'));
  symlinkSync('../..', join(rw, 'up'));
  symlinkSync('../../secret', join(rw, 'leak.html'));
  writeFileSync(join(rw, 'x.tmp'), 'temporary');
  execFileSync('mkfifo', [join(rw, 'pipe')]);
  writeFileSync(Buffer.concat([Buffer.from(`${rw}/`), Buffer.from([0xff, 0xfe])]), 'no text');
  mkdirSync(Buffer.concat([Buffer.from(`${rw}/`), Buffer.from([0xff, 0xfd])]));
  const socket = createServer().listen(join(rw, 'socket'));
  // Deeper than any path may be long: one folder at a time, as a guest makes them.
  const name = 'n'.repeat(200);
  execFileSync('bash', ['-c', `for i in $(seq 1 30); do mkdir ${name} && cd -P ${name}; done`], { cwd: rw });
  rmSync(join(rw, 'cache'), { recursive: true });
  rmSync(join(rw, 'conf.txt'));
  mkdirSync(join(rw, 'conf.txt'));
  try {
    const { read } = await start(app);
    assert.equal(await read('all', '/rw/page.html'), 'page');
    assert.equal(await read('most', '/rw/page.html'), 'page');
    assert.match(await read('most', '/rw/x.tmp'), /^no file/);
    for (const path of ['/rw/leak.html', '/rw/self', '/rw/up/secret'])
      assert.match(await read('all', path), /^no file/);
    assert.match(await read('victim', '/rw/leak.html'), /^no file/);
  } finally {
    socket.close();
    execFileSync('rm', ['-rf', join(rw, name)]);
  }
});

test('links of the operator are followed inside of the app, and an error where they lead out', async () => {
  const { app } = await makeApp({ one: { files: '["in", "pub/*"]' } }, { ...overlapFiles, 'app/pub/a': 'a' });
  symlinkSync('private', join(app, 'in'));
  symlinkSync('../private/key', join(app, 'pub/b'));
  const { read } = await start(app);
  assert.equal(await read('one', '/in/key'), 'private');
  assert.equal(await read('one', '/pub/b'), 'private');
  replace(join(app, 'pub/b'), '../../secret');
  await assert.rejects(load(app), /"pub\/\*" matches "pub\/b", which leads out of the app/);
  replace(join(app, 'pub/b'), 'b');
  await (await load(app)).close();
});

test('sources may lie above the app, or be all of it', async () => {
  const { outside, app } = await makeApp(
    {
      up: {
        files: '[{ source = "../shared", destination = "/s" }, "../more/*.txt"]',
        exclude: '["../shared/hidden*"]',
      },
      empty: { files: '[{ source = "", destination = "/all" }]', exclude: '["private/**"]' },
      bare: { files: '[""]' },
      dot: { files: '["."]' },
      parent: { files: '[{ source = "..", destination = "/" }]' },
    },
    {
      ...overlapFiles,
      'shared/a.txt': 'a',
      'shared/hidden.txt': 'hidden',
      'more/b.txt': 'b',
      'more/c.md': 'c',
      'app/d.txt': 'd',
    },
  );
  symlinkSync('../secret', join(outside, 'shared/inside'));
  symlinkSync('/etc', join(outside, 'shared/etc'));
  const { read } = await start(app);
  assert.equal(await read('up', '/s/a.txt'), 'a');
  assert.match(await read('up', '/s/hidden.txt'), /^no file/);
  assert.match(await read('up', '/s/inside'), /^no file/);
  assert.match(await read('up', '/s/etc/hostname'), /^no file/);
  assert.match(await read('up', '/s/../secret'), /^no file/);
  assert.equal(await read('up', '/more/b.txt'), 'b');
  assert.match(await read('up', '/more/c.md'), /^no file/);
  assert.equal(await read('empty', '/all/d.txt'), 'd');
  assert.match(await read('empty', '/all/private/key'), /^no file/);
  assert.equal(await read('bare', '/d.txt'), 'd');
  assert.equal(await read('dot', '/private/key'), 'private');
  assert.equal(await read('parent', '/shared/a.txt'), 'a');
  symlinkSync('/etc', join(outside, 'out'));
  const leads = await makeApp({ out: { files: '[{ source = "../out", destination = "/" }]' } }, {});
  symlinkSync('/etc', join(leads.outside, 'out'));
  await assert.rejects(load(leads.app), /"\.\.\/out" is a link that leads out of the app/);
});

test('a component may not write the manifest, nor what the app runs', async () => {
  for (const files of [
    '[{ source = "", destination = "/" }]',
    '["."]',
    '[{ source = "..", destination = "/" }]',
    '["*"]',
    '["spin.toml"]',
  ]) {
    const { app } = await makeApp({ one: { files, writable: true } }, { 'app/.env': '' });
    await assert.rejects(lockApp(app), (error) => {
      assert.ok(error instanceof MayflyError, String(error));
      assert.equal(error.code, 'manifest-files');
      assert.match(error.message, /may write its files, and .*(spin\.toml|\.env) is among them/);
      return true;
    });
  }
});

test('nor by a link to the folder of the app', async () => {
  const { app } = await makeApp({ one: { files: '[{ source = "up", destination = "/x" }]', writable: true } }, {});
  symlinkSync('.', join(app, 'up'));
  const { read } = await start(app);
  assert.match(await read('one', '/x/spin.toml'), /^no file/);
});

test('what the mounts of an app hold open is closed with it', async () => {
  const { app } = await makeApp(overlap, overlapFiles);
  const held = (): string[] =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const place = readlinkSync(`/proc/self/fd/${fd}`);
        return place.startsWith(app) ? [place] : [];
      } catch {
        return [];
      }
    });
  const loaded = await load(app);
  assert.equal(held().length, 3);
  await loaded.close();
  assert.deepEqual(held(), []);
});
