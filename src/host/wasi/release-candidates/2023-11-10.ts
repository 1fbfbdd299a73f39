// WASI 0.2.0-rc-2023-11-10, as old Spin apps import it: 0.2 with a few functions less, and a few under other names.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { defineInterface } from '../../service.ts';
import { cliInterfaces } from '../cli/bindings-0.2.ts';
import { clocksInterfaces } from '../clocks/bindings-0.2.ts';
import { filesystemInterfaces } from '../filesystem/bindings-0.2.ts';
import type { ErrorCode } from '../http/error-code.ts';
import type { Fields } from '../http/fields.ts';
import type { FutureTrailers } from '../http/incoming-body.ts';
import { httpInterfaces } from '../http/interfaces.ts';
import { ioInterfaces } from '../io/bindings-0.2.ts';
import { randomInterfaces } from '../random/bindings-0.2.ts';
import { socketsInterfaces } from '../sockets/bindings-0.2.ts';
import { type Changes, derive, resultParts, signatureOf } from './derive.ts';

const RC_2023_11_10 = '0.2.0-rc-2023-11-10';

/** The sockets of 0.2 are never dual-stack, and a candidate's guest cannot change that. */
export function ipv6Only(type: 'tcp-socket' | 'udp-socket'): Changes {
  const name = `wasi:sockets/${type.slice(0, 3)}`;
  const error = resultParts(signatureOf(name, `[method]${type}.local-address`)).err;
  const self = `borrow<${name}/${type}>`;
  const { functions } = defineInterface<unknown>('wasi', name, undefined, {
    functions: {
      [`[method]${type}.ipv6-only`]: () => ok(true),
      [`[method]${type}.set-ipv6-only`]: (_state, _self: unknown, value: boolean) =>
        value ? ok() : err('not-supported'),
    },
  });
  return {
    functions,
    types: {
      [`[method]${type}.ipv6-only`]: `func(${self}) -> result<bool, ${error}>`,
      [`[method]${type}.set-ipv6-only`]: `func(${self}, bool) -> result<_, ${error}>`,
    },
  };
}

const errorCode = resultParts(signatureOf('wasi:http/outgoing-handler', 'handle')).err;

const trailers = defineInterface<unknown>('wasi', 'wasi:http/types', undefined, {
  functions: {
    '[method]future-trailers.get': (_state, self: FutureTrailers) => trailersOf(self),
  },
});

/** Asking twice has no answer here. */
export function trailersOf(self: FutureTrailers): Result<Fields | undefined, ErrorCode> | undefined {
  const outcome = self.get();
  if (outcome?.tag === 'err') throw new Trap('the trailers were taken already');
  return outcome?.val;
}

const changes: Readonly<Record<string, Changes>> = {
  'wasi:cli/exit': { without: ['exit-with-code'] },
  'wasi:sockets/network': { without: ['network-error-code'] },
  'wasi:sockets/tcp': ipv6Only('tcp-socket'),
  'wasi:sockets/udp': ipv6Only('udp-socket'),
  'wasi:http/types': {
    without: ['[method]fields.has', '[method]response-outparam.send-informational'],
    functions: trailers.functions,
    types: {
      '[method]future-trailers.get': `func(borrow<wasi:http/types/future-trailers>) -> option<result<option<own<wasi:http/types/fields>>, ${errorCode}>>`,
    },
    // Durations in nanoseconds all the same, as Spin and Wasmtime took them.
    renamed: Object.fromEntries(
      ['connect-timeout', 'first-byte-timeout', 'between-bytes-timeout'].flatMap((name) => [
        [`[method]request-options.${name}`, `[method]request-options.${name}-ms`],
        [`[method]request-options.set-${name}`, `[method]request-options.set-${name}-ms`],
      ]),
    ),
  },
};

export const interfaces20231110 = [
  ...ioInterfaces,
  ...clocksInterfaces.filter(({ name }) => name !== 'wasi:clocks/timezone'),
  ...randomInterfaces,
  ...cliInterfaces,
  ...filesystemInterfaces,
  ...socketsInterfaces,
  ...httpInterfaces,
].map((one) => derive(one, RC_2023_11_10, changes[one.name]));
