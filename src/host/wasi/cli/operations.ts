// What guests ask of their command line, whatever the version of wasi:cli.
import type { Result } from '../../../component/types/val-type.ts';
import { GuestExit } from '../../../errors.ts';
import type { WasiState } from '../state.ts';

export function environment(state: WasiState): WasiState['environment'] {
  return state.environment;
}

export function commandLine(state: WasiState): WasiState['arguments'] {
  return state.arguments;
}

/** Gives no directory: sandboxes have no working directory. */
export function initialDirectory(): undefined {
  return undefined;
}

export function exit(_state: WasiState, status: Result<undefined, undefined>): never {
  throw new GuestExit(status.tag === 'ok' ? 0 : 1);
}

export function exitWithCode(_state: WasiState, code: number): never {
  throw new GuestExit(code);
}

/** Gives no terminal: no standard stream is one. */
export function terminal(): undefined {
  return undefined;
}
