// Calls setsockopt(2) through node:ffi, for the two options of TCP sockets that Node cannot set. This works on Linux on
// x64 and arm64 and does nothing elsewhere: the sizes are hints, and a hop limit then keeps the system's own value
// (docs/limits.md).
import type { IpFamily } from './ip-address.ts';

/** Numbers of <sys/socket.h> and <netinet/in.h>. */
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const IPPROTO_IP = 0;
const IP_TTL = 2;
const IPPROTO_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;

type SetSockOpt = (fd: number, level: number, option: number, value: number) => void;
type Ffi = typeof import('node:ffi');

export function setHopLimit(fd: number, family: IpFamily, hops: number): void {
  if (family === 'ipv4') call()(fd, IPPROTO_IP, IP_TTL, hops);
  else call()(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops);
}

export function setBufferSize(fd: number, which: 'send' | 'receive', bytes: number): void {
  call()(fd, SOL_SOCKET, which === 'send' ? SO_SNDBUF : SO_RCVBUF, bytes);
}

let known: SetSockOpt | undefined;

/** Gives the function, which is loaded when a guest first sets such an option: hardly any guest does. */
function call(): SetSockOpt {
  known ??= load();
  return known;
}

function load(): SetSockOpt {
  const nothing: SetSockOpt = () => undefined;
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) return nothing;
  try {
    const ffi = quietFfi();
    if (ffi === undefined) return nothing;
    const { functions: c } = ffi.dlopen(null, {
      setsockopt: { return: 'int32', arguments: ['int32', 'int32', 'int32', 'uint64', 'uint32'] },
    });
    const value = new Int32Array(1);
    const address = ffi.getRawPointer(value.buffer);
    return (fd, level, option, wanted) => {
      value[0] = wanted;
      c.setsockopt(fd, level, option, address, value.byteLength);
    };
  } catch {
    return nothing;
  }
}

/** Loads node:ffi without Node's warning about experimental modules. */
function quietFfi(): Ffi | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:ffi');
  } finally {
    process.emitWarning = emitWarning;
  }
}
