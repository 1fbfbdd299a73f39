// An open regular file of the host, shared by a descriptor and its streams: closed when the last one lets go, and never
// while a read or write of it is under way, since its number could then mean another file.
import fs from 'node:fs';
import { FilesystemError } from './error-code.ts';

export class OpenFile {
  readonly fd: number;
  readonly #closed: () => void;
  #users = 1;

  constructor(fd: number, closed: () => void) {
    this.fd = fd;
    this.#closed = closed;
  }

  retain(): this {
    this.#users++;
    return this;
  }

  release(): void {
    this.#users--;
    if (this.#users > 0) return;
    fs.closeSync(this.fd);
    this.#closed();
  }

  /**
   * Reads up to `length` bytes from `offset`; gives none at the end of the file. It is meant for lengths that are not
   * worth a thread.
   */
  readNow(length: number, offset: number): Uint8Array {
    const buffer = new Uint8Array(length);
    return buffer.subarray(0, fs.readSync(this.fd, buffer, 0, length, offset));
  }

  read(length: number, offset: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(length);
    return this.#run((done) =>
      fs.read(this.fd, buffer, 0, length, offset, (error, size) => done(error, buffer.subarray(0, size))),
    );
  }

  writeNow(bytes: Uint8Array, offset: number): number {
    return fs.writeSync(this.fd, bytes, 0, bytes.length, offset);
  }

  write(bytes: Uint8Array, offset: number): Promise<number> {
    return this.#run((done) => fs.write(this.fd, bytes, 0, bytes.length, offset, done));
  }

  sync(onlyData: boolean): Promise<void> {
    return this.#run((done) => (onlyData ? fs.fdatasync : fs.fsync)(this.fd, (error) => done(error, undefined)));
  }

  /** Runs an operation on Node's threads, holding the file open until it is over. */
  #run<T>(start: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
    this.retain();
    return new Promise<T>((resolve, reject) => {
      start((error, value) => {
        this.release();
        if (error) reject(error);
        else resolve(value);
      });
    });
  }
}

/** The offset as a number. Offsets above 2^53 - 1 are past the end of any file. */
export function toOffset(offset: bigint): number {
  if (offset > Number.MAX_SAFE_INTEGER) throw new FilesystemError('file-too-large');
  return Number(offset);
}
