// `--limit` reads what the manifest reads, and says what to write instead of anything else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../errors.ts';
import { collectLimit } from './limit-option.ts';

test('limits are read as the manifest reads them', () => {
  const all = ['memory=64MiB', 'cpu_slice=500ms', 'concurrency=20', 'queue_length=0', 'held=1000'];
  assert.deepEqual(
    all.reduce((before, text) => collectLimit(text, before), {}),
    { memoryBytes: 64 * 1024 * 1024, cpuSliceMs: 500, concurrency: 20, queueLength: 0, heldBytes: 1000 },
  );
});

test('what is none is refused, with what to write', () => {
  const refused = (text: string, hint: RegExp): void =>
    assert.throws(
      () => collectLimit(text),
      (error) => error instanceof MayflyError && error.code === 'usage' && hint.test(error.hint ?? ''),
    );
  refused('memory', /KEY=VALUE/);
  refused('mem=1', /memory, cpu_slice/);
  refused('memory=much', /size such as "64MiB"/);
  refused('cpu=5', /duration such as/);
  refused('concurrency=0', /whole number from 1/);
});
