// A TCP socket of a guest, whatever its version of WASI: unbound → bound → connecting → connected, or → listening.
// Operations throw a SocketError. started-tcp.ts has the start/finish pairs of 0.2, tcp-connection.ts the streams.
import type { Server, Socket } from 'node:net';
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { HostObject } from '../io/host-object.ts';
import { fail, SocketError, toSocketError } from './error-code.ts';
import type { IpFamily, IpSocketAddress } from './ip-address.ts';
import * as ip from './ip-address.ts';
import type { SocketOwner } from './network.ts';
import { BYTES_PER_CONNECTION, TcpConnection } from './tcp-connection.ts';
import { addressOf, bindHandle, listenOn, socketOver, type TcpHandle } from './tcp-handle.ts';
import { TcpOptions } from './tcp-options.ts';

type State =
  | { readonly kind: 'initial' }
  | { readonly kind: 'bound'; readonly handle: TcpHandle }
  | { readonly kind: 'connecting'; readonly socket: Socket }
  | { readonly kind: 'connected'; readonly connection: TcpConnection }
  | { readonly kind: 'listening'; readonly server: Server; readonly handle: TcpHandle }
  | { readonly kind: 'closed'; readonly error: SocketError | undefined };

/** The most connections that wait for the guest to accept them; the kernel's own queue comes on top. */
const MAX_WAITING = 16;

export class TcpSocket extends HostObject {
  readonly owner: SocketOwner;
  readonly family: IpFamily;
  readonly options: TcpOptions;
  #state: State;
  readonly #waiting: TcpSocket[] = [];
  #accept: PromiseWithResolvers<void> | undefined;
  readonly #held: HeldBytes;

  /** Makes a socket. Throws `new-socket-limit`. */
  static create(owner: SocketOwner, family: IpFamily): TcpSocket {
    owner.network.count();
    return new TcpSocket(owner, family, new TcpOptions(), { kind: 'initial' });
  }

  private constructor(owner: SocketOwner, family: IpFamily, options: TcpOptions, state: State) {
    super(owner);
    this.owner = owner;
    this.family = family;
    this.options = options;
    this.#state = state;
    this.#held = new HeldBytes(owner.hostBytes);
  }

  get isBound(): boolean {
    return this.#state.kind !== 'initial' && this.#state.kind !== 'closed';
  }

  get isListening(): boolean {
    return this.#state.kind === 'listening';
  }

  bind(address: IpSocketAddress): void {
    if (this.#state.kind !== 'initial') this.#refuse();
    if (!ip.fits(address, this.family) || !ip.isUnicast(address)) fail('invalid-argument');
    this.owner.network.check('tcp-bind', address);
    this.#state = { kind: 'bound', handle: bindHandle(address) };
  }

  /** Connects. The arguments and the permission are checked at once; the promise rejects with what the network said. */
  connect(address: IpSocketAddress): Promise<void> {
    const state = this.#state;
    if (state.kind !== 'initial' && state.kind !== 'bound') this.#refuse();
    if (!ip.fits(address, this.family) || !ip.isUnicast(address)) fail('invalid-argument');
    if (ip.isUnspecified(address) || address.val.port === 0) fail('invalid-argument');
    this.owner.network.check('tcp-connect', address);
    this.#held.set(BYTES_PER_CONNECTION);
    const socket = socketOver(state.kind === 'bound' ? state.handle : undefined);
    this.#state = { kind: 'connecting', socket };
    return this.#connecting(socket, address);
  }

  #connecting(socket: Socket, address: IpSocketAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.once('error', (cause) => {
        const error = toSocketError(cause);
        if (this.#state.kind === 'connecting') this.#state = { kind: 'closed', error };
        reject(error);
      });
      // The guest may drop the socket meanwhile: nobody is told, but the promise must settle.
      socket.once('close', () => reject(new SocketError('connection-aborted')));
      socket.once('connect', () => {
        this.options.applyTo(socket, this.family);
        this.#state = { kind: 'connected', connection: new TcpConnection(socket) };
        resolve();
      });
      socket.connect({ host: ip.hostOf(address), port: address.val.port, autoSelectFamily: false });
    });
  }

  /** The connection. Throws `invalid-state` unless the socket is connected. */
  get connection(): TcpConnection {
    return this.#state.kind === 'connected' ? this.#state.connection : this.#refuse();
  }

  /** Listens. An unbound socket is first bound to a port of the system's choice. */
  listen(): void {
    if (this.#state.kind === 'initial') this.bind(ip.unspecified(this.family));
    const handle = this.#state.kind === 'bound' ? this.#state.handle : this.#refuse();
    this.owner.network.check('tcp-bind', addressOf(handle));
    const server = listenOn(handle, this.options.backlog, (socket) => this.#arrived(socket));
    this.#state = { kind: 'listening', server, handle };
  }

  #arrived(socket: Socket): void {
    if (this.#waiting.length >= MAX_WAITING || !this.#count()) {
      socket.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const options = this.options.clone();
    options.applyTo(socket, this.family);
    const state: State = { kind: 'connected', connection: new TcpConnection(socket) };
    const accepted = new TcpSocket(this.owner, this.family, options, state);
    if (!accepted.#held.trySet(BYTES_PER_CONNECTION)) {
      accepted.release();
      return;
    }
    this.#waiting.push(accepted);
    this.#accept?.resolve();
    this.#accept = undefined;
  }

  #count(): boolean {
    try {
      this.owner.network.count();
      return true;
    } catch {
      return false;
    }
  }

  /** Accepts a connection; undefined when none waits. Throws `invalid-state` when the socket does not listen. */
  accept(): TcpSocket | undefined {
    if (!this.isListening) this.#refuse();
    return this.#waiting.shift();
  }

  /** A promise of the next connection; undefined when `accept` would give one now. */
  acceptReady(): Promise<void> | undefined {
    if (!this.isListening || this.#waiting.length > 0) return undefined;
    this.#accept ??= Promise.withResolvers();
    return this.#accept.promise;
  }

  get localAddress(): IpSocketAddress {
    const state = this.#state;
    if (state.kind === 'bound' || state.kind === 'listening') return addressOf(state.handle);
    return this.connection.local;
  }

  get remoteAddress(): IpSocketAddress {
    return this.connection.remote;
  }

  /** Changes options; `change` throws for a value that is not valid. */
  setOption(change: (options: TcpOptions) => void): void {
    if (this.#state.kind === 'closed') this.#refuse();
    change(this.options);
    if (this.#state.kind === 'connected') this.#state.connection.apply(this.options, this.family);
  }

  protected close(): void {
    const state = this.#state;
    this.#state = { kind: 'closed', error: undefined };
    for (const socket of this.#waiting.splice(0)) socket.release();
    this.#accept?.resolve();
    if (state.kind === 'bound') state.handle.close();
    else if (state.kind === 'connecting') state.socket.destroy();
    else if (state.kind === 'listening') state.server.close();
    // A connection counts until its last bytes have gone out.
    if (state.kind === 'connected') state.connection.close(this.#gone);
    else this.#gone();
  }

  readonly #gone = (): void => {
    this.owner.network.giveBack();
    this.#held.release();
  };

  #refuse(): never {
    if (this.#state.kind === 'closed' && this.#state.error) throw this.#state.error;
    return fail('invalid-state');
  }
}
