// Evaluates a program in a sandbox of its engine, before the image is taken that requests start from.
import type { LiftedFunction } from '../component/canon/plan.ts';
import { findExport } from '../component/link/find-export.ts';
import { MayflyError } from '../errors.ts';
import { callFunction } from '../invocation/call-function.ts';
import type { Guest } from '../invocation/exchange.ts';
import { inGivenSandbox } from '../invocation/given-sandbox.ts';
import { isErr } from '../invocation/result.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Positions } from './source-positions.ts';
import { type Thrown, thrownOf } from './thrown.ts';

/** A program as an engine takes it. */
export interface EngineProgram {
  readonly code: string;
  /** The name under which the engine knows it. */
  readonly name: string;
  readonly positions: Positions;
  /** How to mend what it has thrown, where that is known. */
  readonly hintFor?: (thrown: Thrown) => string | undefined;
}

/** The function of an engine component; throws `script-engine` for a component that is none. */
export function programFunction({ plan }: Pick<Artifact, 'plan'>, name: 'load' | 'call' | 'event'): LiftedFunction {
  const found = findExport(plan, 'mayfly:script/program', '0.1.0', name);
  if (found) return found;
  throw new MayflyError('script-engine', `The engine has no function "${name}" of mayfly:script/program@0.1.0`);
}

/** Rejects with `script-failed`, which names the place in the sources, and with what ends a guest. */
export async function evaluate(
  sandbox: Sandbox,
  artifact: Artifact,
  guest: Omit<Guest, 'pool'>,
  program: EngineProgram,
  options: { readonly variables: readonly string[] },
): Promise<void> {
  const params = [program.code, program.name, JSON.stringify(options)];
  const entry = { func: programFunction(artifact, 'load') };
  const { result } = await inGivenSandbox(sandbox, guest, (one) => callFunction(one, entry, params)).catch(toldAs);
  if (isErr(result)) throw failure(String(result.val), program);
}

/** Says when it was that the guest ended. */
function toldAs(error: unknown): never {
  if (!(error instanceof MayflyError)) throw error;
  throw new MayflyError('script-failed', `The program ended before any request: ${error.message}`, { cause: error });
}

function failure(json: string, { positions, hintFor }: EngineProgram): MayflyError {
  const thrown = thrownOf(json);
  const { name, message, stack } = thrown;
  const text = [name, message].filter((part) => part !== '').join(': ');
  const place = positions.firstIn(stack);
  return new MayflyError('script-failed', text || 'The program threw something that is no error', {
    ...(place && { location: place }),
    hint: hintFor?.(thrown) ?? 'It happens when the program is evaluated, before any request',
  });
}
