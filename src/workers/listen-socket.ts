// Listening sockets that the parent holds and its workers accept from. A socket outlives the worker that uses it, so
// connections that nobody has accepted yet wait for the next worker instead of being reset.
import { lookup } from 'node:dns/promises';
import net, { createServer } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { MayflyError, messageOf } from '../errors.ts';

/** Node's own wrapper of a TCP socket, bound but not accepting; it can be sent to a child and be listened on there. */
export interface ListenSocket {
  close(): void;
}

export interface Address {
  /** The host as an IP address. */
  readonly host: string;
  readonly port: number;
}

export interface SocketSource {
  /** The address, with the real port when 0 was asked for. */
  readonly address: Address;
  /** Whether each worker has a socket of its own and the kernel spreads connections over them. */
  readonly isSpread: boolean;
  /**
   * Opens the socket for one worker and its successors. Where sockets cannot share a port, all workers get the same
   * one.
   */
  open(): ListenSocket | undefined;
  /** Gives a socket back: it is closed unless others use it. Connections that wait in it are then reset. */
  release(socket: ListenSocket): void;
}

/** Sockets that are there. */
export interface OpenSockets extends SocketSource {
  open(): ListenSocket;
}

/** The sockets of an app that listens nowhere. */
export const noSockets: SocketSource = {
  address: { host: '', port: 0 },
  isSpread: false,
  open: () => undefined,
  release: () => undefined,
};

interface TcpHandle extends ListenSocket {
  getsockname(out: { port?: number }): number;
}

type CreateHandle = (host: string, port: number, family: number, fd: undefined, flags: number) => TcpHandle | number;

/** The flag UV_TCP_REUSEPORT of libuv; systems where the kernel would not spread connections refuse it. */
const REUSE_PORT = 2;

/** Opens the sockets. Rejects with 'listen-failed'. */
export async function openSockets(host: string, port: number): Promise<OpenSockets> {
  const { address, family } = await resolve(host, port);
  if (port !== 0) await assertFree(address, port);
  const first = bind(address, port, family, REUSE_PORT);
  const isSpread = typeof first !== 'number';
  const shared = isSpread ? first : bound(address, port, bind(address, port, family, 0));
  const real = { host: address, port: portOf(shared) };
  const users = new Map<ListenSocket, number>([[shared, 0]]);
  return {
    address: real,
    isSpread,
    open() {
      const unused = [...users].find(([, count]) => count === 0)?.[0];
      const socket = unused ?? (isSpread ? bound(address, port, bind(address, real.port, family, REUSE_PORT)) : shared);
      users.set(socket, (users.get(socket) ?? 0) + 1);
      return socket;
    },
    release(socket) {
      const left = (users.get(socket) ?? 1) - 1;
      users.set(socket, left);
      if (left > 0) return;
      users.delete(socket);
      socket.close();
    },
  };
}

async function resolve(host: string, port: number): Promise<{ address: string; family: number }> {
  try {
    const { address, family } = await lookup(host);
    return { address, family };
  } catch (error) {
    throw listenFailed(host, port, `the name cannot be resolved (${messageOf(error)})`, error);
  }
}

/**
 * Fails when the port is taken: sockets that share a port would also share it with a second Mayfly that somebody starts
 * by mistake.
 */
function assertFree(host: string, port: number): Promise<void> {
  return new Promise((done, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenFailed(host, port, reasonOf(error.code ?? error.message), error));
    });
    server.listen({ host, port }, () => server.close(() => done()));
  });
}

/** Binds a socket as node:cluster does; this is not documented, and the tests notice when it is gone. */
function bind(host: string, port: number, family: number, flags: number): TcpHandle | number {
  const { _createServerHandle } = net as typeof net & { _createServerHandle: CreateHandle };
  const handle = _createServerHandle(host, port, family, undefined, flags);
  if (typeof handle === 'number') return handle;
  const error = handle.getsockname({});
  if (error === 0) return handle;
  handle.close();
  return error;
}

function bound(host: string, port: number, handle: TcpHandle | number): TcpHandle {
  if (typeof handle !== 'number') return handle;
  throw listenFailed(host, port, reasonOf(getSystemErrorName(handle)), undefined);
}

function portOf(handle: TcpHandle): number {
  const out: { port?: number } = {};
  handle.getsockname(out);
  return out.port ?? 0;
}

function reasonOf(code: string): string {
  if (code === 'EADDRINUSE') return 'the port is in use';
  if (code === 'EACCES') return 'the port needs rights that this process does not have';
  return code === 'EADDRNOTAVAIL' ? 'the address is not one of this machine' : code;
}

function listenFailed(host: string, port: number, reason: string, cause: unknown): MayflyError {
  return new MayflyError('listen-failed', `Cannot listen on ${host}:${port}: ${reason}`, { cause });
}
