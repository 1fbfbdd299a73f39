// Finds required variables that no provider gives a value: that is said when an app is loaded, whether or not anything
// uses them, as in Spin.
import type { LockedApp } from '../../app/locked-app.ts';
import { MayflyError } from '../../errors.ts';
import { VariableError, type VariableResolver } from './resolver.ts';

const hint = "Start with '--variable name=value', set SPIN_VARIABLE_NAME, or give it a default instead of 'required'";

/** One problem for each such variable, at its place in the manifest. */
export async function missingVariables({ variables }: LockedApp, resolver: VariableResolver): Promise<MayflyError[]> {
  const problems: MayflyError[] = [];
  for (const [name, { required, location }] of Object.entries(variables)) {
    if (!required) continue;
    try {
      await resolver.resolve(name);
    } catch (cause) {
      if (!(cause instanceof VariableError)) throw cause;
      const message = `Variable "${name}" is required and has no value: ${cause.message}`;
      problems.push(new MayflyError('variable-missing', message, { cause, location, hint }));
    }
  }
  return problems;
}
