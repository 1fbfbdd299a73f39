// What one component may know of its app's configuration: its own variables, and nothing else.
import { VariableError, type VariableResolver } from './resolver.ts';

/** Gives the variables of one component. Throws and rejects with a VariableError. */
export interface ComponentVariables {
  get(name: string): string | Promise<string>;
  getAll(): [name: string, value: string][] | Promise<[name: string, value: string][]>;
}

/**
 * Makes the variables of the component with that id, which messages name. Their templates are expanded at each call, since a provider may change its mind.
 */
export function componentVariables(
  id: string,
  templates: Readonly<Record<string, string>>,
  resolver: VariableResolver,
): ComponentVariables {
  return {
    get(name) {
      const fault = nameFault(name);
      if (fault !== undefined) throw new VariableError('invalid-name', `"${name}": ${fault}`);
      const template = Object.hasOwn(templates, name) ? templates[name] : undefined;
      if (template === undefined) throw new VariableError('undefined', `no variable for "${id}"."${name}"`);
      return resolver.expand(template);
    },
    getAll() {
      const values = Object.entries(templates).map(([name, template]) => [name, resolver.expand(template)] as const);
      if (!values.some(([, value]) => value instanceof Promise)) return values as [string, string][];
      return Promise.all(values.map(async ([name, value]) => [name, await value]));
    },
  };
}

/** Says what is wrong with a name that a guest asks for, in Spin's words. */
function nameFault(name: string): string | undefined {
  const [stranger] = name.match(/[^a-z0-9_]/u) ?? [];
  if (name === '') return 'must not be empty';
  if (stranger !== undefined)
    return `invalid character '${stranger}'. Variable names may contain only lower-case letters, numbers, and underscores.`;
  if (!/^[a-z]/.test(name)) return 'must start with a lowercase ASCII letter';
  if (name.endsWith('_')) return 'must end with a lowercase ASCII letter or digit';
  return name.includes('__') ? 'must not contain multiple consecutive underscores' : undefined;
}
