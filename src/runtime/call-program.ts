// Calls a function that a program exports, from the process that has loaded it.
import { MayflyError } from '../errors.ts';
import { callFunction } from '../invocation/call-function.ts';
import { isErr } from '../invocation/result.ts';
import { programFunction } from '../script/evaluate.ts';
import { thrownOf } from '../script/thrown.ts';
import { decodeValue, encodeValue } from '../script/values.ts';
import type { LoadedComponent } from './load-component.ts';

/** Rejects with `usage` where there is no program, with what ends the guest, and with an Error for what the program throws. */
export async function callProgram(
  components: readonly LoadedComponent[],
  name: string,
  given: readonly unknown[],
): Promise<unknown> {
  const loaded = components.find(({ component }) => component.script);
  if (!loaded) throw new MayflyError('usage', `Only programs have functions to call, and the app has none: "${name}"`);
  const entry = { func: programFunction(loaded.artifact, 'call') };
  const result = (await callFunction(loaded.guest, entry, [name, encodeValue(given)])) as { readonly val: string };
  if (isErr(result)) throw errorOf(result.val);
  return decodeValue(result.val);
}

/** The error that the program threw: its name and message, and nothing that leads into the guest. */
function errorOf(json: string): Error {
  const { name, message } = thrownOf(json);
  const error = new Error(message);
  error.name = name || 'Error';
  return error;
}
