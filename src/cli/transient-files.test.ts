// Mounts that may be written for a while are copies: what is written there never reaches the files of the app.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { lockApp } from '../app/lock.ts';
import { withTransientFiles } from './transient-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-transient-'));
after(() => rmSync(folder, { recursive: true }));

test('folders and single files are copied, and may be written', async () => {
  mkdirSync(join(folder, 'assets', 'deep'), { recursive: true });
  writeFileSync(join(folder, 'assets', 'deep', 'a.txt'), 'mine');
  writeFileSync(join(folder, 'b.txt'), 'b');
  writeFileSync(join(folder, 'x.wasm'), '');
  writeFileSync(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "x"
[[trigger.http]]
route = "/..."
component = "x"
[component.x]
source = "x.wasm"
files = ["*.txt", { source = "assets", destination = "/assets" }]
`,
  );
  const app = withTransientFiles(await lockApp(folder), join(folder, 'temporary'));
  const [component] = app.components;
  assert.equal(component?.settings.writableFiles, true);
  const at = (destination: string) => component?.files.find((mount) => mount.destination === destination)?.source ?? '';
  assert.equal(readFileSync(at('/b.txt'), 'utf8'), 'b');
  writeFileSync(join(at('/assets'), 'deep', 'a.txt'), 'written');
  assert.equal(readFileSync(join(folder, 'assets', 'deep', 'a.txt'), 'utf8'), 'mine');
  assert.ok(existsSync(join(folder, 'temporary')));
});

test('copies have absolute paths without links, also where the folder for them is given otherwise', async () => {
  symlinkSync(folder, join(folder, 'link'));
  const parent = relative(process.cwd(), join(folder, 'link', 'temporary'));
  const app = withTransientFiles(await lockApp(folder), parent);
  const sources = app.components.flatMap(({ files }) => files.map(({ source }) => source));
  assert.notEqual(sources.length, 0);
  assert.deepEqual(
    sources.filter((source) => !isAbsolute(source) || realpathSync(source) !== source),
    [],
  );
});
