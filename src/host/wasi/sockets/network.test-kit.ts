// A guest with sockets, and servers on 127.0.0.1, for the tests of this folder. Not part of the product.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after } from 'node:test';
import { parseAllowedHosts } from '../../network/allowed-hosts.ts';
import { ioInterfaces } from '../io/bindings-0.2.ts';
import { type HostObject, releaseAll } from '../io/host-object.ts';
import type { WasiState } from '../state.ts';
import { caller, testState } from '../wasi.test-kit.ts';
import { socketsInterfaces } from './bindings-0.2.ts';
import type { IpSocketAddress } from './ip-address.ts';
import { outboundPolicy, type SocketPolicy } from './policy.ts';

export const localhost = (port: number, last = 1): IpSocketAddress => ({
  tag: 'ipv4',
  val: { port, address: [127, 0, 0, last] },
});

/** A policy that allows everything on this machine, and nothing elsewhere. */
export const localPolicy: SocketPolicy = {
  allows: (_use, host) => host.startsWith('127.') || host === '0.0.0.0' || host === '::1' || host === '0:0:0:0:0:0:0:1',
  allowsName: (name) => name === 'localhost',
};

export const allowing = (...hosts: string[]): SocketPolicy => outboundPolicy(parseAllowedHosts(hosts));

type Handle = HostObject;
const folders: Readonly<Record<string, string>> = {
  'tcp-socket': 'tcp',
  'udp-socket': 'udp',
  'incoming-datagram-stream': 'udp',
  'outgoing-datagram-stream': 'udp',
  'resolve-address-stream': 'ip-name-lookup',
};

/**
 * Calls functions by short names: `get('tcp-socket.accept', socket)` unwraps a success, `code` an error; each fails on
 * the other.
 */
export class SocketGuest {
  readonly state: WasiState;
  readonly network: object;
  readonly #call;

  constructor(policy: SocketPolicy = localPolicy) {
    this.state = testState({ socketPolicy: policy });
    this.#call = caller([...socketsInterfaces, ...ioInterfaces], this.state);
    this.network = this.#call('wasi:sockets/instance-network', 'instance-network') as object;
    after(() => releaseAll(this.state));
  }

  call(name: string, ...args: unknown[]): unknown {
    const type = name.split('.')[0] ?? '';
    if (name === 'create-tcp-socket') return this.#call('wasi:sockets/tcp-create-socket', name, ...args);
    if (name === 'create-udp-socket') return this.#call('wasi:sockets/udp-create-socket', name, ...args);
    if (name === 'resolve-addresses') return this.#call('wasi:sockets/ip-name-lookup', name, this.network, ...args);
    return this.#call(`wasi:sockets/${folders[type]}`, `[method]${name}`, ...args);
  }

  get<T = Handle>(name: string, ...args: unknown[]): T {
    const { tag, val } = this.call(name, ...args) as { tag: string; val: T };
    assert.equal(tag, 'ok', `${name}: ${String(val)}`);
    return val;
  }

  code(name: string, ...args: unknown[]): string {
    const { tag, val } = this.call(name, ...args) as { tag: string; val: string };
    assert.equal(tag, 'err', `${name} succeeded`);
    return val;
  }

  /** Waits with a pollable, and drops it. */
  async wait(name: string, self: unknown): Promise<void> {
    const pollable = this.call(`${name}.subscribe`, self) as Handle;
    await this.#call('wasi:io/poll', '[method]pollable.block', pollable);
    pollable.drop();
  }

  io(name: string, ...args: unknown[]): unknown {
    return this.#call('wasi:io/streams', `[method]${name}`, ...args);
  }

  drop(interfaceName: string, type: string, self: unknown): void {
    const found = socketsInterfaces.find(({ name }) => name === `wasi:sockets/${interfaceName}`);
    found?.resources[type]?.drop?.(this.state as never, self as never);
  }

  async connect(port: number): Promise<{ socket: Handle; input: Handle; output: Handle }> {
    const socket = this.get('create-tcp-socket', 'ipv4');
    this.get('tcp-socket.start-connect', socket, this.network, localhost(port));
    await this.wait('tcp-socket', socket);
    const [input, output] = this.get<[Handle, Handle]>('tcp-socket.finish-connect', socket);
    return { socket, input, output };
  }

  async listen(address = localhost(0)): Promise<{ socket: Handle; port: number }> {
    const socket = this.get('create-tcp-socket', address.tag);
    this.get('tcp-socket.start-bind', socket, this.network, address);
    this.get('tcp-socket.finish-bind', socket);
    this.get('tcp-socket.start-listen', socket);
    this.get('tcp-socket.finish-listen', socket);
    return { socket, port: this.get<IpSocketAddress>('tcp-socket.local-address', socket).val.port };
  }

  /** Reads everything until the end. */
  async readAll(input: Handle): Promise<string> {
    let text = '';
    for (;;) {
      const result = await this.io('input-stream.blocking-read', input, 65_536n);
      const { tag, val } = result as { tag: string; val: Uint8Array };
      if (tag === 'err') return text;
      text += Buffer.from(val).toString('latin1');
    }
  }

  async write(output: Handle, text: string): Promise<unknown> {
    return this.io('output-stream.blocking-write-and-flush', output, Buffer.from(text, 'latin1'));
  }
}

/** Starts a server of the host and gives its port; each connection goes to `handle`. */
export async function serve(handle: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => undefined));
    handle(socket);
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}
