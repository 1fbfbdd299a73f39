// WASI 0.2.0-rc-2023-10-18, as the first Spin 2 apps import it; HTTP and sockets stand in files of their own.
import type { HostInterface } from '../../../component/types/val-type.ts';
import { defineInterface, suspending } from '../../service.ts';
import { cliInterfaces } from '../cli/bindings-0.2.ts';
import { clocksInterfaces } from '../clocks/bindings-0.2.ts';
import { filesystemInterfaces } from '../filesystem/bindings-0.2.ts';
import { errorResource, ioInterfaces } from '../io/bindings-0.2.ts';
import type { ObjectOwner } from '../io/host-object.ts';
import type { GuestInputStream, GuestOutputStream, GuestPollable } from '../io/resources.ts';
import { randomInterfaces } from '../random/bindings-0.2.ts';
import { type Changes, derive, resultParts, signatureOf } from './derive.ts';
import { filesystemChanges } from './filesystem-2023-10-18.ts';
import { http20231018 } from './http-2023-10-18.ts';
import { sockets20231018 } from './sockets-2023-10-18.ts';

const RC_2023_10_18 = '0.2.0-rc-2023-10-18';

type Input = GuestInputStream;
type Output = GuestOutputStream;

function functionOf<T>(interfaces: readonly HostInterface[], interfaceName: string, name: string): T {
  return interfaces.find((one) => one.name === interfaceName)?.functions[name]?.call as T;
}

const io = <T>(interfaceName: string, name: string): T => functionOf<T>(ioInterfaces, `wasi:io/${interfaceName}`, name);
type Poll = (owner: ObjectOwner, pollables: readonly GuestPollable[]) => unknown;
type Block = (owner: ObjectOwner, pollable: GuestPollable) => unknown;
type Splice = (owner: ObjectOwner, self: Output, source: Input, length: bigint) => unknown;

const poll = io<Poll>('poll', 'poll');
const block = io<Block>('poll', '[method]pollable.block');
const splice = io<Splice>('streams', '[method]output-stream.splice');
const blockingSplice = io<Splice>('streams', '[method]output-stream.blocking-splice');

const pollFunctions = defineInterface<ObjectOwner>('wasi', 'wasi:io/poll', undefined, {
  functions: {
    'poll-list': suspending((owner: ObjectOwner, pollables: readonly GuestPollable[]) => poll(owner, pollables)),
    'poll-one': suspending((owner: ObjectOwner, pollable: GuestPollable) => block(owner, pollable)),
  },
});

/** The source comes as a handle that the guest gives away: it is closed afterwards, whatever is left in it. */
const streamFunctions = defineInterface<ObjectOwner>('wasi', 'wasi:io/streams', undefined, {
  functions: {
    '[method]error.to-debug-string': (_owner, self: Error) => self.message,
    '[method]output-stream.splice': (owner, self: Output, source: Input, length: bigint) => {
      const result = splice(owner, self, source, length);
      source.release();
      return result;
    },
    '[method]output-stream.blocking-splice': suspending(
      async (owner: ObjectOwner, self: Output, source: Input, length: bigint) => {
        const result = await blockingSplice(owner, self, source, length);
        source.release();
        return result;
      },
    ),
    '[method]output-stream.forward': suspending((owner: ObjectOwner, self: Output, source: Input) =>
      forward(owner, self, source),
    ),
  },
});

const FORWARD_STEP = 65_536n;

/** Splices until the source ends, which is a success; gives the number of bytes. */
async function forward(owner: ObjectOwner, self: Output, source: Input): Promise<unknown> {
  let total = 0n;
  for (;;) {
    const result = (await blockingSplice(owner, self, source, FORWARD_STEP)) as
      | { readonly tag: 'ok'; readonly val: bigint }
      | { readonly tag: 'err'; readonly val: { readonly tag: string } };
    if (result.tag === 'ok') {
      total += result.val;
      continue;
    }
    const ended = result.val.tag === 'closed' && source.ended;
    source.release();
    return ended ? { tag: 'ok', val: total } : result;
  }
}

const clockFunctions = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/monotonic-clock', undefined, {
  functions: {
    subscribe: (owner, when: bigint, absolute: boolean) => subscribe[absolute ? 'instant' : 'duration'](owner, when),
  },
});
type Subscribe = (owner: ObjectOwner, when: bigint) => unknown;
const subscribe = {
  instant: functionOf<Subscribe>(clocksInterfaces, 'wasi:clocks/monotonic-clock', 'subscribe-instant'),
  duration: functionOf<Subscribe>(clocksInterfaces, 'wasi:clocks/monotonic-clock', 'subscribe-duration'),
};

const streamError = resultParts(signatureOf('wasi:io/streams', '[method]input-stream.read')).err;
const output = 'borrow<wasi:io/streams/output-stream>';
const input = 'own<wasi:io/streams/input-stream>';

const changes: Readonly<Record<string, Changes>> = {
  'wasi:cli/exit': { without: ['exit-with-code'] },
  'wasi:io/poll': {
    without: ['poll', '[method]pollable.ready', '[method]pollable.block'],
    functions: pollFunctions.functions,
    types: {
      'poll-list': 'func(list<borrow<wasi:io/poll/pollable>>) -> list<u32>',
      'poll-one': 'func(borrow<wasi:io/poll/pollable>)',
    },
  },
  'wasi:io/streams': {
    functions: streamFunctions.functions,
    resources: { error: errorResource },
    types: inStreams({
      '[method]error.to-debug-string': 'func(borrow<wasi:io/error/error>) -> string',
      '[method]output-stream.splice': `func(${output}, ${input}, u64) -> result<u64, ${streamError}>`,
      '[method]output-stream.blocking-splice': `func(${output}, ${input}, u64) -> result<u64, ${streamError}>`,
      '[method]output-stream.forward': `func(${output}, ${input}) -> result<u64, ${streamError}>`,
    }),
  },
  'wasi:clocks/monotonic-clock': {
    without: ['subscribe-instant', 'subscribe-duration'],
    functions: clockFunctions.functions,
    types: { subscribe: 'func(u64, bool) -> own<wasi:io/poll/pollable>' },
  },
  'wasi:filesystem/types': filesystemChanges,
};

/** Errors stand in wasi:io/streams there. */
function toStreams(text: string): string {
  return text.replaceAll('wasi:io/error/error', 'wasi:io/streams/error');
}
function inStreams(types: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(types).map(([name, text]) => [name, toStreams(text)]));
}

export const interfaces20231018 = [
  ...[
    ...ioInterfaces.filter(({ name }) => name !== 'wasi:io/error'),
    ...clocksInterfaces,
    ...randomInterfaces,
    ...cliInterfaces,
    ...filesystemInterfaces,
  ].map((one) => derive(one, RC_2023_10_18, changes[one.name], toStreams)),
  ...http20231018(RC_2023_10_18),
  ...sockets20231018(RC_2023_10_18),
];
