// Every limit that a manifest can set, and the limits of connections. The schema, the types, the defaults and the table
// of docs/manifest.md are made from this table; a new limit is one entry here, and its use in the part of the code that
// it names.

export interface LimitKind {
  /** The key of the limit in the manifest and in `--limit`. */
  readonly key: string;
  /** The unit of the values in the code; `Bytes` and `Ms` in the names say the same. */
  readonly unit: 'bytes' | 'milliseconds' | 'number';
  /** The least value that is accepted; 1 unless it is given. */
  readonly least?: 0;
  readonly default: number;
  /** What the limit bounds. */
  readonly of: string;
  /** What happens when the limit is reached. */
  readonly meaning: string;
  /** The parts of the code in which the limit holds, out of `limitParts`. */
  readonly parts: readonly LimitPart[];
}

export type FixedLimit = Pick<LimitKind, 'unit' | 'default' | 'of' | 'meaning'>;

/**
 * The parts of the code that hold to limits. A part takes its limits with `limitsOf`, or with `widestLimits` of
 * app/widest-limits.ts.
 */
export const limitParts = {
  sandbox: 'sandboxes, and the requests in them or waiting for one',
  wasi: 'what wasi:http keeps for a guest',
  output: 'what a guest writes to stdout and stderr',
  client: 'the connections on which a component sends requests',
  server: 'what clients send, before it is known for which component (the widest limit of all components counts)',
  process: 'all guests of the process (the widest limit of all components counts)',
  websocket: 'WebSockets, whose messages go to the component',
} as const;

export type LimitPart = keyof typeof limitParts;

const KiB = 1024;
const MiB = 1024 * KiB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The limits by their names in the code, in the order of the documentation. */
export const limitKinds = {
  memoryBytes: {
    key: 'memory',
    unit: 'bytes',
    default: 256 * MiB,
    of: 'all linear memories of a sandbox together',
    meaning:
      '`memory.grow` fails in the guest; a component that starts with more is an error at load. Objects of garbage-collected types and exceptions may take as much beside them, up to 512 MiB: the guest traps beyond ([limits.md](limits.md))',
    parts: ['sandbox'],
  },
  cpuSliceMs: {
    key: 'cpu_slice',
    unit: 'milliseconds',
    default: 2 * SECOND,
    of: 'a guest that holds the thread without a pause',
    meaning: 'the guest is stopped: 504',
    parts: ['sandbox'],
  },
  cpuMs: {
    key: 'cpu',
    unit: 'milliseconds',
    default: 10 * SECOND,
    of: 'the CPU time of a request',
    meaning: 'the guest is stopped: 504',
    parts: ['sandbox'],
  },
  wallMs: {
    key: 'wall',
    unit: 'milliseconds',
    default: 10 * MINUTE,
    of: "the time from a request's start to its guest's end",
    meaning: 'the guest is stopped: 504',
    parts: ['sandbox'],
  },
  stackBytes: {
    key: 'stack',
    unit: 'bytes',
    default: 984 * KiB,
    of: 'how deep a guest may recurse',
    meaning: 'the guest traps. The largest value of all components of the app counts; it cannot be above the default',
    parts: ['process'],
  },
  tableElements: {
    key: 'table_elements',
    unit: 'number',
    default: 1_000_000,
    of: 'all tables of a sandbox together',
    meaning: '`table.grow` fails in the guest; a component whose tables start with more is an error at load',
    parts: ['sandbox'],
  },
  handles: {
    key: 'handles',
    unit: 'number',
    default: 100_000,
    of: 'the live handles of a sandbox, over all of its component instances: resources, streams, futures, subtasks, waitable sets, error contexts',
    meaning: 'the guest traps',
    parts: ['sandbox'],
  },
  bufferedBytes: {
    key: 'buffered',
    unit: 'bytes',
    default: 64 * KiB,
    of: 'what the host holds of one body',
    meaning: 'the writer waits',
    parts: ['wasi', 'client', 'server'],
  },
  heldBytes: {
    key: 'held',
    unit: 'bytes',
    default: 16 * MiB,
    of: 'what the host keeps for a request, over all of: header fields, request lines, unread bodies, answers on their way (64 KiB each), what was read ahead of files and sockets, datagrams, error messages, parameters of calls that wait',
    meaning:
      'the guest traps; the body of a request that a guest takes as one value: 413; what else comes from outside is an error or, of datagrams, lost',
    parts: ['sandbox'],
  },
  logBytes: {
    key: 'log',
    unit: 'bytes',
    default: MiB,
    of: 'what a request writes to each of stdout and stderr',
    meaning: 'the rest is dropped, and the log says so',
    parts: ['output'],
  },
  concurrency: {
    key: 'concurrency',
    unit: 'number',
    default: 10_000,
    of: 'the sandboxes of the component at once',
    meaning: 'further requests queue',
    parts: ['sandbox'],
  },
  queueLength: {
    key: 'queue_length',
    unit: 'number',
    least: 0,
    default: 1_000,
    of: 'the requests of the component that queue',
    meaning: '503 with `retry-after`',
    parts: ['sandbox'],
  },
  queueMs: {
    key: 'queue_time',
    unit: 'milliseconds',
    default: 10 * SECOND,
    of: 'how long a request waits for a sandbox, or for the thread before it has started',
    meaning: '503 with `retry-after`',
    parts: ['sandbox'],
  },
  headerBytes: {
    key: 'header_bytes',
    unit: 'bytes',
    default: 64 * KiB,
    of: 'all header fields of one message, names and values',
    meaning:
      '431 for a request, whose target has 64 KiB of its own (414); an error for the guest that gets such a response; a trap for a guest that sets them',
    parts: ['wasi', 'client', 'server'],
  },
  headerCount: {
    key: 'header_count',
    unit: 'number',
    default: 1_000,
    of: 'the header fields of one message',
    meaning: '431 for a request; an error for the guest that gets such a response; a trap for a guest that sets them',
    parts: ['wasi', 'client', 'server'],
  },
  socketCount: {
    key: 'websockets',
    unit: 'number',
    default: 10_000,
    of: 'the WebSockets of the component at once',
    meaning: '503 with `retry-after`',
    parts: ['websocket'],
  },
  socketMessageBytes: {
    key: 'websocket_message',
    unit: 'bytes',
    default: MiB,
    of: 'one message that a client sends, with all its frames and when it is decompressed',
    meaning: 'the connection is closed with 1009',
    parts: ['websocket'],
  },
  socketFrames: {
    key: 'websocket_frames',
    unit: 'number',
    default: 1_024,
    of: 'the frames of one message that a client sends',
    meaning: 'the connection is closed with 1008',
    parts: ['websocket'],
  },
  socketQueue: {
    key: 'websocket_queue',
    unit: 'number',
    default: 64,
    of: 'the messages of one WebSocket that wait for their turn; together they have as many bytes as one message may',
    meaning: 'nothing more is read from the connection until there is room',
    parts: ['websocket'],
  },
  socketSendBytes: {
    key: 'websocket_send',
    unit: 'bytes',
    default: MiB,
    of: 'what is on its way to one client that does not take it',
    meaning: 'the connection is closed with 1013',
    parts: ['websocket'],
  },
  socketHeldBytes: {
    key: 'websocket_held',
    unit: 'bytes',
    default: 256 * MiB,
    of: 'what the host holds for all WebSockets of the component: messages that wait, parts of messages, what is on its way to clients',
    meaning: 'the connection that would need more is closed with 1013',
    parts: ['websocket'],
  },
  socketStateBytes: {
    key: 'websocket_state',
    unit: 'bytes',
    default: 4 * KiB,
    of: 'the state that a component keeps with one WebSocket',
    meaning: 'an error for the guest',
    parts: ['websocket'],
  },
  socketTopics: {
    key: 'websocket_topics',
    unit: 'number',
    default: 64,
    of: 'the topics to which one WebSocket is subscribed',
    meaning: 'an error for the guest',
    parts: ['websocket'],
  },
  socketPingMs: {
    key: 'websocket_ping',
    unit: 'milliseconds',
    default: 30 * SECOND,
    of: 'the time between two pings of a WebSocket',
    meaning: 'a client that has not answered the last one is gone: the connection is broken off, with 1006',
    parts: ['websocket'],
  },
  socketIdleMs: {
    key: 'websocket_idle',
    unit: 'milliseconds',
    default: 60 * MINUTE,
    of: 'how long a WebSocket may be open without a message in either direction',
    meaning: 'the connection is closed with 1001',
    parts: ['websocket'],
  },
} as const satisfies Readonly<Record<string, LimitKind>>;

/** The limits of connections that cannot be set, by the part of the code that holds to them. */
export const fixedLimits = {
  server: {
    targetBytes: { unit: 'bytes', default: 64 * KiB, of: 'the target of a request', meaning: '414' },
    headerMs: {
      unit: 'milliseconds',
      default: 20 * SECOND,
      of: "the time from the first byte of a request to its head's end",
      meaning: '408, and the connection is closed',
    },
    bodyIdleMs: {
      unit: 'milliseconds',
      default: MINUTE,
      of: 'how long the body of a request may bring nothing while the guest waits for it',
      meaning: 'the guest gets an error',
    },
    writeIdleMs: {
      unit: 'milliseconds',
      default: MINUTE,
      of: 'how long a client may take nothing of its answer',
      meaning: 'the connection is broken',
    },
    keepAliveMs: {
      unit: 'milliseconds',
      default: 65 * SECOND,
      of: 'how long a connection may be open without a request',
      meaning: 'it is closed',
    },
    lingerMs: {
      unit: 'milliseconds',
      default: 2 * SECOND,
      of: 'how long what a client still sends after its answer is read and thrown away',
      meaning: 'the connection is closed',
    },
    halfClosedMs: {
      unit: 'milliseconds',
      default: 2 * SECOND,
      of: 'how long a client that has closed its side waits for each piece of its answers',
      meaning: 'it counts as gone',
    },
    connections: {
      unit: 'number',
      default: 20_000,
      of: 'the connections of clients at once',
      meaning: 'further ones are closed at once',
    },
    streams: {
      unit: 'number',
      default: 100,
      of: 'the requests at once on one connection of HTTP/2',
      meaning: 'further ones are refused, and may be sent again',
    },
    resets: {
      unit: 'number',
      default: 100,
      of: 'the requests that a client of HTTP/2 breaks off before their answers, or that break off by its mistakes',
      meaning: 'the connection is closed',
    },
    resetsPerSecond: {
      unit: 'number',
      default: 20,
      of: 'how many of these are forgotten each second',
      meaning: 'those beyond count',
    },
    controlBytes: {
      unit: 'bytes',
      default: 64 * KiB,
      of: 'what a connection of HTTP/2 brings in a second that is no part of a request: settings, pings, windows, priorities, empty frames; eight times as much at once',
      meaning: 'the connection is closed',
    },
    sessionBytes: {
      unit: 'bytes',
      default: 10_000_000,
      of: 'what is kept for one connection of HTTP/2: heads and bodies on their way',
      meaning: 'further requests on it are refused',
    },
    settings: {
      unit: 'number',
      default: 32,
      of: 'the settings that a client of HTTP/2 sends at once',
      meaning: 'the connection is closed',
    },
    handshakes: {
      unit: 'number',
      default: 1_000,
      of: 'the handshakes of TLS at once',
      meaning: 'further connections are closed at once',
    },
    handshakeMs: {
      unit: 'milliseconds',
      default: 10 * SECOND,
      of: 'the time of a handshake of TLS',
      meaning: 'the connection is closed',
    },
  },
  client: {
    timeoutMs: {
      unit: 'milliseconds',
      default: 10 * MINUTE,
      of: 'the time to connect, to the first byte of a response, and between its bytes, unless the guest sets a time itself',
      meaning: 'the guest gets an error',
    },
    keepAliveMs: {
      unit: 'milliseconds',
      default: 30 * SECOND,
      of: 'how long a connection to a server is kept without a request',
      meaning: 'it is closed',
    },
  },
} as const satisfies Partial<Record<LimitPart, Readonly<Record<string, FixedLimit>>>>;

export type LimitName = keyof typeof limitKinds;
export type LimitKey = (typeof limitKinds)[LimitName]['key'];

/** The limits that a manifest or a command line sets; undefined means the default. */
export type Limits = { readonly [Name in LimitName]?: number | undefined };

/** The names of the limits of a part. */
type NamesOf<Part extends LimitPart> = {
  [Name in LimitName]: Part extends (typeof limitKinds)[Name]['parts'][number] ? Name : never;
}[LimitName];

/** All limits of a part, with their values. */
export type LimitsOf<Part extends LimitPart> = { readonly [Name in NamesOf<Part>]: number };

type FixedPart = keyof typeof fixedLimits;
export type FixedLimitsOf<Part extends FixedPart> = { readonly [Name in keyof (typeof fixedLimits)[Part]]: number };

export function fixedLimitsOf<Part extends FixedPart>(part: Part): FixedLimitsOf<Part> {
  const values = Object.entries<FixedLimit>(fixedLimits[part]).map(([name, { default: value }]) => [name, value]);
  return Object.fromEntries(values) as FixedLimitsOf<Part>;
}

export const allLimits = Object.entries(limitKinds) as readonly (readonly [
  LimitName,
  LimitKind & { readonly key: LimitKey },
])[];

/**
 * The limits that hold in `part`: for each one the value of the first of `settings` that sets it, so a component's must
 * come before its app's.
 */
export function limitsOf<Part extends LimitPart>(part: Part, ...settings: readonly Limits[]): LimitsOf<Part> {
  return mapLimits(part, (name, { default: otherwise }) => {
    const setting = settings.find((given) => given[name] !== undefined);
    return setting?.[name] ?? otherwise;
  });
}

/** Makes a number for each limit of `part`. */
export function mapLimits<Part extends LimitPart>(
  part: Part,
  value: (name: LimitName, kind: LimitKind) => number,
): LimitsOf<Part> {
  const here = allLimits.filter(([, { parts }]) => parts.includes(part));
  return Object.fromEntries(here.map(([name, kind]) => [name, value(name, kind)])) as LimitsOf<Part>;
}
