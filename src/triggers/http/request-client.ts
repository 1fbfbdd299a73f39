// Who sent a request, and whether it still waits for the answer.
import type { ClientContext } from './dispatcher.ts';
import type { Peer } from './peer.ts';

/** A client's address and signal. The AbortController is made only for those who ask for the signal. */
export class RequestClient implements ClientContext {
  readonly peer: Peer;
  clientAddress: string;
  readonly protocol: string;
  gone = false;
  #abort: AbortController | undefined;

  constructor(peer: Peer, protocol: string) {
    this.peer = peer;
    this.protocol = protocol;
    this.clientAddress = peer.text;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.gone) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  abort(): void {
    this.gone = true;
    this.#abort?.abort();
  }
}
