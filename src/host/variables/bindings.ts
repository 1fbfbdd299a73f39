// The WIT functions that read variables, in the forms that guests import: fermyon:spin/config and /variables@2,
// spin:variables@3, wasi:config/store. They differ in names and in how they tell errors; the values are the same.
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { defineInterface, suspending } from '../service.ts';
import type { ComponentVariables } from './component-variables.ts';
import { VariableError } from './resolver.ts';
import signatures from './signatures.json' with { type: 'json' };

type Variables = ComponentVariables;
type Tagged = { readonly tag: string; readonly val: string };
/** The answer to a guest. When there is no value it is an error of the interface's own kind, or `none`. */
type Answer<T> = Result<T | undefined, Tagged>;

const get = suspending((state: Variables, name: string) =>
  answer(
    () => state.get(name),
    (error) => err({ tag: error.kind, val: error.message }),
  ),
);

const spinVariables = defineInterface<Variables>('variables', 'fermyon:spin/variables', '2.0.0', {
  signatures: signatures['fermyon:spin/variables@2.0.0'],
  functions: { get },
});

const spinVariables3 = defineInterface<Variables>('variables', 'spin:variables/variables', '3.0.0', {
  signatures: signatures['spin:variables/variables@3.0.0'],
  functions: { get },
});

const spinConfig = defineInterface<Variables>('variables', 'fermyon:spin/config', undefined, {
  signatures: signatures['fermyon:spin/config'],
  functions: {
    'get-config': suspending((state: Variables, key: string) =>
      answer(
        () => state.get(key),
        (error) => err({ tag: error.kind === 'invalid-name' ? 'invalid-key' : 'provider', val: error.message }),
      ),
    ),
  },
});

/** wasi:config/store, which wants `none` for a name that is not there, or cannot be there. */
const wasiConfig = defineInterface<Variables>('variables', 'wasi:config/store', '0.2.0-draft-2024-09-27', {
  signatures: signatures['wasi:config/store@0.2.0-draft-2024-09-27'],
  functions: {
    get: suspending((state: Variables, key: string) =>
      answer(
        () => state.get(key),
        (error) => (error.kind === 'provider' ? err(upstream(error)) : ok(undefined)),
      ),
    ),
    'get-all': suspending((state: Variables) =>
      answer(
        () => state.getAll(),
        (error) => err(upstream(error)),
      ),
    ),
  },
});

export const variablesInterfaces = [spinVariables, spinVariables3, spinConfig, wasiConfig];

function upstream(error: VariableError): Tagged {
  return { tag: 'upstream', val: error.message };
}

/** Answers at once when the value is there: suspending the guest costs more than the look-up. */
function answer<T>(
  get: () => T | Promise<T>,
  failed: (error: VariableError) => Answer<T>,
): Answer<T> | Promise<Answer<T>> {
  const catching = (error: unknown): Answer<T> => {
    if (error instanceof VariableError) return failed(error);
    throw error;
  };
  try {
    const value = get();
    return value instanceof Promise ? value.then((found) => ok(found), catching) : ok(value);
  } catch (error) {
    return catching(error);
  }
}
