// Listening sockets that are no address of TCP: one at a path, and one that whoever started the process had opened before,
// as systemd does. All workers accept from the same one.
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { MayflyError, messageOf } from '../errors.ts';
import type { ListenSocket, OpenSockets } from './listen-socket.ts';

/** A path, with the permissions that it gets; by default those that the process gives to files. */
export interface SocketPath {
  readonly path: string;
  readonly mode?: number | undefined;
}

/** The descriptor of a socket that is there. */
export interface SocketDescriptor {
  readonly fd: number;
}

export type GivenSocket = SocketPath | SocketDescriptor;

/** Bytes of the longest path that the system takes (`sun_path` of Linux, with its end). */
const LONGEST_PATH = 107;

/** Opens the socket for the workers of a pool, which is closed with the last of them. Rejects with 'listen-failed'. */
export async function shareGivenSocket(given: GivenSocket): Promise<OpenSockets> {
  const socket = await open(given);
  let users = 0;
  return {
    address: { host: '', port: 0 },
    isSpread: false,
    open() {
      users++;
      return socket;
    },
    release() {
      users--;
      if (users === 0) socket.close();
    },
  };
}

async function open(given: GivenSocket): Promise<ListenSocket> {
  if ('fd' in given) return opened(createHandle(null, given.fd), `descriptor ${given.fd}`);
  await makeWay(given.path);
  // The permissions count from the first moment on.
  const before = given.mode === undefined ? undefined : process.umask(0o777 & ~given.mode);
  try {
    return opened(createHandle(given.path, undefined), given.path);
  } finally {
    if (before !== undefined) process.umask(before);
  }
}

/**
 * Removes a socket at the path at which nobody listens any more, as a process that was killed leaves it. Rejects with
 * 'listen-failed' when something else is in the way.
 */
export async function makeWay(path: string): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw failed(path, `a path of a socket has ${LONGEST_PATH} bytes at most`);
  if (!existsSync(dirname(path))) throw failed(path, `there is no folder "${dirname(path)}"`);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw failed(path, 'there is a file that is no socket');
  const code = await connectionError(path);
  if (code === 'ENOENT') return;
  if (code !== 'ECONNREFUSED') throw failed(path, code === undefined ? 'somebody listens there' : code);
  try {
    unlinkSync(path);
  } catch (error) {
    throw failed(path, `the old socket cannot be removed: ${messageOf(error)}`, error);
  }
}

/** Why nobody can be reached at the path; undefined when somebody is. */
function connectionError(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
  });
}

type CreateHandle = (
  path: string | null,
  port: -1 | null,
  family: -1 | null,
  fd: number | undefined,
) => ListenSocket | number;

/** Makes a socket as `server.listen` does; this is not documented, and the tests notice when it is gone. */
function createHandle(path: string | null, fd: number | undefined): ListenSocket | number {
  const { _createServerHandle } = net as typeof net & { _createServerHandle: CreateHandle };
  return fd === undefined ? _createServerHandle(path, -1, -1, fd) : _createServerHandle(null, null, null, fd);
}

function opened(handle: ListenSocket | number, where: string): ListenSocket {
  if (typeof handle !== 'number') return handle;
  const code = getSystemErrorName(handle);
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'that needs rights that this process does not have',
    EADDRINUSE: 'somebody listens there',
  };
  throw failed(where, reasons[code] ?? code);
}

function failed(where: string, reason: string, cause?: unknown): MayflyError {
  return new MayflyError('listen-failed', `Cannot listen on ${where}: ${reason}`, { cause });
}
