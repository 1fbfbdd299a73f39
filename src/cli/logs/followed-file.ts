// A file of the log folder: its last lines, and those that come later, also when the file is begun anew under its name.
import fs from 'node:fs';

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = fs.constants;

/** Bytes that are read at once, and of the end of a file the most that its last lines are looked for in. */
const CHUNK = 65_536;
const MOST_OF_END = 16 * CHUNK;
/** A line that is longer is handed on in pieces. */
const MOST_OF_LINE = CHUNK;

export class FollowedFile {
  readonly #path: string;
  #fd: number | undefined;
  #position = 0;
  /** The beginning of a line whose end has not been written yet. */
  #begun = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Its last lines, at most `count`; from then on `more` gives what comes. None of a file that is not there. */
  last(count: number): string[] {
    const fd = this.#open();
    if (fd === undefined) return [];
    this.#position = Math.max(0, fs.fstatSync(fd).size - MOST_OF_END);
    const isCut = this.#position > 0;
    const lines = this.#read(fd);
    if (isCut) lines.shift();
    return count === 0 ? [] : lines.slice(-count);
  }

  /** The whole lines that were written since. */
  more(): string[] {
    const fd = this.#fd ?? this.#open();
    if (fd === undefined) return [];
    if (fs.fstatSync(fd).size < this.#position) this.#position = 0;
    const lines = this.#read(fd);
    if (this.#isOfItsName(fd)) return lines;
    // A new file was begun: what came into the old one meanwhile is read first.
    this.close();
    return [...lines, ...this.more()];
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
    this.#position = 0;
    this.#begun = Buffer.alloc(0);
  }

  #open(): number | undefined {
    try {
      this.#fd = fs.openSync(this.#path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return this.#fd;
  }

  #isOfItsName(fd: number): boolean {
    const [held, named] = [fs.fstatSync(fd), fs.lstatSync(this.#path, { throwIfNoEntry: false })];
    return named === undefined || (named.ino === held.ino && named.dev === held.dev);
  }

  #read(fd: number): string[] {
    const lines: string[] = [];
    const chunk = Buffer.alloc(CHUNK);
    for (;;) {
      const length = fs.readSync(fd, chunk, 0, CHUNK, this.#position);
      if (length === 0) return lines;
      this.#position += length;
      let rest = Buffer.concat([this.#begun, chunk.subarray(0, length)]);
      for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
        lines.push(rest.toString('utf8', 0, end));
        rest = rest.subarray(end + 1);
      }
      if (rest.length > MOST_OF_LINE) {
        lines.push(rest.toString());
        rest = Buffer.alloc(0);
      }
      this.#begun = Buffer.from(rest);
    }
  }
}
