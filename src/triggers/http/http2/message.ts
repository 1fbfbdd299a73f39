// A request's stream as NodeBody reads it: node:http2 ends the body of a request that was broken off like a whole one.
import type { ServerHttp2Stream } from 'node:http2';
import type { NodeMessage } from '../../../host/node-body.ts';

export class Http2Message implements NodeMessage {
  /** Whether all of the request is there. */
  complete: boolean;
  rawTrailers: string[] = [];
  readonly #stream: ServerHttp2Stream;
  readonly #used: (bytes: number) => void;

  /** `isWhole` says that no body follows the head. `used` is told of the bytes of the body. */
  constructor(stream: ServerHttp2Stream, isWhole: boolean, used: (bytes: number) => void) {
    this.#stream = stream;
    this.#used = used;
    this.complete = isWhole;
    if (isWhole) return;
    stream.on('trailers', (_: unknown, __: unknown, raw: string[]) => {
      this.rawTrailers = raw;
    });
    stream.on('end', () => {
      this.complete = !stream.aborted;
    });
  }

  get destroyed(): boolean {
    return this.#stream.destroyed;
  }

  get errored(): Error | null {
    return this.#stream.errored;
  }

  on(event: 'data' | 'end' | 'error' | 'close', listener: (chunk: Buffer) => void): void {
    const stream = this.#stream;
    if (event === 'data') {
      stream.on('data', (chunk: Buffer) => {
        this.#used(chunk.length);
        listener(chunk);
      });
    } else if (event === 'end') stream.on('end', () => this.complete && listener(Buffer.alloc(0)));
    else stream.on(event, listener);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }
}
