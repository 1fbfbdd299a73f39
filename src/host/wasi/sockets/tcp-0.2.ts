// wasi:sockets@0.2 tcp and tcp-create-socket. started-tcp.ts has what the functions do.
import { defineInterface, type Functions, resource } from '../../service.ts';
import type { SocketOwner } from './network.ts';
import * as tcp from './started-tcp.ts';

/** The tcp interface of a version that has `more` functions than 0.2.12. */
export function tcpInterface(version: string, more: Functions<SocketOwner> = {}) {
  return defineInterface<SocketOwner>('wasi', 'wasi:sockets/tcp', version, {
    resources: [resource('tcp-socket', tcp.dropTcpSocket)],
    functions: {
      '[method]tcp-socket.start-bind': tcp.startBind,
      '[method]tcp-socket.finish-bind': tcp.finishBind,
      '[method]tcp-socket.start-connect': tcp.startConnect,
      '[method]tcp-socket.finish-connect': tcp.finishConnect,
      '[method]tcp-socket.start-listen': tcp.startListen,
      '[method]tcp-socket.finish-listen': tcp.finishListen,
      '[method]tcp-socket.accept': tcp.accept,
      '[method]tcp-socket.local-address': tcp.localAddress,
      '[method]tcp-socket.remote-address': tcp.remoteAddress,
      '[method]tcp-socket.is-listening': tcp.isListening,
      '[method]tcp-socket.address-family': tcp.addressFamily,
      '[method]tcp-socket.set-listen-backlog-size': tcp.setBacklog,
      '[method]tcp-socket.keep-alive-enabled': tcp.keepAlive,
      '[method]tcp-socket.set-keep-alive-enabled': tcp.setKeepAlive,
      '[method]tcp-socket.keep-alive-idle-time': tcp.keepAliveIdleTime,
      '[method]tcp-socket.set-keep-alive-idle-time': tcp.setKeepAliveIdleTime,
      '[method]tcp-socket.keep-alive-interval': tcp.keepAliveInterval,
      '[method]tcp-socket.set-keep-alive-interval': tcp.setKeepAliveInterval,
      '[method]tcp-socket.keep-alive-count': tcp.keepAliveCount,
      '[method]tcp-socket.set-keep-alive-count': tcp.setKeepAliveCount,
      '[method]tcp-socket.hop-limit': tcp.hopLimit,
      '[method]tcp-socket.set-hop-limit': tcp.setHopLimit,
      '[method]tcp-socket.receive-buffer-size': tcp.receiveBufferSize,
      '[method]tcp-socket.set-receive-buffer-size': tcp.setReceiveBufferSize,
      '[method]tcp-socket.send-buffer-size': tcp.sendBufferSize,
      '[method]tcp-socket.set-send-buffer-size': tcp.setSendBufferSize,
      '[method]tcp-socket.subscribe': tcp.subscribe,
      '[method]tcp-socket.shutdown': tcp.shutdown,
      ...more,
    },
  });
}

/** tcp-create-socket, which is the same in every version of 0.2. */
export const tcpCreateSocket = defineInterface<SocketOwner>('wasi', 'wasi:sockets/tcp-create-socket', '0.2.12', {
  functions: { 'create-tcp-socket': tcp.createTcpSocket },
});
