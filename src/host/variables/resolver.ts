// Finds the values of an app's variables, from each provider in turn, then from the default in the manifest; and fills
// in the templates that use them.
import type { LockedVariable } from '../../app/locked-app.ts';
import { messageOf } from '../../errors.ts';
import type { VariableProvider } from './provider.ts';

/** Why a variable has no value; `kind` is a case of the WIT errors. */
export class VariableError extends Error {
  override readonly name = 'VariableError';
  readonly kind: 'invalid-name' | 'undefined' | 'provider';
  constructor(kind: VariableError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

type Later<T> = T | Promise<T>;

export interface VariableResolver {
  /** Gives a value. Throws or rejects with a VariableError. Answers at once when all providers do. */
  resolve(name: string): Later<string>;
  /** Puts values in the place of `{{ name }}`. The syntax was checked when the manifest was read. */
  expand(template: string): Later<string>;
}

export function createResolver(
  variables: Readonly<Record<string, LockedVariable>>,
  providers: readonly VariableProvider[],
): VariableResolver {
  function resolve(name: string, from = 0): Later<string> {
    for (let index = from; index < providers.length; index++) {
      const value = ask(providers[index]!, name);
      if (value instanceof Promise) return value.then((found) => found ?? resolve(name, index + 1));
      if (value !== undefined) return value;
    }
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (variable === undefined) throw new VariableError('undefined', `The app has no variable "${name}"`);
    return variable.default ?? missing(name);
  }

  return {
    resolve: (name) => resolve(name),
    expand(template) {
      const parts = template
        .split(/\{\{\s*(.*?)\s*\}\}/s)
        .map((part, index) => (index % 2 === 0 ? part : resolve(part)));
      return parts.some((part) => part instanceof Promise) ? Promise.all(parts).then(join) : join(parts as string[]);
    },
  };
}

const join = (parts: readonly string[]): string => parts.join('');

/** Asks a provider. The message of its error may hold its address, but not a value. */
function ask(provider: VariableProvider, name: string): Later<string | undefined> {
  const failed = (error: unknown): never => {
    const message = `Provider "${provider.name}" failed for "${name}": ${messageOf(error)}`;
    throw new VariableError('provider', message, { cause: error });
  };
  try {
    const value = provider.get(name);
    return value instanceof Promise ? value.catch(failed) : value;
  } catch (error) {
    return failed(error);
  }
}

function missing(name: string): never {
  throw new VariableError('provider', `No provider has the required variable "${name}"`);
}
