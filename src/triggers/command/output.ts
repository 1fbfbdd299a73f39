// The stdout of a command that goes to a stream of the process, byte by byte as the command writes it.
import type { Writable } from 'node:stream';
import type { OutputStream } from '../../host/wasi/io/streams.ts';

/** The most bytes that are taken at once. */
const AT_ONCE = 65_536;

/** A stream that is closed, as a pipe whose reader went away, is closed for the command, too. */
export function streamOutput(stream: Writable): OutputStream {
  // Without a listener the error would end the process.
  stream.on('error', () => {});
  const isClosed = (): boolean => stream.destroyed || stream.writableEnded;
  return {
    checkWrite() {
      if (isClosed()) return undefined;
      return stream.writableNeedDrain ? 0 : AT_ONCE;
    },
    write: (bytes) => void stream.write(bytes),
    flush() {},
    ready() {
      if (isClosed() || !stream.writableNeedDrain) return undefined;
      return new Promise((resolve) => {
        const done = (): void => {
          for (const event of ends) stream.off(event, done);
          resolve();
        };
        for (const event of ends) stream.once(event, done);
      });
    },
    close() {},
  };
}

const ends = ['drain', 'close', 'error'] as const;
