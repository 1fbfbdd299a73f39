// wasi:cli@0.2 without `run`, which guests export: environment, exit, standard streams, and no terminal anywhere.
import { defineInterface, resource } from '../../service.ts';
import { GuestInputStream, GuestOutputStream } from '../io/resources.ts';
import type { WasiState } from '../state.ts';
import * as cli from './operations.ts';

/**
 * A guest's handle on stdin. The stream belongs to the sandbox: a guest that drops its handle may ask for another one.
 */
class StdinHandle extends GuestInputStream {
  protected override close(): void {}
}
class StdoutHandle extends GuestOutputStream {
  protected override close(): void {}
}

const define = (name: string, functions: Parameters<typeof defineInterface<WasiState>>[3]['functions']) =>
  defineInterface<WasiState>('wasi', `wasi:cli/${name}`, '0.2.12', { functions });
const defineResource = (name: string) =>
  defineInterface<WasiState>('wasi', `wasi:cli/${name}`, '0.2.12', { functions: {}, resources: [resource(name)] });

/** The interfaces that are the same in every version of 0.2. */
export const cliWithoutExit = [
  define('environment', {
    'get-environment': cli.environment,
    'get-arguments': cli.commandLine,
    'initial-cwd': cli.initialDirectory,
  }),
  define('stdin', { 'get-stdin': (state) => new StdinHandle(state, state.stdin) }),
  define('stdout', { 'get-stdout': (state) => new StdoutHandle(state, state.stdout) }),
  define('stderr', { 'get-stderr': (state) => new StdoutHandle(state, state.stderr) }),
  defineResource('terminal-input'),
  defineResource('terminal-output'),
  define('terminal-stdin', { 'get-terminal-stdin': cli.terminal }),
  define('terminal-stdout', { 'get-terminal-stdout': cli.terminal }),
  define('terminal-stderr', { 'get-terminal-stderr': cli.terminal }),
];

export const cliInterfaces = [
  ...cliWithoutExit,
  define('exit', { exit: cli.exit, 'exit-with-code': cli.exitWithCode }),
];
