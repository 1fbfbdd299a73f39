// An error is printed with its code, place, hint and causes, and a defect of Mayfly with its stack.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { MayflyError } from '../errors.ts';
import { formatError } from './format-error.ts';

const directory = mkdtempSync(join(tmpdir(), 'mayfly-format-'));
after(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'a.toml');
writeFileSync(file, '\uFEFFfirst\r\n\tsecond\n');

const format = (error: unknown, verbose = false) =>
  formatError(error, { verbose, directory, paint: (_, text) => text });

it('shows code, message, place with a caret, and hint', () => {
  const error = new MayflyError('usage', 'It is wrong', { location: { file, line: 2, column: 4 }, hint: 'Mend it' });
  assert.equal(
    format(error),
    ['error[usage]: It is wrong', '  at a.toml:2:4', '  2 |  second', '    |    ^', '  hint: Mend it'].join('\n'),
  );
});

it('shows a byte offset, and a place whose file cannot be read', () => {
  const at = (location: { file: string; line?: number; offset?: number }) =>
    format(new MayflyError('usage', 'x', { location }))
      .split('\n')
      .slice(1);
  assert.deepEqual(at({ file: '/elsewhere/a.wasm', offset: 12 }), ['  at /elsewhere/a.wasm, byte 12']);
  assert.deepEqual(at({ file: '/elsewhere/a.toml', line: 3 }), ['  at /elsewhere/a.toml:3']);
  assert.deepEqual(at({ file, line: 99 }), ['  at a.toml:99']);
});

it('shows all problems, then what they amount to', () => {
  const problems = [new MayflyError('manifest-type', 'One'), new MayflyError('manifest-value', 'Two')];
  assert.equal(
    format(new MayflyError('manifest-invalid', 'There are 2', { problems })),
    'error[manifest-type]: One\n\nerror[manifest-value]: Two\n\nerror: There are 2',
  );
});

it('shows a hundred of ten thousand problems, reads their file once, and counts the others', () => {
  const many = join(directory, 'many.toml');
  writeFileSync(many, 'key = 1\n'.repeat(10_000));
  const problems = Array.from(
    { length: 10_000 },
    (_, at) => new MayflyError('manifest-key-unknown', `No ${at}`, { location: { file: many, line: at + 1 } }),
  );
  const started = performance.now();
  const text = format(new MayflyError('manifest-invalid', 'There are 10000', { problems }));
  assert.ok(performance.now() - started < 1000, 'it took more than a second');
  assert.match(text, /No 99\n {2}at many.toml:100\n {2}100 \| key = 1\n\n… and 9900 more\n\nerror: There are 10000$/);
});

it('shows of a long line what stands around the place', () => {
  const long = join(directory, 'long.toml');
  writeFileSync(long, `${'a'.repeat(50_000)}!${'b'.repeat(50_000)}`);
  const shown = (column: number) => {
    const error = new MayflyError('usage', 'x', { location: { file: long, line: 1, column } });
    const [, , line = '', caret = ''] = format(error).split('\n');
    assert.ok(line.length < 220, `the line has ${line.length} characters`);
    return line[caret.indexOf('^')];
  };
  assert.equal(shown(50_001), '!');
  assert.equal(shown(1), 'a');
  assert.equal(shown(100_001), 'b');
});

it('shows causes and stacks when asked to', () => {
  const cause = new Error('deep', { cause: new Error('deeper') });
  const error = new MayflyError('usage', 'x', { cause });
  assert.doesNotMatch(format(error), /deep/);
  assert.match(format(error, true), /caused by: Error: deep\n[\s\S]*caused by: Error: deeper/);
});

it('takes an error that is none of our own for a defect, and shows its stack', () => {
  assert.match(format(new TypeError('oops')), /^error\[internal\]: oops\n[\s\S]*hint: [\s\S]*TypeError: oops\n {4}at /);
  assert.match(format('text'), /^error\[internal\]: text/);
});

it('shows no value of a file that holds secrets', () => {
  const secrets = join(directory, 'secret.toml');
  const lines = [
    'url = "redis://user:hush@host"',
    '[[variables_provider]]',
    '[a] token = "hush"',
    'hush"""',
    '"k=hush" = "hush"',
    'tables = [{ token = "hush" }]',
  ];
  writeFileSync(secrets, lines.join('\n'));
  const shown = lines.map((_, index) =>
    format(new MayflyError('usage', 'x', { location: { file: secrets, line: index + 1, column: 1, secret: true } })),
  );
  assert.doesNotMatch(shown.join('\n'), /hush/);
  assert.match(shown[0] ?? '', /1 \| url = \*+\n/);
  assert.match(shown[1] ?? '', /2 \| \[\[variables_provider\]\]\n/);
});
