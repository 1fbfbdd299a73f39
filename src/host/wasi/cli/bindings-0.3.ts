// wasi:cli@0.3 without `run`, which guests export. The standard streams are those of 0.2, as streams of bytes.
import type { StreamReader } from '../../../component/types/streams.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { GuestExit } from '../../../errors.ts';
import { defineInterface, resource } from '../../service.ts';
import { emptyStream, fromGuest, toGuest } from '../io/byte-streams-0.3.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import type { WasiState } from '../state.ts';

type ErrorCode = 'io' | 'illegal-byte-sequence' | 'pipe';
type Done = Result<undefined, ErrorCode>;

const exit = (code: number): never => {
  throw new GuestExit(code);
};

/** A guest that drops its stream may ask for another one: the stream of the sandbox stays open. */
function keptOpen(input: InputStream): InputStream {
  return { read: (max) => input.read(max), ready: () => input.ready(), close() {} };
}

function readStdin({ stdin, hostBytes }: WasiState): [object, Promise<Done>] {
  if (stdin.ready() === undefined && isAtEnd(stdin)) return [emptyStream(), Promise.resolve(ok())];
  const { stream, ended } = toGuest(keptOpen(stdin), hostBytes);
  return [stream, ended.then((failure) => (failure === undefined ? ok() : err('io')))];
}

/** Most guests of a server have nothing on stdin. */
function isAtEnd(input: InputStream): boolean {
  try {
    return input.read(0) === undefined;
  } catch {
    return false;
  }
}

async function write(output: OutputStream, data: StreamReader<number>): Promise<Done> {
  try {
    await fromGuest(data, output, closed);
    return ok();
  } catch (error) {
    return err(error === closed ? 'pipe' : 'io');
  }
}
const closed = Symbol('closed');

const define = (name: string, parts: Parameters<typeof defineInterface<WasiState>>[3]) =>
  defineInterface<WasiState>('wasi', `wasi:cli/${name}`, '0.3.0', parts);

export const cliInterfaces03 = [
  define('environment', {
    functions: {
      'get-environment': (state) => state.environment,
      'get-arguments': (state) => state.arguments,
      'get-initial-cwd': () => undefined,
    },
  }),
  define('exit', {
    functions: {
      exit: (_state, status: Result<undefined, undefined>) => exit(status.tag === 'ok' ? 0 : 1),
      'exit-with-code': (_state, code: number) => exit(code),
    },
  }),
  define('types', { functions: {} }),
  define('stdin', { functions: { 'read-via-stream': readStdin } }),
  define('stdout', {
    functions: { 'write-via-stream': (state, data: StreamReader<number>) => write(state.stdout, data) },
  }),
  define('stderr', {
    functions: { 'write-via-stream': (state, data: StreamReader<number>) => write(state.stderr, data) },
  }),
  define('terminal-input', { functions: {}, resources: [resource('terminal-input')] }),
  define('terminal-output', { functions: {}, resources: [resource('terminal-output')] }),
  define('terminal-stdin', { functions: { 'get-terminal-stdin': () => undefined } }),
  define('terminal-stdout', { functions: { 'get-terminal-stdout': () => undefined } }),
  define('terminal-stderr', { functions: { 'get-terminal-stderr': () => undefined } }),
];
