// A pattern of `files` finds what Spin would find, and follows no link to a folder.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { findFiles, matchesGlob, walkFiles } from './glob.ts';

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

  it('leaves out what cannot be looked at', () => {
    const odd = mkdtempSync(join(root, '..', 'mayfly-glob-odd-'));
    after(() => rmSync(odd, { recursive: true }));
    symlinkSync('self', join(odd, 'self'));
    symlinkSync('self/x', join(odd, 'below'));
    symlinkSync('nowhere', join(odd, 'dangling'));
    writeFileSync(Buffer.concat([Buffer.from(`${odd}/`), Buffer.from([0xff])]), '');
    writeFileSync(join(odd, 'there'), '');
    for (const pattern of ['*', '**', '**/*', 'there', './**/there']) {
      assert.deepEqual(findFiles(odd, pattern), ['there'], pattern);
    }
    for (const pattern of ['self', 'self/*', 'self/x', 'below', '*/x', 'x'.repeat(5000), 'none/../there']) {
      assert.deepEqual(findFiles(odd, pattern), [], pattern);
    }
  });

  it('follows only the links that it may', () => {
    const { files: found } = walkFiles(root, '*/a.txt', { follows: () => false });
    assert.deepEqual(found, ['d/a.txt']);
    assert.deepEqual(walkFiles(root, 'link/a.txt', { follows: () => false }).files, []);
  });

  it('reads each folder once, whatever the pattern', () => {
    const deep = mkdtempSync(join(root, '..', 'mayfly-glob-deep-'));
    after(() => rmSync(deep, { recursive: true }));
    mkdirSync(join(deep, 'a/'.repeat(60)), { recursive: true });
    // Each way of splitting 60 folders over the stars would be tried: more than anybody waits for.
    const bounds = { entries: 200, files: 10 };
    assert.deepEqual(walkFiles(deep, '**/a/**/a/**/a/**/a/**/a/**/b', { bounds }), { files: [], complete: true });
    assert.ok(!matchesGlob('**/a/**/a/**/a/**/a/**/a/**/a/**/b', 'a/'.repeat(2000)));
  });

  it('stops at its bounds, and says so', () => {
    const all = walkFiles(root, '**/*');
    assert.ok(all.complete);
    assert.ok(!walkFiles(root, '**/*', { bounds: { entries: 1000, files: 3 } }).complete);
    assert.ok(!walkFiles(root, '**/*', { bounds: { entries: 3, files: 1000 } }).complete);
    assert.ok(walkFiles(root, '**/*', { bounds: { entries: 1000, files: all.files.length } }).complete);
  });

  it('ends for patterns that go up', () => {
    assert.deepEqual(findFiles(root, '**/../b.md'), ['d/../b.md', 'd2/../b.md']);
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
