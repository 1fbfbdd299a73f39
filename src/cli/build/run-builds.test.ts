// Build commands run in order, in their folders, and only when something changed where that was asked for.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { lockApp } from '../../app/lock.ts';
import { exitCodeOf } from '../exit-code.ts';
import { buildEnvironment } from './environment.ts';
import { buildApp } from './run-builds.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-build-'));
after(() => rmSync(base, { recursive: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(base, 'app-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', 'a.txt'), 'one');
});

/** `NOTE` in a command notes that it ran. */
function writeManifest(...builds: string[]): void {
  const components = builds.map((build, index) => {
    const commands = build.replaceAll('NOTE', `echo ${index} >> log`);
    return `[component.c${index}]\nsource = "c${index}.wasm"\n[component.c${index}.build]\n${commands}\n`;
  });
  const head = 'spin_manifest_version = 2\napplication.name = "x"\ntrigger = {}\n';
  writeFileSync(join(folder, 'spin.toml'), head + components.join(''));
}

async function build(options: { only?: string[]; skipUnchanged?: boolean; abort?: AbortSignal } = {}): Promise<string> {
  rmSync(join(folder, 'log'), { force: true });
  const app = await lockApp(folder, { purpose: 'build' });
  await buildApp(app, { only: [], skipUnchanged: false, output: 'stderr', ...options });
  try {
    return readFileSync(join(folder, 'log'), 'utf8').replaceAll('\n', '');
  } catch {
    return '';
  }
}

const copying = 'command = "NOTE && cp src/a.txt c0.wasm"\nwatch = ["src/*.txt"]';

describe('building', () => {
  it('runs all commands in order, in their folder', async () => {
    writeManifest('command = ["NOTE", "cp src/a.txt c0.wasm"]', 'command = "NOTE"\nworkdir = "src"');
    writeFileSync(join(folder, 'c1.wasm'), '');
    assert.equal(await build(), '0');
    assert.equal(readFileSync(join(folder, 'src', 'log'), 'utf8'), '1\n');
    assert.equal(readFileSync(join(folder, 'c0.wasm'), 'utf8'), 'one');
  });

  it('builds always when asked to build', async () => {
    writeManifest(copying);
    assert.equal(await build(), '0');
    assert.equal(await build(), '0');
  });

  it('skips what has not changed, when asked to', async () => {
    writeManifest(copying);
    const skipUnchanged = true;
    assert.equal(await build({ skipUnchanged }), '0');
    assert.equal(await build({ skipUnchanged }), '');
    writeFileSync(join(folder, 'src', 'a.txt'), 'two');
    assert.equal(await build({ skipUnchanged }), '0', 'an input changed');
    assert.equal(await build({ skipUnchanged }), '');
    writeFileSync(join(folder, 'src', 'b.txt'), '');
    assert.equal(await build({ skipUnchanged }), '0', 'an input came');
    writeFileSync(join(folder, 'c0.wasm'), 'other');
    assert.equal(await build({ skipUnchanged }), '0', 'the output changed');
    rmSync(join(folder, 'c0.wasm'));
    assert.equal(await build({ skipUnchanged }), '0', 'the output is gone');
    writeManifest(copying.replace('NOTE &&', 'NOTE && true &&'));
    assert.equal(await build({ skipUnchanged }), '0', 'the command changed');
    writeFileSync(join(folder, '.mayfly', 'build.json'), '{');
    assert.equal(await build({ skipUnchanged }), '0', 'the record is broken');
  });

  it('builds what names no inputs every time', async () => {
    writeManifest('command = "NOTE && cp src/a.txt c0.wasm"');
    assert.equal(await build({ skipUnchanged: true }), '0');
    assert.equal(await build({ skipUnchanged: true }), '0');
  });

  it('takes a folder in watch for all in it', async () => {
    writeManifest('command = "NOTE && cp src/a.txt c0.wasm"\nwatch = ["src"]');
    assert.equal(await build({ skipUnchanged: true }), '0');
    assert.equal(await build({ skipUnchanged: true }), '');
    writeFileSync(join(folder, 'src', 'a.txt'), 'two');
    assert.equal(await build({ skipUnchanged: true }), '0');
  });

  it('runs a command once that several components share', async () => {
    const shared = 'command = "echo x >> log && cp src/a.txt c0.wasm && cp src/a.txt c1.wasm"\nwatch = ["src/*.txt"]';
    writeManifest(shared, shared);
    assert.equal(await build({ skipUnchanged: true }), 'x');
    assert.equal(await build({ skipUnchanged: true }), '');
    assert.equal(await build(), 'xx');
  });

  it('builds one component when asked to, and says when there is none of the name', async () => {
    writeManifest(copying, 'command = "NOTE && cp src/a.txt c1.wasm"');
    assert.equal(await build({ only: ['c1'] }), '1');
    await assert.rejects(build({ only: ['c2'] }), { code: 'usage', hint: /Did you mean/ });
  });

  it('names the component whose build fails, passes its exit code on, and does not record it', async () => {
    writeManifest(copying.replace('cp src/a.txt c0.wasm', 'exit 7'));
    writeFileSync(join(folder, 'c0.wasm'), '');
    await assert.rejects(build({ skipUnchanged: true }), (error: Error) => {
      assert.match(error.message, /component "c0" failed: ".*exit 7" ended with exit code 7/);
      assert.equal(exitCodeOf(error), 7);
      return true;
    });
  });

  it('fails when the source is not there afterwards, and when the folder is not', async () => {
    writeManifest('command = "true"');
    await assert.rejects(build(), { code: 'build-failed', message: /left no file/ });
    writeManifest('command = "true"\nworkdir = "none"');
    await assert.rejects(build(), { code: 'build-failed', message: /folder ".*none" does not exist/ });
  });

  it('is ended with all that it has started', { timeout: 10_000 }, async () => {
    writeManifest('command = "NOTE && sleep 60 && NOTE"');
    const abort = new AbortController();
    const building = build({ abort: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(building, { code: 'build-failed', message: /ended by SIGTERM/ });
  });

  it('does not take for built what was changed while the command ran', async () => {
    writeManifest('command = "NOTE && cp src/a.txt c0.wasm && echo more >> src/a.txt"\nwatch = ["src/*.txt"]');
    assert.equal(await build({ skipUnchanged: true }), '0');
    assert.equal(await build({ skipUnchanged: true }), '0');
  });

  it("puts Mayfly's own tools last", () => {
    const { PATH, MAYFLY_HOME } = buildEnvironment({ PATH: '/first' });
    assert.match(PATH!, /^\/first[:;].*node_modules[\\/]\.bin/);
    assert.ok(MAYFLY_HOME);
  });
});
