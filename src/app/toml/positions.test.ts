// Each key and value of a TOML text has its line and column, wherever the table stands.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'smol-toml';
import { indexPositions, type KeyPath, type Position } from './positions.ts';

/** `|` marks the place that is meant; the text that is indexed lacks it. */
function marked(text: string): { toml: string; expected: Position } {
  const offset = text.indexOf('|');
  const before = text.slice(0, offset).split('\n');
  const toml = text.slice(0, offset) + text.slice(offset + 1);
  parse(toml);
  return { toml, expected: { line: before.length, column: [...before.at(-1)!].length + 1 } };
}

function assertKey(text: string, path: KeyPath): void {
  const { toml, expected } = marked(text);
  assert.deepEqual(indexPositions(toml).key(path), expected);
}

function assertValue(text: string, path: KeyPath): void {
  const { toml, expected } = marked(text);
  assert.deepEqual(indexPositions(toml).value(path), expected);
}

describe('positions of keys and values in TOML', () => {
  it('finds a plain key and its value', () => {
    assertKey('a = 1\n|b = 2\n', ['b']);
    assertValue('a = 1\nb  =  |2\n', ['b']);
  });

  it('finds keys under a table header', () => {
    assertKey('[a]\nx = 1\n[a.b]\n  |y = 2\n', ['a', 'b', 'y']);
    assertKey('[a]\nx = 1\n|[a.b]\ny = 2\n', ['a', 'b']);
  });

  it('keeps the elements of an array of tables apart', () => {
    const text = (first: string, second: string) => `[[t.http]]\n${first}r = 1\n[[t.http]]\n${second}r = 2\n`;
    assertKey(text('|', ''), ['t', 'http', 0, 'r']);
    assertKey(text('', '|'), ['t', 'http', 1, 'r']);
  });

  it('puts a sub-table of an array of tables into the last element', () => {
    assertKey('[[a]]\n[[a]]\n[a.b]\n|c = 1\n', ['a', 1, 'b', 'c']);
    assertKey('[[a]]\n[[a.b]]\n[[a.b]]\n|c = 1\n', ['a', 0, 'b', 1, 'c']);
  });

  it('finds dotted keys', () => {
    assertKey('[a]\nb . |c = 1\n', ['a', 'b', 'c']);
    assertValue('b.c.d = |1\nb.c.e = 2', ['b', 'c', 'd']);
  });

  it('finds quoted keys', () => {
    assertKey('[a."b.c"]\n|"d e" = 1\n', ['a', 'b.c', 'd e']);
    assertKey("'x\\y' = 0\n|'z' = 1", ['z']);
    assertKey('|"q\\"\\u00e9\\n" = 1', ['q"é\n']);
  });

  it('is not misled by an escape before the end of a text, nor by one where there is none', () => {
    assertKey('a = "x\\n"\n|b = 1', ['b']);
    assertKey('a = "\\\\"\n|b = 1', ['b']);
    assertKey('a = "\\""\n|b = 1', ['b']);
    assertKey("a = 'x\\'\n|b = 1", ['b']);
    assertKey('a = """x\\""""""\n|b = 1', ['b']);
  });

  it('gives the key of the nearest parent for what is not there', () => {
    assertKey('[x]\n|a = { b = 1 }', ['x', 'a', 'c']);
    assertValue('[x]\n|a = { b = 1 }', ['x', 'a', 'c', 'd']);
    assertValue('[x]\na = |{ b = 1 }', ['x', 'a']);
  });

  it('finds keys of inline tables, nested and dotted', () => {
    assertKey('a = { b = 1, |c = { d = 2 } }', ['a', 'c']);
    assertKey('a = { b = 1, c = { |d = 2 } }', ['a', 'c', 'd']);
    assertValue('a = { b.c = |"x" }', ['a', 'b', 'c']);
  });

  it('finds elements of arrays, over several lines and with comments', () => {
    const text = (mark: string) => `a = [ # "no", 1\n  "x", # ]\n  ${mark}{ b = 1 },\n]\nc = 1\n`;
    assertValue(text('|'), ['a', 1]);
    assertKey('a = [[1, 2], [3, |4]]', ['a', 1, 1]);
  });

  it('steps over every kind of string', () => {
    assertKey('a = "x = \\"1\\" # no"\n|b = 1', ['b']);
    assertKey("a = 'x \\'\n|b = 1", ['b']);
    assertKey('a = """\nb = 0\n\\""" and ""more"""""\n|b = 1', ['b']);
    assertKey("a = '''\n[b]\n''''\n|b = 1", ['b']);
  });

  it('steps over dates, numbers and booleans', () => {
    assertKey('a = 1979-05-27 07:32:00Z # c\nb = -1_0.5e3\nc = true\n|d = 1', ['d']);
    assertValue('a = [1979-05-27, |inf]', ['a', 1]);
  });

  it('copes with carriage returns, a byte order mark and characters outside the basic plane', () => {
    assertKey('a = 1\r\n|b = 2\r\n', ['b']);
    assertKey('a = { "😀" = 1, |b = 2 }', ['a', 'b']);
    assert.deepEqual(indexPositions('\uFEFFa = 1').value(['a']), { line: 1, column: 6 });
  });

  it('answers the nearest parent for a path that is not there', () => {
    assertKey('[a]\nx = 1\n|[b]\ny = 1\n', ['b', 'missing', 'deeper']);
    assertKey('|', ['nothing']);
  });

  it('knows every key and value of a random document', () => {
    for (let seed = 1; seed <= 200; seed++) checkRandomDocument(seed);
  });

  it('ends on any bytes, even those that no parser takes', () => {
    const pieces = ['[', ']', '{', '}', '"', "'", '"""', '=', '.', ',', '#', '\n', '\\', 'a', ' ', '€', '[[', '\r\n'];
    const random = randomNumbers(7);
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: random(24) }, () => pieces[random(pieces.length)]).join('');
      indexPositions(text).value(['a', 0, 'b']);
    }
  });
});

/** Writes a document in random notations, remembering where each value went, and asks the index for all of them. */
function checkRandomDocument(seed: number): void {
  const random = randomNumbers(seed);
  let toml = '';
  const places: { path: KeyPath; offset: number }[] = [];
  const value = (path: KeyPath, depth: number): void => {
    places.push({ path, offset: toml.length });
    const kind = random(depth > 2 ? 4 : 6);
    if (kind === 4) {
      toml += '[';
      const count = random(3);
      for (let i = 0; i < count; i++) {
        toml += random(2) ? '\n # [ { "\n ' : '';
        value([...path, i], depth + 1);
        toml += ',';
      }
      toml += ']';
    } else if (kind === 5) {
      toml += '{ ';
      const count = random(3);
      for (let i = 0; i < count; i++) {
        toml += i ? ', ' : '';
        const key = `k${i}`;
        toml += random(2) ? `"${key}" = ` : `${key}=`;
        value([...path, key], depth + 1);
      }
      toml += ' }';
    } else toml += ['12', '"s # ]"', "'{ lit'", 'true'][kind];
  };
  const pairs = (path: KeyPath): void => {
    for (let i = random(4); i >= 0; i--) {
      const key = [`p${i}`, ...(random(3) ? [] : ['q', 'r'])];
      toml += `${key.join(random(2) ? '.' : ' . ')} = `;
      value([...path, ...key], 0);
      toml += random(2) ? ' # comment\n' : '\r\n';
    }
  };
  pairs([]);
  for (let table = 0; table < random(4); table++) {
    toml += `[t.t${table}]\n`;
    pairs(['t', `t${table}`]);
    toml += `[[arr.a]]\n`;
    pairs(['arr', 'a', table]);
  }
  parse(toml);
  const index = indexPositions(toml);
  for (const { path, offset } of places) {
    const lines = toml.slice(0, offset).split('\n');
    assert.deepEqual(index.value(path), { line: lines.length, column: lines.at(-1)!.length + 1 }, `${path}\n${toml}`);
  }
}

function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
