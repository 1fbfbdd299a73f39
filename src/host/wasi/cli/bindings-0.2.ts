// wasi:cli@0.2 without `run`, which guests export: environment, exit, standard streams, and no terminal anywhere.
import type { Result } from '../../../component/types/val-type.ts';
import { GuestExit } from '../../../errors.ts';
import { defineInterface, resource } from '../../service.ts';
import { GuestInputStream, GuestOutputStream } from '../io/resources.ts';
import type { WasiState } from '../state.ts';

/** The standard streams belong to the sandbox: a guest that drops its handle may ask for another one. */
class StdinHandle extends GuestInputStream {
  protected override close(): void {}
}
class StdoutHandle extends GuestOutputStream {
  protected override close(): void {}
}

const exit = (code: number): never => {
  throw new GuestExit(code);
};

const define = (name: string, parts: Parameters<typeof defineInterface<WasiState>>[3]) =>
  defineInterface<WasiState>('wasi', `wasi:cli/${name}`, '0.2.12', parts);

export const cliInterfaces = [
  define('environment', {
    functions: {
      'get-environment': (state) => state.environment,
      'get-arguments': (state) => state.arguments,
      'initial-cwd': () => undefined,
    },
  }),
  define('exit', {
    functions: {
      exit: (_state, status: Result<undefined, undefined>) => exit(status.tag === 'ok' ? 0 : 1),
      'exit-with-code': (_state, code: number) => exit(code),
    },
  }),
  define('stdin', { functions: { 'get-stdin': (state) => new StdinHandle(state, state.stdin) } }),
  define('stdout', { functions: { 'get-stdout': (state) => new StdoutHandle(state, state.stdout) } }),
  define('stderr', { functions: { 'get-stderr': (state) => new StdoutHandle(state, state.stderr) } }),
  define('terminal-input', { functions: {}, resources: [resource('terminal-input')] }),
  define('terminal-output', { functions: {}, resources: [resource('terminal-output')] }),
  define('terminal-stdin', { functions: { 'get-terminal-stdin': () => undefined } }),
  define('terminal-stdout', { functions: { 'get-terminal-stdout': () => undefined } }),
  define('terminal-stderr', { functions: { 'get-terminal-stderr': () => undefined } }),
];
