// Evaluates a program in a sandbox of its engine, before the image is taken that requests start from.
import type { LiftedFunction } from '../component/canon/plan.ts';
import { findExport } from '../component/link/find-export.ts';
import { MayflyError } from '../errors.ts';
import { callFunction } from '../invocation/call-function.ts';
import type { Guest } from '../invocation/exchange.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Bundle } from './bundle/bundle.ts';
import { SourcePositions } from './source-positions.ts';

/** The name under which the engine knows the text of a bundle. */
export const BUNDLE_NAME = 'mayfly-program.js';

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
  { code, map }: Pick<Bundle, 'code' | 'map'>,
  options: { readonly variables: readonly string[] },
): Promise<void> {
  const ended = Promise.withResolvers<boolean>();
  const pool: Guest['pool'] = { acquire: () => sandbox, release: (_, healthy) => ended.resolve(healthy) };
  const entry = { func: programFunction(artifact, 'load') };
  const positions = new SourcePositions(BUNDLE_NAME, map);
  let result: unknown;
  try {
    result = await callFunction({ ...guest, pool }, entry, [code, BUNDLE_NAME, JSON.stringify(options)]);
  } catch (error) {
    if (!(error instanceof MayflyError)) throw error;
    throw new MayflyError('script-failed', `The program ended before any request: ${error.message}`, { cause: error });
  }
  await ended.promise;
  sandbox.instance.context = undefined;
  sandbox.instance.activity = undefined;
  if (isError(result)) throw failure(String(result.val), positions);
}

function isError(result: unknown): result is { readonly tag: 'err'; readonly val: unknown } {
  return (Object(result) as { tag?: unknown }).tag === 'err';
}

/** The engine gives what was thrown as JSON. */
function failure(json: string, positions: SourcePositions): MayflyError {
  let thrown: { readonly name?: unknown; readonly message?: unknown; readonly stack?: unknown } = {};
  try {
    thrown = Object(JSON.parse(json));
  } catch {
    thrown = { message: json };
  }
  const { name, message, stack } = thrown;
  const text = [name, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
  const place = typeof stack === 'string' ? positions.firstIn(stack) : undefined;
  return new MayflyError('script-failed', text || 'The program threw something that is no error', {
    ...(place && { location: place }),
    hint: 'It happens when the program is evaluated, before any request',
  });
}
