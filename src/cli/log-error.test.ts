// An error at the start is lines of JSON where the command line asks for a log in JSON.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { asksForJson, logError } from './log-error.ts';

test('who asks for JSON', () => {
  for (const argv of [
    ['up', '--log-format', 'json'],
    ['up', '--log-format=json', '-f', 'x'],
  ]) {
    assert.equal(asksForJson(argv), true, argv.join(' '));
  }
  for (const argv of [['up'], ['up', '--log-format', 'text'], ['up', '--', '--log-format', 'json']]) {
    assert.equal(asksForJson(argv), false, argv.join(' '));
  }
});

test('each problem has a line', () => {
  const lines: string[] = [];
  const problems = [1, 2].map(
    (line) => new MayflyError('manifest-value', `no ${line}`, { location: { file: 'f', line } }),
  );
  logError(new MayflyError('app-invalid', 'Two mistakes', { problems }), (line) => lines.push(line));
  logError(new Error('a defect'), (line) => lines.push(line));
  const told = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    told.map(({ level, event, code, file, line, msg }) => ({ level, event, code, file, line, msg })),
    [
      { level: 'error', event: 'start-failed', code: 'manifest-value', file: 'f', line: 1, msg: 'no 1' },
      { level: 'error', event: 'start-failed', code: 'manifest-value', file: 'f', line: 2, msg: 'no 2' },
      { level: 'error', event: 'start-failed', code: 'internal', file: undefined, line: undefined, msg: 'a defect' },
    ],
  );
});

test('mayfly up of an app that is not there', { timeout: 20_000 }, () => {
  const { stderr, status } = spawnSync(
    process.execPath,
    ['bin/mayfly.mjs', 'up', '-f', '/nowhere/at/all', '--log-format', 'json'],
    { encoding: 'utf8' },
  );
  assert.notEqual(status, 0);
  assert.equal(JSON.parse(stderr).event, 'start-failed');
});
