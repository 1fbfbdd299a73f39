// What one component may know of its app's configuration: its own variables, and nothing else.
import { VariableError, type VariableResolver } from './resolver.ts';

/** Gives the variables of one component. Throws and rejects with a VariableError. */
export interface ComponentVariables {
  get(name: string): string | Promise<string>;
  getAll(): [name: string, value: string][] | Promise<[name: string, value: string][]>;
}

/**
 * Makes the variables of a component. Their templates are expanded at each call, since a provider may change its mind.
 */
export function componentVariables(
  templates: Readonly<Record<string, string>>,
  resolver: VariableResolver,
): ComponentVariables {
  return {
    get(name) {
      if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) {
        throw new VariableError('invalid-name', `"${name}" is no name of a variable: use lower-case words joined by _`);
      }
      const template = Object.hasOwn(templates, name) ? templates[name] : undefined;
      if (template === undefined) throw new VariableError('undefined', `The component has no variable "${name}"`);
      return resolver.expand(template);
    },
    getAll() {
      const values = Object.entries(templates).map(([name, template]) => [name, resolver.expand(template)] as const);
      if (!values.some(([, value]) => value instanceof Promise)) return values as [string, string][];
      return Promise.all(values.map(async ([name, value]) => [name, await value]));
    },
  };
}
