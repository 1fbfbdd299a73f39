// Streams over open files. Small pieces that the page cache is expected to hold are read and written at once; the rest
// goes over Node's threads while the guest is suspended.
import fs from 'node:fs';
import { HeldBytes, type HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { messageOf } from '../../../errors.ts';
import { type InputStream, type OutputStream, StreamFailure } from '../io/streams.ts';
import { type ErrorCode, errorCodeOf, FilesystemError } from './error-code.ts';
import type { OpenFile } from './open-file.ts';

/** Bytes that are read or written on the spot, at most. */
const AT_ONCE = 65_536;
/** Bytes that are read from a file, at least: a guest that reads byte by byte does not cost a system call for each. */
const LEAST_READ = 4096;
/** Bytes of one read by another thread. */
const READ_SIZE = 131_072;
const WRITE_SIZE = 65_536;
/**
 * Bytes that a stream reads on the spot in all, at most: its first bytes come at once, but a large file must not hold
 * the thread again and again.
 */
const MAX_AT_ONCE = 262_144;

/** A failure of a file's stream; `filesystem-error-code` finds the code in it. */
export class FileStreamFailure extends StreamFailure {
  readonly code: ErrorCode;
  constructor(error: unknown) {
    super(messageOf(error), { cause: error });
    this.code = errorCodeOf(error);
  }
}

/**
 * Reads from `offset` to wherever the end is when it gets there. It takes over one use of `file`. `closed` is called
 * when the stream is closed and nothing is under way any more: what a guest started and then dropped still counts.
 */
export class FileInputStream implements InputStream {
  readonly #file: OpenFile;
  readonly #done: () => void;
  #offset: number;
  #atOnce = MAX_AT_ONCE;
  #chunk: Uint8Array | undefined;
  #pending: Promise<void> | undefined;
  #failure: FileStreamFailure | undefined;
  #ended = false;
  #closed = false;
  /** Counts the bytes that were read ahead. */
  readonly #held: HeldBytes;

  constructor(file: OpenFile, offset: number, closed: () => void, budget?: HostByteBudget) {
    this.#file = file;
    this.#done = closed;
    this.#offset = offset;
    this.#held = new HeldBytes(budget);
  }

  read(max: number): Uint8Array | undefined {
    if (this.#chunk === undefined && max > 0) this.#fill(max);
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#chunk === undefined) return this.#ended ? undefined : new Uint8Array(0);
    const chunk = this.#chunk.subarray(0, max);
    this.#chunk = chunk.length === this.#chunk.length ? undefined : this.#chunk.subarray(max);
    if (this.#chunk === undefined) this.#held.release();
    return chunk;
  }

  ready(): Promise<void> | undefined {
    if (this.#chunk === undefined) this.#fill(AT_ONCE);
    return this.#pending;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ended = true;
    this.#chunk = undefined;
    if (this.#pending === undefined) this.#held.release();
    this.#file.release();
    whenOver(this.#pending, this.#done);
  }

  /** Gets the next chunk, at once or later. */
  #fill(max: number): void {
    if (this.#ended || this.#pending !== undefined) return;
    const size = Math.min(Math.max(max, LEAST_READ), AT_ONCE);
    const isLater = this.#atOnce < size;
    if (!this.#held.trySet(isLater ? READ_SIZE : size)) {
      this.#fail(new FilesystemError('insufficient-memory'));
      return;
    }
    if (isLater) {
      this.#pending = this.#file.read(READ_SIZE, this.#offset).then(
        (bytes) => this.#take(bytes),
        (error) => this.#fail(error),
      );
      return;
    }
    this.#atOnce -= size;
    try {
      this.#take(this.#file.readNow(size, this.#offset));
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(bytes: Uint8Array): void {
    this.#pending = undefined;
    if (this.#closed || bytes.length === 0) this.#held.release();
    if (this.#closed) return;
    this.#offset += bytes.length;
    if (bytes.length === 0) this.#ended = true;
    else this.#chunk = bytes;
  }

  #fail(error: unknown): void {
    this.#pending = undefined;
    this.#held.release();
    this.#ended = true;
    this.#failure = new FileStreamFailure(error);
  }
}

/**
 * Writes from `offset` on, or at wherever the end is. It takes over one use of `file`. `closed` is called when the
 * stream is closed and nothing is under way any more.
 */
export class FileOutputStream implements OutputStream {
  readonly #file: OpenFile;
  readonly #done: () => void;
  #offset: number | 'append';
  #pending: Promise<void> | undefined;
  #failure: FileStreamFailure | undefined;
  #closed = false;
  /** Counts the bytes that are on their way. */
  readonly #held: HeldBytes;

  constructor(file: OpenFile, offset: number | 'append', closed: () => void, budget?: HostByteBudget) {
    this.#file = file;
    this.#done = closed;
    this.#offset = offset;
    this.#held = new HeldBytes(budget);
  }

  checkWrite(): number | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) return undefined;
    return this.#pending === undefined ? WRITE_SIZE : 0;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#closed) return;
    if (this.#offset === 'append' || bytes.length <= AT_ONCE / 8) this.#writeNow(bytes);
    else {
      this.#held.set(bytes.length);
      this.#pending = this.#writeAll(bytes, this.#offset);
    }
  }

  /** Does nothing: what was written has gone to the operating system, and `sync` puts it on the disk. */
  flush(): void {}

  ready(): Promise<void> | undefined {
    return this.#pending;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.release();
    whenOver(this.#pending, this.#done);
  }

  /**
   * Writes at once. Appending finds the end and writes there in one go, so that sandboxes of one process never write
   * over each other.
   */
  #writeNow(bytes: Uint8Array): void {
    try {
      for (let rest = bytes; rest.length > 0; ) {
        const offset = this.#offset === 'append' ? fs.fstatSync(this.#file.fd).size : this.#offset;
        const size = this.#file.writeNow(rest, offset);
        if (this.#offset !== 'append') this.#offset += size;
        rest = rest.subarray(size);
      }
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Writes on another thread. It goes on when the guest drops the stream meanwhile: the file is held until then. */
  async #writeAll(bytes: Uint8Array, start: number): Promise<void> {
    this.#file.retain();
    try {
      let offset = start;
      for (let rest = bytes; rest.length > 0; ) {
        const size = await this.#file.write(rest, offset);
        offset += size;
        this.#offset = offset;
        rest = rest.subarray(size);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#file.release();
      this.#held.release();
      this.#pending = undefined;
    }
  }

  #fail(error: unknown): FileStreamFailure {
    this.#failure = new FileStreamFailure(error);
    return this.#failure;
  }
}

function whenOver(pending: Promise<void> | undefined, then: () => void): void {
  if (pending === undefined) then();
  else void pending.then(then);
}
