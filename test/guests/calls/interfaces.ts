// The functions that the guests of this folder can call.
import type { Wanted } from '../support/calls.ts';

const sync = /^(?!.*-async$)/;

const wasi = (name: string, only?: RegExp): Wanted => ({
  name: `wasi:${name}@0.2.12`,
  service: 'wasi',
  ...(only && { only }),
});

/** Of WASI 0.2: what concerns permissions. */
const wasiCalls: readonly Wanted[] = [
  wasi('cli/environment'),
  wasi('clocks/monotonic-clock'),
  wasi('random/random'),
  wasi('io/poll'),
  wasi('io/streams', /\.(blocking-read|blocking-write-and-flush|subscribe)$/),
  wasi('filesystem/preopens'),
  wasi(
    'filesystem/types',
    /\.(open-at|read|write|read-directory|read-directory-entry|create-directory-at|unlink-file-at|rename-at|symlink-at)$/,
  ),
  wasi('sockets/instance-network'),
  wasi('sockets/tcp-create-socket'),
  wasi('sockets/tcp', /\.(start-connect|finish-connect|start-bind|start-listen|subscribe)$/),
  wasi('sockets/udp-create-socket'),
  wasi('sockets/udp', /\.(start-bind|finish-bind|stream)$|datagram-stream\.(check-send|send|receive)$/),
  wasi('sockets/ip-name-lookup'),
];

/** What a component may use of its own machine, in the versions whose functions are synchronous. */
export const localCalls: readonly Wanted[] = [
  ...wasiCalls,
  { name: 'fermyon:spin/config', service: 'variables' },
  { name: 'fermyon:spin/variables@2.0.0', service: 'variables' },
  { name: 'wasi:config/store@0.2.0-draft-2024-09-27', service: 'variables' },
  { name: 'fermyon:spin/key-value', service: 'key-value' },
  { name: 'fermyon:spin/key-value@2.0.0', service: 'key-value' },
  { name: 'wasi:keyvalue/store@0.2.0-draft2', service: 'key-value' },
  { name: 'wasi:keyvalue/batch@0.2.0-draft2', service: 'key-value' },
  { name: 'wasi:keyvalue/atomics@0.2.0-draft2', service: 'key-value' },
  { name: 'fermyon:spin/sqlite', service: 'sqlite' },
  { name: 'fermyon:spin/sqlite@2.0.0', service: 'sqlite' },
  { name: 'spin:sqlite/sqlite@3.0.0', service: 'sqlite', from: 'spin:sqlite/sqlite@3.1.0', only: sync },
];

/** Servers elsewhere, in the versions whose functions are synchronous. */
export const serverCalls: readonly Wanted[] = [
  { name: 'fermyon:spin/redis', service: 'redis' },
  { name: 'fermyon:spin/redis@2.0.0', service: 'redis' },
  { name: 'fermyon:spin/mqtt@2.0.0', service: 'mqtt' },
  { name: 'fermyon:spin/postgres', service: 'postgres' },
  { name: 'fermyon:spin/postgres@2.0.0', service: 'postgres' },
  { name: 'spin:postgres/postgres@3.0.0', service: 'postgres' },
  { name: 'fermyon:spin/mysql', service: 'mysql' },
  { name: 'fermyon:spin/mysql@2.0.0', service: 'mysql' },
  { name: 'fermyon:spin/http', service: 'outbound-http' },
  { name: 'fermyon:spin/llm', service: 'llm' },
  { name: 'fermyon:spin/llm@2.0.0', service: 'llm' },
];

/** The interfaces of Spin with asynchronous functions. */
export const serviceCalls: readonly Wanted[] = [
  { name: 'spin:variables/variables@3.0.0', service: 'variables' },
  { name: 'spin:key-value/key-value@3.0.0', service: 'key-value' },
  { name: 'spin:sqlite/sqlite@3.1.0', service: 'sqlite' },
  { name: 'spin:redis/redis@3.0.0', service: 'redis' },
  { name: 'spin:mqtt/mqtt@3.0.0', service: 'mqtt' },
  { name: 'spin:mysql/mysql@3.0.0', service: 'mysql' },
  { name: 'spin:postgres/postgres@4.2.0', service: 'postgres' },
];

/** What the components of Spin's conformance tests call. */
export const conformanceCalls: readonly Wanted[] = [
  wasi('io/poll', /^\[method\]pollable\.block$/),
  wasi('io/streams', /\.(blocking-read|blocking-write-and-flush)$/),
  wasi('sockets/instance-network'),
  wasi('sockets/tcp-create-socket'),
  wasi('sockets/tcp', /\.(start-connect|finish-connect|subscribe)$/),
  { name: 'fermyon:spin/key-value@2.0.0', service: 'key-value' },
  { name: 'fermyon:spin/sqlite@2.0.0', service: 'sqlite' },
  { name: 'fermyon:spin/variables@2.0.0', service: 'variables' },
  { name: 'fermyon:spin/redis@2.0.0', service: 'redis' },
  { name: 'fermyon:spin/mqtt@2.0.0', service: 'mqtt' },
  {
    name: 'spin:postgres/postgres@4.0.0',
    service: 'postgres',
    from: 'spin:postgres/postgres@4.2.0',
    only: /^\[static\]connection\.open$|\.query$|\.execute$/,
  },
];
