// The look-up of a name as every version of wasi:sockets@0.2 has it: a stream of addresses, which gives none until all
// are known.
import { HostObject } from '../io/host-object.ts';
import { GuestPollable } from '../io/resources.ts';
import { fail, SocketError } from './error-code.ts';
import type { IpAddress } from './ip-address.ts';
import * as lookup from './name-lookup.ts';
import type { SocketOwner } from './network.ts';
import { attempt, type SocketResult } from './results-0.2.ts';

class ResolveAddressStream extends HostObject {
  readonly settled: Promise<void>;
  #outcome: IpAddress[] | SocketError | undefined;

  constructor(owner: SocketOwner, addresses: Promise<IpAddress[]>) {
    super(owner);
    this.settled = addresses.then(
      (found) => {
        this.#outcome = found;
      },
      (error: SocketError) => {
        this.#outcome = error;
      },
    );
  }

  get isSettled(): boolean {
    return this.#outcome !== undefined;
  }

  next(): IpAddress | undefined {
    const outcome = this.#outcome ?? fail('would-block');
    if (outcome instanceof SocketError) throw outcome;
    return outcome.shift();
  }

  protected close(): void {}
}

export function resolveAddresses(
  owner: SocketOwner,
  _network: object,
  name: string,
): SocketResult<ResolveAddressStream> {
  return attempt(() => new ResolveAddressStream(owner, lookup.resolveAddresses(owner.network, name)));
}

export function resolveNextAddress(
  _owner: SocketOwner,
  self: ResolveAddressStream,
): SocketResult<IpAddress | undefined> {
  return attempt(() => self.next());
}

export function subscribe(owner: SocketOwner, self: ResolveAddressStream): GuestPollable {
  return new GuestPollable(owner, { ready: () => self.isSettled, wait: () => self.settled }, self);
}

export function dropAddressStream(_owner: SocketOwner, self: ResolveAddressStream): void {
  self.drop();
}
