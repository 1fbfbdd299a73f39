import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { drain, inputStreamContract, outputStreamContract, pattern } from '../io/stream.contract.ts';
import { FileInputStream, FileOutputStream } from './file-streams.ts';
import { makeFiles } from './files.test-kit.ts';
import { OpenFile } from './open-file.ts';

const folder = makeFiles({});
let files = 0;
let closed = 0;

function openFile(content: Uint8Array, flags = 'r+'): OpenFile {
  const name = path.join(folder, `f${files++}`);
  fs.writeFileSync(name, content);
  return new OpenFile(fs.openSync(name, flags), () => closed++);
}
const content = (file: OpenFile) => fs.readFileSync(`/proc/self/fd/${file.fd}`);

inputStreamContract('file', (bytes) => new FileInputStream(openFile(bytes), 0, () => {}));

outputStreamContract('file', () => {
  const file = openFile(new Uint8Array(0));
  return { stream: new FileOutputStream(file.retain(), 0, () => {}), arrived: () => content(file) };
});
outputStreamContract('file, appended to', () => {
  const file = openFile(new Uint8Array(0));
  return { stream: new FileOutputStream(file.retain(), 'append', () => {}), arrived: () => content(file) };
});

test('a large file is read by other threads after the first bytes', async () => {
  const bytes = pattern(1_000_000);
  const stream = new FileInputStream(openFile(bytes), 0, () => {});
  let waits = 0;
  const counting = {
    read: (max: number) => stream.read(max),
    close: () => stream.close(),
    ready() {
      const wait = stream.ready();
      if (wait !== undefined) waits++;
      return wait;
    },
  };
  assert.deepEqual(await drain(counting, 65_536), bytes);
  assert.ok(waits > 3, `${waits} waits`);
  stream.close();
});

test('a file stays open until the last use is over, an operation that is under way included', async () => {
  const before = closed;
  const file = openFile(new Uint8Array(0));
  let done = false;
  const stream = new FileOutputStream(file.retain(), 0, () => {
    done = true;
  });
  stream.write(pattern(60_000));
  const wait = stream.ready();
  assert.ok(wait);
  const name = fs.readlinkSync(`/proc/self/fd/${file.fd}`);
  stream.close();
  file.release();
  assert.deepEqual([closed, done], [before, false]);
  await wait;
  await Promise.resolve();
  assert.deepEqual([closed, done], [before + 1, true]);
  assert.deepEqual(new Uint8Array(fs.readFileSync(name)), pattern(60_000));
});

test('failures are told by the stream', async () => {
  const readOnly = openFile(pattern(10), 'r');
  const output = new FileOutputStream(readOnly.retain(), 0, () => {});
  assert.throws(() => output.write(pattern(1)), { name: 'StreamFailure', code: 'bad-descriptor' });
  const later = new FileOutputStream(readOnly.retain(), 0, () => {});
  later.write(pattern(60_000));
  await later.ready();
  assert.throws(() => later.checkWrite(), { code: 'bad-descriptor' });
  const writeOnly = openFile(pattern(10), 'a');
  assert.throws(() => new FileInputStream(writeOnly, 0, () => {}).read(1), { code: 'bad-descriptor' });
});
