// A UDP socket of a guest, whatever its version of WASI. Datagrams that arrive wait in a short queue, as they would in
// the kernel; those from where the component may not send to are dropped.
import dgram, { type Socket } from 'node:dgram';
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { HostObject } from '../io/host-object.ts';
import { codeOf, fail, SocketError, toSocketError } from './error-code.ts';
import type { IpFamily, IpSocketAddress } from './ip-address.ts';
import * as ip from './ip-address.ts';
import type { SocketOwner } from './network.ts';
import { notZero, toInt32 } from './tcp-options.ts';

/** The most bytes of a datagram: more than any network takes. */
const MAX_DATAGRAM = 65_535;
/** The most datagrams that wait for the guest; the rest is lost, as datagrams may be. */
const MAX_QUEUE = 64;
const MAX_QUEUE_BYTES = 262_144;
const BYTES_PER_DATAGRAM = 512;
/** The most datagrams that are on their way out. */
const MAX_SENDING = 16;

export interface Datagram {
  readonly data: Uint8Array;
  readonly from: IpSocketAddress;
}

export class UdpSocket extends HostObject {
  readonly owner: SocketOwner;
  readonly family: IpFamily;
  #socket: Socket | undefined;
  #bound = false;
  #remote: IpSocketAddress | undefined;
  #hopLimit = 64;
  #receiveBuffer = 65_536;
  #sendBuffer = 65_536;
  readonly #queue: Datagram[] = [];
  readonly #queued: HeldBytes;
  #sending = 0;
  #failure: SocketError | undefined;
  #arrival: PromiseWithResolvers<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  /** Makes a socket. Throws `new-socket-limit`. */
  static create(owner: SocketOwner, family: IpFamily): UdpSocket {
    owner.network.count();
    return new UdpSocket(owner, family);
  }

  private constructor(owner: SocketOwner, family: IpFamily) {
    super(owner);
    this.owner = owner;
    this.family = family;
    this.#queued = new HeldBytes(owner.hostBytes);
  }

  get isBound(): boolean {
    return this.#bound;
  }

  bind(address: IpSocketAddress): void {
    if (this.#bound) fail('invalid-state');
    if (!ip.fits(address, this.family)) fail('invalid-argument');
    this.owner.network.check('udp-bind', address);
    this.#open(address);
  }

  /** Opens the socket. An address is looked up at once, so that binding is over when `bind` returns. */
  #open(address: IpSocketAddress): void {
    const lookup = (
      host: string,
      family: unknown,
      done: (error: null, address: string, family: number) => void,
    ): void => done(null, host, Number(family));
    const socket = dgram.createSocket({
      type: this.family === 'ipv4' ? 'udp4' : 'udp6',
      ipv6Only: this.family === 'ipv6',
      lookup: lookup,
    });
    let failure: SocketError | undefined;
    socket.on('error', (error) => {
      failure ??= toSocketError(error);
      this.#failed(toSocketError(error));
    });
    socket.bind({ address: ip.hostOf(address), port: address.val.port, exclusive: true });
    if (failure !== undefined) {
      this.#failure = undefined;
      socket.close();
      throw failure;
    }
    socket.on('message', (data, from) => this.#arrived(data, ip.socketAddress(from)));
    this.#socket = socket;
    this.#bound = true;
    this.#apply(socket);
  }

  /**
   * Sets the address that `send` uses by default, and from which alone datagrams are received from now on. An unbound
   * socket is bound.
   */
  connect(address: IpSocketAddress): void {
    this.#checkRemote(address);
    this.owner.network.check('udp-send', address);
    const socket = this.#bindForSending();
    if (this.#remote !== undefined) this.disconnect();
    socket.connect(address.val.port, ip.hostOf(address));
    if (!isConnected(socket)) fail('remote-unreachable');
    this.#remote = address;
  }

  disconnect(): void {
    if (this.#remote === undefined) fail('invalid-state');
    this.#remote = undefined;
    this.#socket?.disconnect();
  }

  /** The number of datagrams that `send` takes without waiting. */
  get room(): number {
    return MAX_SENDING - this.#sending;
  }

  /** A promise of room for sending; undefined when there is room, or a failure to tell. */
  sendReady(): Promise<void> | undefined {
    if (this.room > 0 || this.released) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /**
   * Sends a datagram, to the connected address when no other is given. Everything is checked at once; the promise tells
   * how sending went.
   */
  send(data: Uint8Array, to: IpSocketAddress | undefined): Promise<void> {
    const target = to ?? this.#remote ?? fail('invalid-argument');
    if (data.length > MAX_DATAGRAM) fail('datagram-too-large');
    if (to !== undefined) this.#checkRemote(to);
    if (this.#remote !== undefined && !ip.sameAddress(target, this.#remote)) fail('invalid-argument');
    this.owner.network.check('udp-send', target);
    const socket = this.#bindForSending();
    const held = new HeldBytes(this.owner.hostBytes);
    held.set(costOf(data));
    this.#sending++;
    return new Promise<void>((resolve, reject) => {
      const done = (error: Error | null): void => {
        this.#sending--;
        held.release();
        this.#wakeRoom();
        // A refusal is the answer of a closed port to something that was sent before.
        if (error === null || codeOf(error) === 'connection-refused') resolve();
        else reject(toSocketError(error));
      };
      if (this.#remote !== undefined) socket.send(data, done);
      else socket.send(data, target.val.port, ip.hostOf(target), done);
    });
  }

  /** The next datagram; undefined when none has arrived. */
  receive(): Datagram | undefined {
    if (!this.#bound) fail('invalid-state');
    const datagram = this.#queue.shift();
    if (datagram !== undefined) {
      this.#queued.set(this.#queued.bytes - costOf(datagram.data));
      return datagram;
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    return undefined;
  }

  /** A promise of the next datagram; undefined when `receive` would give one, or fail. */
  receiveReady(): Promise<void> | undefined {
    if (this.#queue.length > 0 || this.#failure !== undefined || !this.#bound) return undefined;
    this.#arrival ??= Promise.withResolvers();
    return this.#arrival.promise;
  }

  get localAddress(): IpSocketAddress {
    if (this.#socket === undefined) return fail('invalid-state');
    return ip.socketAddress(this.#socket.address());
  }

  get remoteAddress(): IpSocketAddress {
    return this.#remote ?? fail('invalid-state');
  }

  get hopLimit(): number {
    return this.#hopLimit;
  }
  set hopLimit(value: number) {
    this.#hopLimit = notZero(value);
    this.#socket?.setTTL(value);
  }
  get receiveBuffer(): bigint {
    return BigInt(this.#receiveBuffer);
  }
  set receiveBuffer(value: bigint) {
    this.#receiveBuffer = toInt32(value);
    this.#socket?.setRecvBufferSize(this.#receiveBuffer);
  }
  get sendBuffer(): bigint {
    return BigInt(this.#sendBuffer);
  }
  set sendBuffer(value: bigint) {
    this.#sendBuffer = toInt32(value);
    this.#socket?.setSendBufferSize(this.#sendBuffer);
  }

  protected close(): void {
    this.owner.network.giveBack();
    this.#socket?.close();
    this.#socket = undefined;
    this.#queue.length = 0;
    this.#queued.release();
    this.#failure = new SocketError('connection-aborted');
    this.#wakeRoom();
    this.#arrival?.resolve();
  }

  #checkRemote(address: IpSocketAddress): void {
    if (!ip.fits(address, this.family) || ip.isUnspecified(address) || address.val.port === 0) fail('invalid-argument');
  }

  /** Binds the socket for sending, which needs no permission to bind: the port is the system's choice. */
  #bindForSending(): Socket {
    if (this.#socket === undefined) this.#open(ip.unspecified(this.family));
    return this.#socket ?? fail('invalid-state');
  }

  #apply(socket: Socket): void {
    if (this.#hopLimit !== 64) socket.setTTL(this.#hopLimit);
    if (this.#receiveBuffer !== 65_536) socket.setRecvBufferSize(this.#receiveBuffer);
    if (this.#sendBuffer !== 65_536) socket.setSendBufferSize(this.#sendBuffer);
  }

  #arrived(data: Uint8Array, from: IpSocketAddress): void {
    const bytes = this.#queued.bytes + costOf(data);
    if (this.#queue.length >= MAX_QUEUE || bytes > MAX_QUEUE_BYTES) return;
    if (this.#remote !== undefined && !ip.sameAddress(from, this.#remote)) return;
    if (!this.owner.network.allows('udp-send', from)) return;
    if (!this.#queued.trySet(bytes)) return;
    this.#queue.push({ data, from });
    this.#wakeArrival();
  }

  #failed(error: SocketError): void {
    this.#failure ??= error;
    this.#wakeArrival();
  }

  #wakeArrival(): void {
    this.#arrival?.resolve();
    this.#arrival = undefined;
  }

  #wakeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

/** Bytes of a datagram with what Node and its address take. */
function costOf(data: Uint8Array): number {
  return data.length + BYTES_PER_DATAGRAM;
}

function isConnected(socket: Socket): boolean {
  try {
    socket.remoteAddress();
    return true;
  } catch {
    return false;
  }
}
