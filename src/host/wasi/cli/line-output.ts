// An OutputStream that hands text on line by line, so that the lines of sandboxes that run at once do not mix. Both the
// length of a line and the bytes of one request are limited. Where lines go is not decided here.
import { HeldBytes, type HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { PIPE_CAPACITY } from '../io/pipe.ts';
import type { OutputStream } from '../io/streams.ts';

/** The most bytes of a line. A longer one is handed on in pieces of this size. */
const MAX_LINE = 8192;
/** The most lines: a log puts some hundred bytes of its own in front of each. */
const LINES = 1000;
const BYTES_PER_LINE = 64;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Makes the stream. It calls `line` for each line without its line end, decoded as UTF-8 with U+FFFD for what is none.
 * After `maxBytes` it says so in one more line, then drops what comes: a guest that logs without end keeps running, and
 * the log stays small. Closing it hands on what stands after the last newline, which `budget` counts until then.
 */
export function lineOutput(line: (text: string) => void, maxBytes: number, budget?: HostByteBudget): OutputStream {
  const held = new HeldBytes(budget);
  let left = maxBytes;
  let lines = LINES + Math.floor(maxBytes / BYTES_PER_LINE);
  let cut = false;
  let rest: Uint8Array[] = [];
  let restLength = 0;

  const emit = (bytes: Uint8Array): void => {
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    if (lines-- > 0) line(decoder.decode(bytes.subarray(0, end)));
  };
  const flushRest = (): void => {
    if (restLength === 0) return;
    const whole = rest.length === 1 ? rest[0]! : Buffer.concat(rest, restLength);
    rest = [];
    restLength = 0;
    held.release();
    emit(whole);
  };
  const keep = (bytes: Uint8Array): void => {
    for (let part = bytes; part.length > 0; ) {
      const piece = part.subarray(0, MAX_LINE - restLength);
      // One-byte writes are copied together now and then, so that the pieces of a line stay few.
      if (rest.length >= 64) rest = [Buffer.concat(rest, restLength)];
      // This is a copy: a part of what was written would keep all of it.
      rest.push(piece.slice());
      restLength += piece.length;
      part = part.subarray(piece.length);
      if (restLength === MAX_LINE) flushRest();
    }
  };
  const take = (bytes: Uint8Array): void => {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      if (restLength === 0 && end - start <= MAX_LINE) emit(bytes.subarray(start, end));
      else {
        keep(bytes.subarray(start, end));
        flushRest();
      }
      start = end + 1;
    }
    if (start < bytes.length) keep(bytes.subarray(start));
    held.set(restLength);
  };

  return {
    checkWrite: () => PIPE_CAPACITY,
    write(bytes) {
      if (cut) return;
      take(bytes.length <= left ? bytes : bytes.subarray(0, left));
      left -= bytes.length;
      if (left >= 0 && lines >= 0) return;
      cut = true;
      flushRest();
      line(`[log limit of ${maxBytes} bytes a request reached, the rest is dropped]`);
    },
    flush() {},
    ready: () => undefined,
    close: flushRest,
  };
}

const decoder = new TextDecoder();
