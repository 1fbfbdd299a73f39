// An entry of `files` becomes mounts, and none of them leads out of the app's folder.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { MountFault, mergeMounts, resolveEntry } from './mounts.ts';
import { sharedFolders } from './shared-folders.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-mounts-'));
const root = join(base, 'app');
after(() => rmSync(base, { recursive: true }));
mkdirSync(join(root, 'd'), { recursive: true });
mkdirSync(join(base, 'outside'));
writeFileSync(join(base, 'outside', 'secret'), '');
writeFileSync(join(root, 'd', 'a'), '');
symlinkSync('../../outside/secret', join(root, 'd', 'link'));
symlinkSync('../outside', join(root, 'out'));
symlinkSync('d', join(root, 'in'));
symlinkSync('nowhere', join(root, 'dangling'));

describe('mounts', () => {
  it('refuses links that lead out, named or matched', () => {
    for (const entry of [
      'out',
      'd/link',
      'd/*',
      'out/*',
      { source: 'out', destination: '/' },
      { source: 'd/link', destination: '/x' },
    ]) {
      assert.throws(() => resolveEntry(root, entry), MountFault, JSON.stringify(entry));
    }
  });

  it('follows links that stay inside', () => {
    assert.deepEqual(resolveEntry(root, 'in'), [
      { kind: 'directory', source: join(root, 'd'), destination: '/in', path: 'in' },
    ]);
  });

  it('takes a dangling link for missing', () => {
    assert.throws(() => resolveEntry(root, 'dangling'), /does not exist/);
  });

  it('accepts a pattern that matches nothing, as Spin does', () => {
    assert.deepEqual(resolveEntry(root, 'd/*.none'), []);
  });

  it('mounts the root of the guest', () => {
    assert.deepEqual(resolveEntry(root, { source: 'd', destination: '/' }), [
      { kind: 'directory', source: join(root, 'd'), destination: '/', path: 'd' },
    ]);
  });

  it('lets the later of two files win', () => {
    const file = (source: string) => ({ kind: 'file', source, destination: '/x' }) as const;
    assert.deepEqual(mergeMounts(root, [file('/1'), file('/2')], []), [file('/2')]);
  });

  it('follows no link in a folder that a component may write, and asks for nothing there', () => {
    const rw = join(root, 'rw');
    mkdirSync(rw);
    symlinkSync('../d', join(rw, 'inward'));
    symlinkSync('../../outside', join(rw, 'outward'));
    symlinkSync('self', join(rw, 'self'));
    writeFileSync(join(rw, 'a'), '');
    const options = { shared: [rw] };
    for (const name of ['inward', 'outward', 'self', 'gone', 'gone/below', 'inward/a', 'a/below', 'a/']) {
      const entry = { source: `rw/${name}`, destination: '/x' };
      const [mount] = resolveEntry(root, entry, options);
      assert.equal(mount?.shared, true, name);
      assert.equal(mount?.source, join(rw, name.replace(/\/$/, '')), name);
    }
    const { destination: at } = resolveEntry(root, { source: 'rw/a', destination: '/x/' }, options)[0] ?? {};
    assert.equal(at, '/x');
    for (const pattern of ['rw/*', 'rw/**/*', '*/a', './rw/[a]', 'rw/*/a']) {
      const found = resolveEntry(root, pattern, options).filter(({ source }) => source.startsWith(rw));
      const expected =
        pattern === 'rw/*/a'
          ? []
          : [{ kind: 'file', source: join(rw, 'a'), destination: '/rw/a', path: 'rw/a', shared: true }];
      assert.deepEqual(found, expected, pattern);
    }
    // The folder itself is the operator's.
    assert.equal(resolveEntry(root, 'rw', options)[0]?.shared, undefined);
    assert.throws(() => resolveEntry(root, 'rw-gone', options), MountFault);
  });

  it('finds the folders that are written behind links, and not those that a link of a guest leads to', () => {
    const mount = (source: string) => ({ kind: 'directory', source, destination: '/x' }) as const;
    const found = sharedFolders((known) => [
      mount('/app/rw'),
      mount(known.includes('/app/rw') ? '/app/rw/cache' : '/app/private'),
    ]);
    assert.deepEqual(found, ['/app/rw', '/app/private', '/app/rw/cache']);
  });

  it('accepts sources above the app and all of the app', () => {
    const one = (source: string) => resolveEntry(root, { source, destination: '/x' })[0]?.source;
    assert.equal(one(''), root);
    assert.equal(one('.'), root);
    assert.equal(one('./d/..'), root);
    assert.equal(one('..'), base);
    assert.equal(one('../outside'), join(base, 'outside'));
    assert.equal(one('d/../../outside/'), join(base, 'outside'));
    assert.deepEqual(resolveEntry(root, '../outside/*'), [
      { kind: 'file', source: join(base, 'outside/secret'), destination: '/outside/secret', path: '../outside/secret' },
    ]);
    assert.equal(resolveEntry(root, '')[0]?.destination, '/');
    assert.equal(resolveEntry(root, '../outside')[0]?.destination, '/outside');
    for (const source of ['/etc', 'C:/x', '\\\\host', '..\\x', 'a\\..\\..\\x']) {
      assert.throws(() => one(source), MountFault, source);
    }
  });

  it('excludes by the path from the app, above it and however it is written', () => {
    const files = (source: string, exclude: string[]) =>
      mergeMounts(root, resolveEntry(root, { source, destination: '/x' }), exclude);
    assert.equal(files('../outside', ['../outside/none'])[0]?.kind, 'directory');
    for (const pattern of [
      '../outside/secret',
      '../*/s*',
      './../outside/secret',
      '../**/secret',
      'd/../../outside/*',
    ]) {
      assert.deepEqual(files('../outside', [pattern]), [], pattern);
    }
    assert.deepEqual(files('d', ['d/**']), []);
    assert.deepEqual(files('', ['**']), []);
  });
});
