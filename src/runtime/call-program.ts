// Calls a function that a program exports, from the process that has loaded it.
import { MayflyError } from '../errors.ts';
import { callFunction } from '../invocation/call-function.ts';
import { programFunction } from '../script/evaluate.ts';
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
  const result = (await callFunction(loaded.guest, entry, [name, encodeValue(given)])) as {
    readonly tag: 'ok' | 'err';
    readonly val: string;
  };
  if (result.tag === 'ok') return decodeValue(result.val);
  throw thrown(result.val);
}

/** The error that the program threw: its name and message, and nothing that leads into the guest. */
function thrown(json: string): Error {
  const { name, message } = Object(JSON.parse(json)) as { readonly name?: unknown; readonly message?: unknown };
  const error = new Error(String(message));
  error.name = typeof name === 'string' && name !== '' ? name : 'Error';
  return error;
}
