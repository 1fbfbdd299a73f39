// Looks at the first bytes of connections, to tell what they are, and puts them back for whoever reads on.
import type { Socket } from 'node:net';

/**
 * Says of all bytes that have come how many to take away before the connection goes on; undefined when more have to
 * come, which must have an end.
 */
export type Look = (bytes: Buffer) => number | 'refused' | undefined;

export class FirstBytes {
  readonly #waiting = new Set<Socket>();
  readonly #timeoutMs: number;

  /** A connection that brings too little in that time is closed. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Calls `next` when `look` has seen enough. A connection that is refused is closed without a word. */
  read(socket: Socket, look: Look, next: () => void): void {
    const timer = setTimeout(() => socket.destroy(), this.#timeoutMs);
    const destroy = (): void => void socket.destroy();
    const done = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
      socket.off('readable', readable).off('end', destroy).off('error', destroy).off('close', done);
    };
    let bytes: Buffer = Buffer.alloc(0);
    const readable = (): void => {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) return;
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const taken = look(bytes);
      if (taken === undefined) return;
      if (taken === 'refused') {
        destroy();
        return;
      }
      done();
      if (taken < bytes.length) socket.unshift(bytes.subarray(taken));
      next();
    };
    this.#waiting.add(socket);
    socket.on('readable', readable).on('end', destroy).on('error', destroy).on('close', done);
  }

  /** Closes the connections that have brought too little so far. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy();
  }
}
