// Streams of files hold no thread and no descriptor longer than they are used, and tell their failures.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { HostMemory } from '../../../component/types/host-memory.ts';
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

test('at its end, and once it failed, a stream holds nothing and asks no more', () => {
  const budget = new HostByteBudget(1_000_000, new HostMemory(1e9));
  const file = openFile(pattern(10), 'r');
  let reads = 0;
  const counting = (of: OpenFile): OpenFile => {
    const readNow = of.readNow.bind(of);
    return Object.assign(of, {
      readNow: (...args: Parameters<typeof readNow>) => {
        reads++;
        return readNow(...args);
      },
    });
  };
  const stream = new FileInputStream(counting(file), 0, () => {}, budget);
  assert.equal(stream.read(100)?.length, 10);
  assert.equal(budget.bytes, 0);
  for (let i = 0; i < 3; i++) assert.equal(stream.read(100), undefined);
  assert.deepEqual([budget.bytes, reads], [0, 2]);
  const writeOnly = openFile(pattern(10), 'a');
  reads = 0;
  const failing = new FileInputStream(counting(writeOnly), 0, () => {}, budget);
  for (let i = 0; i < 3; i++) assert.throws(() => failing.read(1), { code: 'bad-descriptor' });
  assert.deepEqual([budget.bytes, reads], [0, 1]);
});
