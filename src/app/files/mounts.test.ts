import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { MountFault, mergeMounts, resolveEntry } from './mounts.ts';

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
});
