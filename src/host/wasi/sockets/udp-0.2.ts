// wasi:sockets@0.2 udp and udp-create-socket. started-udp.ts has what the functions do.
import { defineInterface, type Functions, resource } from '../../service.ts';
import type { HostObject } from '../io/host-object.ts';
import type { SocketOwner } from './network.ts';
import * as udp from './started-udp.ts';

const drop = (_owner: SocketOwner, object: HostObject): void => object.drop();

/** The udp interface of a version that has `more` functions than 0.2.12. */
export function udpInterface(version: string, more: Functions<SocketOwner> = {}) {
  return defineInterface<SocketOwner>('wasi', 'wasi:sockets/udp', version, {
    resources: [
      resource('udp-socket', udp.dropUdpSocket),
      resource('incoming-datagram-stream', drop),
      resource('outgoing-datagram-stream', drop),
    ],
    functions: {
      '[method]udp-socket.start-bind': udp.startBind,
      '[method]udp-socket.finish-bind': udp.finishBind,
      '[method]udp-socket.stream': udp.stream,
      '[method]udp-socket.local-address': udp.localAddress,
      '[method]udp-socket.remote-address': udp.remoteAddress,
      '[method]udp-socket.address-family': udp.addressFamily,
      '[method]udp-socket.unicast-hop-limit': udp.hopLimit,
      '[method]udp-socket.set-unicast-hop-limit': udp.setHopLimit,
      '[method]udp-socket.receive-buffer-size': udp.receiveBufferSize,
      '[method]udp-socket.set-receive-buffer-size': udp.setReceiveBufferSize,
      '[method]udp-socket.send-buffer-size': udp.sendBufferSize,
      '[method]udp-socket.set-send-buffer-size': udp.setSendBufferSize,
      '[method]udp-socket.subscribe': udp.subscribe,
      '[method]incoming-datagram-stream.receive': udp.receive,
      '[method]incoming-datagram-stream.subscribe': udp.subscribeReceive,
      '[method]outgoing-datagram-stream.check-send': udp.checkSend,
      '[method]outgoing-datagram-stream.send': udp.send,
      '[method]outgoing-datagram-stream.subscribe': udp.subscribeSend,
      ...more,
    },
  });
}

/** udp-create-socket, which is the same in every version of 0.2. */
export const udpCreateSocket = defineInterface<SocketOwner>('wasi', 'wasi:sockets/udp-create-socket', '0.2.12', {
  functions: { 'create-udp-socket': udp.createUdpSocket },
});
