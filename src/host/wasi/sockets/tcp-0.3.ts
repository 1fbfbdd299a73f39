// wasi:sockets@0.3 tcp-socket: the same sockets as in 0.2, with streams and futures in place of start and finish.
import { ProducedStream, type StreamReader, type StreamWriter } from '../../../component/types/streams.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { resource, suspending } from '../../service.ts';
import { emptyStream, fromGuest, toGuest } from '../io/byte-streams-0.3.ts';
import { SocketError } from './error-code.ts';
import type { IpFamily, IpSocketAddress } from './ip-address.ts';
import type { SocketOwner } from './network.ts';
import { attempt, attemptLater, codeIn03, type ErrorCode } from './results-0.3.ts';
import { SocketStreamFailure, type TcpConnection } from './tcp-connection.ts';
import type { TcpOptions } from './tcp-options.ts';
import { TcpSocket } from './tcp-socket.ts';

type Owner = SocketOwner;
type Done = Result<undefined, ErrorCode>;

/** The directions of each connection that were taken already: each can be taken once. */
const taken = new WeakMap<TcpConnection, { send: boolean; receive: boolean }>();

/**
 * Takes a direction of a connection. Throws `invalid-state` when the socket is not connected, or the direction was
 * taken before.
 */
function take(self: TcpSocket, direction: 'send' | 'receive'): TcpConnection {
  const { connection } = self;
  const known = taken.get(connection) ?? { send: false, receive: false };
  if (known[direction]) throw new SocketError('invalid-state');
  taken.set(connection, { ...known, [direction]: true });
  return connection;
}

function codeOfFailure(error: unknown): ErrorCode {
  return codeIn03(error instanceof SocketStreamFailure ? error.socketError : error);
}

/** Sends a guest's stream, and closes the connection in this direction when the stream ends. */
async function send(self: TcpSocket, data: StreamReader<number>): Promise<Done> {
  try {
    const connection = take(self, 'send');
    try {
      await fromGuest(data, connection.output, connection.failure ?? new SocketError('connection-broken'));
    } finally {
      connection.output.close();
    }
    return ok();
  } catch (error) {
    data.close();
    return err(codeOfFailure(error));
  }
}

function receive(self: TcpSocket): [ProducedStream<number>, Promise<Done>] {
  const connection = attempt(() => take(self, 'receive'));
  if (connection.tag === 'err') return [emptyStream(), Promise.resolve(connection)];
  const { stream, ended } = toGuest(connection.val.input, self.owner.hostBytes);
  return [stream, ended.then((failure) => (failure === undefined ? ok() : err(codeOfFailure(failure))))];
}

function listen(self: TcpSocket): Result<ProducedStream<TcpSocket>, ErrorCode> {
  return attempt(() => {
    self.listen();
    return new ProducedStream<TcpSocket>((writer) => void accept(self, writer));
  });
}

/** Accepts connections until nobody wants more, or the socket is dropped. */
async function accept(self: TcpSocket, writer: StreamWriter<TcpSocket>): Promise<void> {
  const gone = Promise.withResolvers<void>();
  writer.onDrop(gone.resolve);
  while (!writer.dropped && !self.released) {
    const wait = self.acceptReady();
    if (wait !== undefined) {
      await Promise.race([wait, gone.promise]);
      continue;
    }
    const socket = self.accept();
    if (socket !== undefined && (await writer.write([socket])) === 0) socket.release();
  }
  writer.close();
}

const get =
  <T>(value: (options: TcpOptions) => T) =>
  (_owner: Owner, self: TcpSocket) =>
    attempt(() => value(self.options));

const set =
  <T>(change: (options: TcpOptions, value: T) => void) =>
  (_owner: Owner, self: TcpSocket, value: T) =>
    attempt(() => self.setOption((options) => change(options, value)));

export const tcpResource = resource('tcp-socket', (_owner: Owner, self: TcpSocket) => self.drop());

export const tcpFunctions = {
  '[static]tcp-socket.create': (owner: Owner, family: IpFamily) => attempt(() => TcpSocket.create(owner, family)),
  '[method]tcp-socket.bind': (_owner: Owner, self: TcpSocket, address: IpSocketAddress) =>
    attempt(() => self.bind(address)),
  '[method]tcp-socket.connect': suspending((_owner: Owner, self: TcpSocket, address: IpSocketAddress) =>
    attemptLater(async () => self.connect(address)),
  ),
  '[method]tcp-socket.listen': (_owner: Owner, self: TcpSocket) => listen(self),
  '[method]tcp-socket.send': (_owner: Owner, self: TcpSocket, data: StreamReader<number>) => send(self, data),
  '[method]tcp-socket.receive': (_owner: Owner, self: TcpSocket) => receive(self),
  '[method]tcp-socket.get-local-address': (_owner: Owner, self: TcpSocket) => attempt(() => self.localAddress),
  '[method]tcp-socket.get-remote-address': (_owner: Owner, self: TcpSocket) => attempt(() => self.remoteAddress),
  '[method]tcp-socket.get-is-listening': (_owner: Owner, self: TcpSocket) => self.isListening,
  '[method]tcp-socket.get-address-family': (_owner: Owner, self: TcpSocket) => self.family,
  '[method]tcp-socket.set-listen-backlog-size': set<bigint>((options, value) => options.setBacklog(value)),
  '[method]tcp-socket.get-keep-alive-enabled': get((options) => options.keepAlive),
  '[method]tcp-socket.set-keep-alive-enabled': set<boolean>((options, value) => {
    options.keepAlive = value;
  }),
  '[method]tcp-socket.get-keep-alive-idle-time': get((options) => options.idle),
  '[method]tcp-socket.set-keep-alive-idle-time': set<bigint>((options, value) => {
    options.idle = value;
  }),
  '[method]tcp-socket.get-keep-alive-interval': get((options) => options.interval),
  '[method]tcp-socket.set-keep-alive-interval': set<bigint>((options, value) => {
    options.interval = value;
  }),
  '[method]tcp-socket.get-keep-alive-count': get((options) => options.count),
  '[method]tcp-socket.set-keep-alive-count': set<number>((options, value) => {
    options.count = value;
  }),
  '[method]tcp-socket.get-hop-limit': get((options) => options.hopLimit),
  '[method]tcp-socket.set-hop-limit': set<number>((options, value) => {
    options.hopLimit = value;
  }),
  '[method]tcp-socket.get-receive-buffer-size': get((options) => options.receiveBuffer),
  '[method]tcp-socket.set-receive-buffer-size': set<bigint>((options, value) => {
    options.receiveBuffer = value;
  }),
  '[method]tcp-socket.get-send-buffer-size': get((options) => options.sendBuffer),
  '[method]tcp-socket.set-send-buffer-size': set<bigint>((options, value) => {
    options.sendBuffer = value;
  }),
};
