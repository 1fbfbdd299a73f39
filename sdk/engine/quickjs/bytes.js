// Bytes through the streams of wasi:io, without blocking more than the one who waits for them.
import { ready } from './loop.js';

const READ_BYTES = 65_536;

/** Whether it is the other side that has ended the stream. */
export const isClosed = (error) => error?.payload?.tag === 'closed';

/** What came, piece by piece, until the stream ends. `done` is called once, at the end, however that comes. */
export async function* readAll(stream, done) {
  try {
    for (;;) {
      let bytes;
      try {
        bytes = stream.read(READ_BYTES);
      } catch (error) {
        if (isClosed(error)) return;
        throw new TypeError('The body broke off', { cause: error });
      }
      if (bytes.length > 0) yield bytes;
      else await ready(stream.subscribe(), stream);
    }
  } finally {
    stream[Symbol.dispose]();
    done?.();
  }
}

/** Writes all of the bytes. Throws when the other side wants no more. */
export async function writeAll(stream, bytes) {
  for (let at = 0; at < bytes.length; ) {
    const room = stream.checkWrite();
    if (room === 0) {
      await ready(stream.subscribe(), stream);
      continue;
    }
    const end = Math.min(bytes.length, at + room);
    stream.write(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    at = end;
  }
}
