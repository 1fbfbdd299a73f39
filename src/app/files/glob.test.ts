import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { findFiles, matchesGlob } from './glob.ts';

const root = mkdtempSync(join(tmpdir(), 'mayfly-glob-'));
after(() => rmSync(root, { recursive: true }));

const files = ['a.txt', 'b.md', '.hidden', 'd/a.txt', 'd/e/f.txt', 'd/e/[x].txt', 'd2/b.txt'];
for (const file of files) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), '');
}
symlinkSync(join(root, 'd'), join(root, 'link'));

describe('glob', () => {
  const finds = (pattern: string, ...expected: string[]) => assert.deepEqual(findFiles(root, pattern), expected.sort());

  it('finds files by name', () => {
    finds('*', 'a.txt', 'b.md', '.hidden');
    finds('*.txt', 'a.txt');
    finds('?.md', 'b.md');
    finds('[ab].*', 'a.txt', 'b.md');
    finds('[!a].*', 'b.md');
    finds('a.txt', 'a.txt');
    finds('nothing*');
  });

  it('finds files in folders', () => {
    finds('d/*', 'd/a.txt');
    finds('./d//*', 'd/a.txt');
    finds('*/*.txt', 'd/a.txt', 'd2/b.txt', 'link/a.txt');
    finds('**/*.txt', 'a.txt', 'd/a.txt', 'd/e/f.txt', 'd/e/[x].txt', 'd2/b.txt');
    finds('d/**', 'd/a.txt', 'd/e/f.txt', 'd/e/[x].txt');
    finds('d/**/e/*', 'd/e/f.txt', 'd/e/[x].txt');
    finds('d/e/[[]x].txt', 'd/e/[x].txt');
    finds('d/../*.md', 'd/../b.md');
  });

  it('follows no links to folders under **', () => {
    assert.equal(findFiles(root, '**/f.txt').length, 1);
  });

  it('agrees with itself on what matches', () => {
    for (const pattern of ['*', '**/*.txt', 'd/**', '**/e/*', '*/*.txt', '**', '?*/?.txt']) {
      const matching = files.filter((file) => matchesGlob(pattern, file));
      const found = findFiles(root, pattern).filter((file) => !file.startsWith('link/'));
      assert.deepEqual(found, matching.sort(), pattern);
    }
  });

  it('takes other characters as they are', () => {
    assert.ok(matchesGlob('a+(b).{x,y}', 'a+(b).{x,y}'));
    assert.ok(!matchesGlob('a.b', 'axb'));
    assert.ok(matchesGlob('[', '['));
    assert.ok(matchesGlob('[]]', ']'));
    assert.ok(matchesGlob('[a-c-]', '-'));
    assert.ok(!matchesGlob('[z-a]', 'b'));
    assert.ok(matchesGlob('?', '😀'));
  });

  it('reads classes of characters to their end', () => {
    const matches: readonly (readonly [string, string, boolean])[] = [
      ['[abc]', 'b', true],
      ['[abc]', 'd', false],
      ['[!abc]', 'd', true],
      ['[!abc]', 'a', false],
      ['[!]]', 'a', true],
      ['[!]]', ']', false],
      ['[]a]', 'a', true],
      ['x[ab]y', 'xay', true],
      ['x[ab]y', 'xy', false],
      ['!a', '!a', true],
      ['x!a', 'x!a', true],
      ['[a', '[a', true],
      ['[a-c]', 'b', true],
      ['[a-c]', '-', false],
      ['[-a]', '-', true],
      ['[^a]', '^', true],
      ['[^a]', 'b', false],
      ['[ab][cd]', 'ad', true],
      ['[ab][cd]', 'ab', false],
    ];
    for (const [pattern, path, expected] of matches)
      assert.equal(matchesGlob(pattern, path), expected, `${pattern} ${path}`);
  });
});
