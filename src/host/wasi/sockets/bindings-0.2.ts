// wasi:sockets@0.2, all of it present so that components link, and all of it denied: no socket is ever created, hence
// no method of one can be called. What a guest sees is `access-denied`.
import { err } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { defineInterface, resource } from '../../service.ts';

/** Resource → its methods, as the WIT has them. */
const tcp = {
  'tcp-socket':
    'start-bind finish-bind start-connect finish-connect start-listen finish-listen accept local-address ' +
    'remote-address is-listening address-family set-listen-backlog-size keep-alive-enabled set-keep-alive-enabled ' +
    'keep-alive-idle-time set-keep-alive-idle-time keep-alive-interval set-keep-alive-interval keep-alive-count ' +
    'set-keep-alive-count hop-limit set-hop-limit receive-buffer-size set-receive-buffer-size send-buffer-size ' +
    'set-send-buffer-size subscribe shutdown',
};
const udp = {
  'udp-socket':
    'start-bind finish-bind stream local-address remote-address address-family unicast-hop-limit ' +
    'set-unicast-hop-limit receive-buffer-size set-receive-buffer-size send-buffer-size set-send-buffer-size subscribe',
  'incoming-datagram-stream': 'receive subscribe',
  'outgoing-datagram-stream': 'check-send send subscribe',
};
const lookup = { 'resolve-address-stream': 'resolve-next-address subscribe' };

const denied = () => err('access-denied');
/** The one thing that is given out: a right to the network that opens nothing. */
const network = Object.freeze({});

export const socketsInterfaces = [
  define('instance-network', {}, { 'instance-network': () => network }),
  define('network', { network: '' }, { 'network-error-code': () => undefined }),
  define('tcp-create-socket', {}, { 'create-tcp-socket': denied }),
  define('tcp', tcp, {}),
  define('udp-create-socket', {}, { 'create-udp-socket': denied }),
  define('udp', udp, {}),
  define('ip-name-lookup', lookup, { 'resolve-addresses': denied }),
];

function define(name: string, resources: Readonly<Record<string, string>>, functions: Record<string, () => unknown>) {
  const methods: Record<string, () => unknown> = {};
  for (const [type, names] of Object.entries(resources)) {
    for (const method of names.split(' ').filter(Boolean)) methods[`[method]${type}.${method}`] = impossible;
  }
  return defineInterface<unknown>('wasi', `wasi:sockets/${name}`, '0.2.12', {
    functions: { ...functions, ...methods },
    resources: Object.keys(resources).map((type) => resource(type)),
  });
}

function impossible(): never {
  throw new Trap('method of a socket that was never created');
}
