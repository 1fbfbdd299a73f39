// wasi:cli@0.3 without `run`, which guests export. The standard streams are those of 0.2, as streams of bytes.
import type { StreamReader } from '../../../component/types/streams.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { defineInterface, resource } from '../../service.ts';
import { emptyStream, fromGuest, toGuest } from '../io/byte-streams-0.3.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import type { WasiState } from '../state.ts';
import * as cli from './operations.ts';

type ErrorCode = 'io' | 'illegal-byte-sequence' | 'pipe';
type Done = Result<undefined, ErrorCode>;

/** A stream whose end leaves that of the sandbox open: a guest that drops it may ask for another one. */
function keptOpen(input: InputStream): InputStream {
  return { read: (max) => input.read(max), ready: () => input.ready(), close() {} };
}

function readStdin({ stdin, hostBytes }: WasiState): [object, Promise<Done>] {
  if (stdin.ready() === undefined && isAtEnd(stdin)) return [emptyStream(), Promise.resolve(ok())];
  const { stream, ended } = toGuest(keptOpen(stdin), hostBytes);
  return [stream, ended.then((failure) => (failure === undefined ? ok() : err('io')))];
}

/** Whether there is nothing to read, as for most guests of a server. */
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
      'get-environment': cli.environment,
      'get-arguments': cli.commandLine,
      'get-initial-cwd': cli.initialDirectory,
    },
  }),
  define('exit', { functions: { exit: cli.exit, 'exit-with-code': cli.exitWithCode } }),
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
  define('terminal-stdin', { functions: { 'get-terminal-stdin': cli.terminal } }),
  define('terminal-stdout', { functions: { 'get-terminal-stdout': cli.terminal } }),
  define('terminal-stderr', { functions: { 'get-terminal-stderr': cli.terminal } }),
];
