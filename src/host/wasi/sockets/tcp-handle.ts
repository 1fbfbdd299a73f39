// Binds TCP sockets: node:net itself can only bind what listens or connects in the same step.
import net, { type Server, type Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { codeOf, SocketError } from './error-code.ts';
import { type HostAddress, hostOf, type IpSocketAddress, socketAddress } from './ip-address.ts';

/** Node's wrapper of a TCP socket, bound but neither listening nor connected. */
export interface TcpHandle {
  getsockname(out: Partial<HostAddress>): number;
  close(): void;
}

type CreateHandle = (host: string, port: number, family: number, fd: undefined, flags: number) => TcpHandle | number;

/** The flag UV_TCP_IPV6ONLY of libuv. */
const IPV6_ONLY = 1;

/** Binds a socket. Throws a SocketError. SO_REUSEADDR is on, as libuv has it outside of Windows. */
export function bindHandle(address: IpSocketAddress): TcpHandle {
  // This is not documented, but node:cluster is built on it; the tests notice when it is gone.
  const { _createServerHandle } = net as typeof net & { _createServerHandle: CreateHandle };
  const [family, flags] = address.tag === 'ipv4' ? [4, 0] : [6, IPV6_ONLY];
  const handle = _createServerHandle(hostOf(address), address.val.port, family, undefined, flags);
  if (typeof handle === 'number') throw systemError(handle);
  // libuv reports an address in use only here.
  const error = handle.getsockname({});
  if (error === 0) return handle;
  handle.close();
  throw systemError(error);
}

export function addressOf(handle: TcpHandle): IpSocketAddress {
  const out: Partial<HostAddress> = {};
  const error = handle.getsockname(out);
  if (error !== 0) throw systemError(error);
  return socketAddress(out as HostAddress);
}

/** Makes a socket that is not connected yet, over a bound handle or one that it makes when it connects. */
export function socketOver(handle: TcpHandle | undefined): Socket {
  // `manualStart` keeps a bound socket from reading before it is connected.
  const bound = handle === undefined ? {} : { handle, manualStart: true };
  return new net.Socket({ allowHalfOpen: true, ...bound } as net.SocketConstructorOpts);
}

/** Listens on a bound handle. Throws a SocketError. */
export function listenOn(handle: TcpHandle, backlog: number, accept: (socket: Socket) => void): Server {
  const server = net.createServer({ allowHalfOpen: true }, accept);
  // Whatever goes wrong is known when `listen` returns; the event that follows brings no news.
  server.on('error', () => undefined);
  server.listen(handle, backlog);
  if (!server.listening) throw new SocketError('address-in-use');
  return server;
}

function systemError(errno: number): SocketError {
  const code = getSystemErrorName(errno);
  const error = Object.assign(new Error(code), { code });
  return new SocketError(codeOf(error), { cause: error });
}
