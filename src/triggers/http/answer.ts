// The answer to one request on its way to the client: what HTTP/1.1 and HTTP/2 do differently when one is sent.
import type { HeaderList } from '../../host/http-message.ts';

export interface Answer {
  readonly method: string;
  /** The target of the request as the client sent it. */
  readonly target: string;
  readonly headersSent: boolean;
  /** Whether nothing can be sent any more. */
  readonly destroyed: boolean;
  /** Whether all of it has gone out. */
  readonly isFinished: boolean;
  /** Whether the client is what it waits for, and not another answer before it on the same connection. */
  readonly isItsTurn: boolean;
  /** Called before the head is sent, when it is known that this answer is the next step. */
  begin(): void;
  /** Whether trailers can stand behind a body with that content-length. */
  takesTrailers(length: number | undefined): boolean;
  /**
   * Sends the head, from which the trigger has left out the fields of the connection. Undefined as `length` leaves the
   * framing to the connection. `trailers` says that some may follow.
   */
  writeHead(status: number, fields: HeaderList, length: number | undefined, trailers: boolean): void;
  /** Sends the head at once, though no body follows yet. */
  flushHead(): void;
  /** Sends a chunk; `done` is called when it has gone out, or cannot. */
  write(chunk: Uint8Array, done: (error?: Error | null) => void): void;
  end(chunk?: Uint8Array): void;
  /** Sends trailers; `end` has to follow. */
  addTrailers(fields: HeaderList): void;
  /** Ends an answer that began and cannot go on, so that it does not look whole. */
  breakOff(): void;
  /** Ends an answer that the client does not take. */
  destroy(): void;
  onClose(listener: () => void): void;
  offClose(listener: () => void): void;
}
