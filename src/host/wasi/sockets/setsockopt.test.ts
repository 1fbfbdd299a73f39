// What the system says of a socket after its options were set.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { setBufferSize, setHopLimit } from './setsockopt.ts';

const skip = process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch);

function optionsOf(fd: number): (level: number, option: number) => number {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  const ffi = process.getBuiltinModule('node:ffi');
  process.emitWarning = emitWarning;
  const { functions } = ffi.dlopen(null, {
    getsockopt: { return: 'int32', arguments: ['int32', 'int32', 'int32', 'uint64', 'uint64'] },
  });
  const [value, size] = [new Int32Array(1), new Uint32Array([4])];
  const addresses = [value, size].map(({ buffer }) => ffi.getRawPointer(buffer)) as [bigint, bigint];
  return (level, option) => {
    assert.equal(functions.getsockopt(fd, level, option, ...addresses), 0);
    return value[0] ?? assert.fail();
  };
}

async function listening(host: string): Promise<{ server: Server; fd: number }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const { _handle: handle } = server as unknown as { _handle: { fd: number } };
  return { server, fd: handle.fd };
}

test('a hop limit and the sizes of buffers reach the system, each as its own option', { skip }, async () => {
  for (const [host, family, level, option] of [
    ['127.0.0.1', 'ipv4', 0, 2],
    ['::1', 'ipv6', 41, 16],
  ] as const) {
    const { server, fd } = await listening(host);
    try {
      const get = optionsOf(fd);
      const before = [get(1, 7), get(1, 8)];
      setHopLimit(fd, family, 42);
      assert.equal(get(level, option), 42, family);
      assert.deepEqual([get(1, 7), get(1, 8)], before);
      // Linux doubles what it is told, for what it keeps beside the bytes.
      setBufferSize(fd, 'send', 20_000);
      assert.deepEqual([get(1, 7), get(1, 8)], [40_000, before[1]]);
      setBufferSize(fd, 'receive', 30_000);
      assert.deepEqual([get(1, 7), get(1, 8), get(level, option)], [40_000, 60_000, 42]);
    } finally {
      server.close();
    }
  }
});

test('a descriptor that is none is no error: these are hints', () => {
  setHopLimit(-1, 'ipv4', 1);
  setBufferSize(-1, 'send', 1);
});
