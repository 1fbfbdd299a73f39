// Every event that the log has. Names and fields are stable, texts are not: scripts may match on the former.
// docs/log.md is made from this table; a test compares the two, and sees that nothing else is logged.
import { MayflyError, type ReachedLimit } from '../errors.ts';
import type { Logger } from './log.ts';

/** What each field of an event says. Fields without a value are left out. */
export const eventFields = {
  app: 'host of the app, where one process serves many',
  component: 'id of the component',
  requestId: 'id of the request: its `x-request-id`, else the trace of its `traceparent`, else a random one',
  traceId: 'trace of the request, when it brought a `traceparent` or traces are recorded',
  spanId: 'span of the guest, where traces are recorded',
  err: 'the error, with `type`, `message` and `stack`; also `code` and `hint`, if it is one of Mayfly',
  code: 'the code of the error: one of [errors.md](errors.md), or of `wasi:http`, or of the system; `internal` for any other error',
  limit: 'the limit that was reached, as [manifest.md](manifest.md) names it',
  value: 'the value of that limit, in bytes or milliseconds, or as a number',
  method: 'method of the request',
  path: 'path of the request, without its query',
  status: 'status of the answer that the client got',
  trigger: 'type of the trigger',
  name: 'what the event is: the channel, topic or queue of a message, or the expression of a tick; the name of a lease',
  exitCode: 'exit code with which a command or a process ended',
  signal: 'signal that ended the process',
  stream: 'where the guest printed the line: `stdout` or `stderr`',
  reason: 'why it happened, in words',
  url: 'URL of the file',
  digest: 'SHA-256 of the file',
  file: 'path of the file that it is about',
  line: 'line of that file, from 1',
  rule: 'code of the error that it would be where warnings are errors, as in [errors.md](errors.md)',
  inherits:
    'what a dependency or middleware that did it inherits of the configuration of its component; absent for the component itself',
  imports: 'names of the imported interfaces',
  label: 'label of the key-value store or SQLite database that the guest asked for',
  origin:
    'scheme, host and port that the guest wanted to reach; host and port of a broker; address that debuggers connect to; address of a proxy',
  entry: 'entry of `allowed_outbound_hosts` that would allow it',
  hops: 'how many components had passed the request on',
  cpuMs: 'CPU time of the guest, in milliseconds',
  wallMs: 'time from the start of the request to the end of its guest, in milliseconds',
  hostCalls: 'how many host functions the guest called',
  memoryBytes: 'linear memory of the sandbox when the guest ended, in bytes',
  sandbox:
    '`new` where the sandbox was made for the request, `kept` where it had served others and was put back to its image',
  discarded:
    '`true` where the sandbox was thrown away: its guest failed, grew its memory, or is initialised for each request',
  strategy: 'how sandboxes are reset',
  key: 'key of the prepared component in the cache',
  directory: 'folder of the cache',
  worker: 'number of the worker, from 1',
  workers: 'how many workers there are',
  pid: 'id of the process',
  port: 'port at which the workers listen',
  count: 'how many requests were denied without a line, how many messages were dropped, or how many apps there are',
  ms: 'how long it took, in milliseconds',
  delayMs: 'time until the next attempt, in milliseconds',
} as const;

export type EventField = keyof typeof eventFields;

export interface EventKind {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly meaning: string;
  readonly fields: readonly EventField[];
}

/** What every event of a guest at work has. */
const guest = ['component', 'requestId', 'traceId', 'spanId'] as const;
const used = ['cpuMs', 'wallMs', 'hostCalls', 'memoryBytes', 'sandbox', 'discarded'] as const;
const failure = ['err', 'code', 'limit', 'value'] as const;

export const events = {
  // Events of requests and guests.
  'broker-connected': {
    level: 'info',
    meaning: 'A trigger is connected to its broker, at the start or again, and gets messages',
    fields: ['trigger', 'origin'],
  },
  'broker-lost': {
    level: 'warn',
    meaning:
      'A trigger has no connection to its broker: it is tried again, with growing pauses, until there is one. Logged once',
    fields: ['trigger', 'origin', 'reason', 'delayMs'],
  },
  'event-failed': {
    level: 'error',
    meaning:
      'A guest failed at a message, a tick or an event of a WebSocket, or could not be started; it is not called with it again, except with a message of SQS, which stays in its queue',
    fields: ['component', 'trigger', 'name', ...failure],
  },
  'event-used': {
    level: 'info',
    meaning: 'With `--summary`: what a message, a tick or an event of a WebSocket used',
    fields: ['component', 'trigger', 'name', ...used],
  },
  'start-failed': {
    level: 'error',
    meaning: 'With `--log-format json`: the app does not start; a line for each mistake, a hundred at most',
    fields: ['file', 'line', ...failure],
  },
  'guest-exited': {
    level: 'warn',
    meaning: 'A command ended with an exit code other than 0',
    fields: [...guest, 'exitCode'],
  },
  'guest-failed': {
    level: 'error',
    meaning: 'A guest failed after it had answered, or its sandbox could not be put back',
    fields: [...guest, ...failure],
  },
  'guest-output': {
    level: 'info',
    meaning: 'A guest printed a line; the text is the line',
    fields: [...guest, 'stream'],
  },
  'label-denied': {
    level: 'warn',
    meaning: 'A guest opened a store or a database that its component may not: at most three lines a request',
    fields: [...guest, 'label', 'inherits'],
  },
  'message-left': {
    level: 'warn',
    meaning:
      'A message stays in its queue though no guest failed: it is too large for its component, or could not be deleted; the queue gives it again',
    fields: ['component', 'trigger', 'name', 'reason'],
  },
  'messages-dropped': {
    level: 'warn',
    meaning: 'Messages came faster than a component handles them, or were too large: they are lost',
    fields: ['component', 'trigger', 'name', 'count'],
  },
  'network-blocked': {
    level: 'warn',
    meaning:
      'A guest wanted to reach an address in a network that `block_networks` of the runtime configuration closes',
    fields: [...guest, 'origin', 'inherits'],
  },
  'network-denied': {
    level: 'warn',
    meaning:
      'A guest used a socket, looked up a name or opened a connection that its component may not: sockets and names once a request, connections three times at most for each service',
    fields: [...guest, 'origin', 'entry', 'inherits'],
  },
  'otel-unsent': {
    level: 'warn',
    meaning: 'Telemetry does not reach a collector; said once',
    fields: ['component', 'reason'],
  },
  'recording-dropped': {
    level: 'warn',
    meaning: 'With `--record`: a request has no recording; it is said once for each reason',
    fields: ['reason'],
  },
  'recording-failed': {
    level: 'warn',
    meaning: 'With `--record`: a recording cannot be written; it is said again when that has worked in between',
    fields: ['file', ...failure],
  },
  'request-denied': {
    level: 'warn',
    meaning: 'A guest sent a request to where its component may not send any',
    fields: [...guest, 'origin', 'entry', 'inherits'],
  },
  'requests-denied': {
    level: 'warn',
    meaning: 'More requests or connections of a guest were denied than have a line each, while it served one',
    fields: [...guest, 'count'],
  },
  'request-failed': {
    level: 'error',
    meaning: 'A request was answered with an error since its guest failed, was stopped or could not be started',
    fields: [...guest, 'method', 'path', 'status', ...failure],
  },
  'request-loop': {
    level: 'warn',
    meaning: 'Components of the app called each other in a circle, or in a chain that is too long',
    fields: [...guest, 'hops'],
  },
  'request-used': {
    level: 'info',
    meaning: 'With `--summary`: what a request used',
    fields: [...guest, 'method', 'path', ...used],
  },
  'tick-left-out': {
    level: 'warn',
    meaning: 'A cron trigger did not call its component, since too many earlier ticks are under way',
    fields: ['component', 'name'],
  },
  'accept-failed': {
    level: 'error',
    meaning: 'A connection could not be accepted; the server goes on',
    fields: [...failure],
  },
  'certificate-renewed': {
    level: 'info',
    meaning: 'The files of `--tls-cert` have a new certificate, which new connections get',
    fields: ['file'],
  },
  'certificate-refused': {
    level: 'error',
    meaning: 'The files of `--tls-cert` have changed and cannot be used; the certificate from before stays',
    fields: ['file', ...failure],
  },
  'proxy-header-refused': {
    level: 'warn',
    meaning:
      'A connection of a trusted proxy was closed, since it did not begin with a header of the PROXY protocol, which `--proxy-protocol` asks for',
    fields: ['origin'],
  },
  'app-stopping': {
    level: 'info',
    meaning: 'With `--log-format json`: a signal stops the app, and requests in flight are finished first',
    fields: [],
  },
  'inspector-open': {
    level: 'warn',
    meaning: 'With `--inspect`: where debuggers connect',
    fields: ['origin'],
  },
  'log-file-failed': {
    level: 'warn',
    meaning:
      'A file of what components print cannot be written; the app goes on, and it is told once until it can be again',
    fields: ['reason'],
  },
  'response-broken': {
    level: 'error',
    meaning: 'A response could not be sent, or not to its end',
    fields: ['method', 'path', ...failure],
  },
  'static-response-failed': {
    level: 'error',
    meaning: 'A `static_response` of the manifest cannot be sent',
    fields: ['path', ...failure],
  },
  // Events of loading the parts of an app.
  'cache-unused': {
    level: 'debug',
    meaning: 'A prepared component of the cache cannot be used: it is prepared afresh',
    fields: ['component', 'key', 'reason'],
  },
  'cache-unwritten': {
    level: 'debug',
    meaning: 'Prepared components cannot be written to the cache',
    fields: ['component', 'directory', 'reason'],
  },
  'cache-used': {
    level: 'debug',
    meaning: 'A prepared component came from the cache',
    fields: ['component', 'key'],
  },
  'component-initialised': {
    level: 'debug',
    meaning: 'A component is initialised once, and its sandboxes are kept and reset',
    fields: ['component'],
  },
  'component-not-initialised': {
    level: 'warn',
    meaning: 'A component is initialised for each request, which is slower',
    fields: ['component', 'reason'],
  },
  'component-not-recorded': {
    level: 'warn',
    meaning: 'With `--record`: requests of the component are not recorded, since they could not be replayed',
    fields: ['component', 'reason'],
  },
  'component-not-reused': {
    level: 'warn',
    meaning: 'The setting `reuse` has no effect',
    fields: ['component', 'reason'],
  },
  'component-not-warmed': {
    level: 'warn',
    meaning: 'The setting `warm` has no effect',
    fields: ['component', 'reason'],
  },
  'engine-made': {
    level: 'info',
    meaning: 'The engine that programs of a language run in is made, once',
    fields: ['component', 'label'],
  },
  'imports-unsupported': {
    level: 'warn',
    meaning: 'A component imports what Mayfly does not have: it fails if it calls that',
    fields: ['component', 'imports'],
  },
  'manifest-old': {
    level: 'info',
    meaning: 'The manifest is of version 1, and is read as if it were of version 2',
    fields: ['file', 'line'],
  },
  'manifest-questionable': {
    level: 'warn',
    meaning: 'The manifest says what an app can run with, and hardly means: `mayfly doctor` calls it an error',
    fields: ['file', 'line', 'rule'],
  },
  'mount-left-out': {
    level: 'warn',
    meaning: 'An entry of `files`, or a part of it, is not mounted',
    fields: ['component', 'reason'],
  },
  'reset-chosen': {
    level: 'debug',
    meaning: 'How sandboxes are reset',
    fields: ['strategy'],
  },
  'reset-slow': {
    level: 'warn',
    meaning: 'Sandboxes are reset in a way that is slow for large images',
    fields: ['strategy', 'reason'],
  },
  'source-fetched': {
    level: 'info',
    meaning: 'A file of the app was fetched from elsewhere',
    fields: ['url', 'digest', 'ms'],
  },
  // Events of worker processes.
  'reload-failed': {
    level: 'error',
    meaning: 'New workers could not be started: those that there are serve on',
    fields: [...failure],
  },
  'worker-back': {
    level: 'info',
    meaning: 'A worker that had died serves again',
    fields: ['worker', 'pid'],
  },
  'worker-died': {
    level: 'error',
    meaning: 'A worker process ended unasked; another one is started',
    fields: ['worker', 'pid', 'exitCode', 'signal', 'reason', 'delayMs'],
  },
  'admin-listening': {
    level: 'info',
    meaning: "The operator's port is open: metrics are at this URL, the dashboard is at the root of its server",
    fields: ['url'],
  },
  'hosted-app-failed': {
    level: 'error',
    meaning:
      'An app of `mayfly host` cannot be loaded; requests are answered with 503, and it is tried again after five seconds',
    fields: ['app', 'err'],
  },
  'hosted-app-idle': {
    level: 'info',
    meaning: 'An app of `mayfly host` is let go, since nobody calls it or others need its place',
    fields: ['app'],
  },
  'hosted-app-loaded': {
    level: 'info',
    meaning: 'An app of `mayfly host` was loaded, since it was called',
    fields: ['app', 'ms'],
  },
  'hosted-apps-changed': {
    level: 'info',
    meaning: 'The list of apps of `mayfly host` changed, and was read again',
    fields: ['count'],
  },
  'leader-elected': {
    level: 'info',
    meaning: 'This one of several pods leads now: it runs the triggers of which there must be one',
    fields: ['name'],
  },
  'leader-lost': {
    level: 'error',
    meaning: 'This pod led, and could not keep the lease: it ends, and another one takes over',
    fields: ['name', 'reason'],
  },
  'leader-unsure': {
    level: 'warn',
    meaning: 'The cluster could not be asked which pod leads; it is asked again',
    fields: ['name', 'reason'],
  },
  'worker-lead-failed': {
    level: 'error',
    meaning: 'A worker could not start the triggers that one worker runs for all; it ends, and another one tries',
    fields: [...failure],
  },
  'worker-start-failed': {
    level: 'error',
    meaning: 'A worker that had died does not start again; there will be another attempt',
    fields: ['worker', 'delayMs', ...failure],
  },
  'worker-stop-failed': {
    level: 'error',
    meaning: 'A worker met an error while it stopped',
    fields: ['pid', ...failure],
  },
  'worker-stuck': {
    level: 'error',
    meaning: 'A worker no longer answers, and is killed',
    fields: ['pid', 'ms'],
  },
  'workers-started': {
    level: 'debug',
    meaning: 'All workers serve',
    fields: ['port', 'workers'],
  },
} as const satisfies Readonly<Record<string, EventKind>>;

export type EventName = keyof typeof events;

type FieldOf<Name extends EventName> = (typeof events)[Name]['fields'][number];
/** The fields that are added: the log of a component has its id, and the fields about an error are made from it. */
type Added = 'component' | 'inherits' | 'requestId' | 'traceId' | 'spanId' | 'code' | 'limit' | 'value';
type Fields<Name extends EventName> = { readonly [Field in Exclude<FieldOf<Name>, Added>]: unknown } & {
  readonly [Field in Extract<FieldOf<Name>, 'component' | 'requestId' | 'traceId' | 'spanId'>]?: string | undefined;
};

type Writer = Readonly<Record<EventKind['level'], (fields: object, text: string) => void>>;

/** Logs an event. Its text is for people: it does not name the component, which stands in front of it. */
export function logEvent<Name extends EventName>(log: Logger, event: Name, fields: Fields<Name>, text: string): void {
  const error = (fields as { readonly err?: unknown }).err;
  const facts = error === undefined ? undefined : { code: codeOf(error), ...limitOf(error) };
  const writer: Writer = log;
  writer[events[event].level]({ event, ...facts, ...fields }, text);
}

/** The code that the log gives an error. */
export function codeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'internal';
}

function limitOf(error: unknown): { readonly limit: string; readonly value: number } | undefined {
  const reached: ReachedLimit | undefined = error instanceof MayflyError ? error.limit : undefined;
  return reached && { limit: reached.name, value: reached.value };
}
